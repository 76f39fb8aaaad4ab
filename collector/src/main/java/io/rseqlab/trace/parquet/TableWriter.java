package io.rseqlab.trace.parquet;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Writes a table as parts that are closed as they fill. */
final class TableWriter {
    private final Table table;
    private final Path directory;
    private final WriterOptions options;
    private final Map<String, String> footer;
    private final Batch batch;
    private final ContentHash hash;
    private final Dense dense = new Dense(PartWriter.BATCH_ROWS);
    private PartWriter part;
    private int parts;

    TableWriter(Table table, Path directory, WriterOptions options, Map<String, String> footer) {
        this.table = table;
        this.directory = directory;
        this.options = options;
        this.footer = footer;
        batch = new Batch(table, PartWriter.BATCH_ROWS);
        hash = new ContentHash(table);
    }

    Batch batch() {
        return batch;
    }

    ContentHash hash() {
        return hash;
    }

    /** Ends the row that the caller has put at {@code batch().rows}. */
    void endRow() {
        if (++batch.rows == batch.capacity) {
            flush();
        }
    }

    private void flush() {
        try {
            if (part == null) {
                part = new PartWriter(table, directory.resolve(table.partName(parts)), options.groupRows());
                parts++;
            }
            writeBatch();
            if (part.rows() >= options.partRows()) {
                closePart();
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private void writeBatch() throws IOException {
        part.beginBatch();
        hash.addRows(batch);
        for (int field = 0; field < table.fields().size(); field++) {
            dense.take(batch, field);
            hash.addColumn(field, dense);
            part.writeColumn(field, dense);
        }
        part.endBatch(batch.rows);
        batch.clear();
    }

    private void closePart() throws IOException {
        part.close(footer);
        part = null;
    }

    /** Closes the part under way, if there is one, so that readers have all rows so far. */
    void endPart() {
        if (batch.rows > 0) {
            flush();
        }
        try {
            if (part != null) {
                closePart();
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    /** Ends the table. One without rows has no part. */
    void close() {
        endPart();
    }

    /** Gives up what no part holds yet. */
    void discard() {
        batch.clear();
        if (part != null) {
            part.discard();
            part = null;
        }
    }

    private OutputException cannotWrite(IOException e) {
        return OutputException.cannotWrite(table.name() + " to '" + directory + "'", e);
    }
}
