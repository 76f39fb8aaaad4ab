package io.rseqlab.trace.parquet;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes a table as parts that are closed as they fill. Whoever fills rows in is not held up by their encoding: another
 * thread does it, one batch behind. A table of less than a batch needs no other thread.
 */
final class TableWriter {
    private static final ExecutorService ENCODERS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "trace encoder");
        thread.setDaemon(true);
        return thread;
    });

    private final Table table;
    private final Path directory;
    private final WriterOptions options;
    private final Map<String, String> footer;
    /** Being filled. */
    private Batch batch;
    /** Being encoded, or empty; null before the first was full. */
    private Batch spare;
    /** Encodes the spare batch; null when nothing is under way. */
    private Future<?> encoding;

    private final ContentHash hash;
    private final Dense dense = new Dense();
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

    /** All rows so far, null if some are written or about to be. */
    Batch held() {
        return parts == 0 && encoding == null ? batch : null;
    }

    /** The digest of all rows; only after {@link #close}. */
    ContentHash hash() {
        return hash;
    }

    /** Ends the row that the caller has put at {@code batch().rows}. */
    void endRow() {
        batch.endRow();
        if (batch.rows == batch.capacity) {
            handOver();
        }
    }

    /** Has the full batch encoded elsewhere; waits only if the one before is not done yet. */
    private void handOver() {
        await();
        Batch full = batch;
        batch = spare == null ? new Batch(table, PartWriter.BATCH_ROWS) : spare;
        spare = full;
        encoding = ENCODERS.submit(() -> flush(full));
    }

    /** Waits for the encoder, and fails as it has failed. */
    private void await() {
        Future<?> under = encoding;
        encoding = null;
        boolean interrupted = false;
        while (under != null) {
            try {
                under.get();
                under = null;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) e.getCause();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void flush(Batch batch) {
        try {
            if (part == null) {
                part = new PartWriter(table, directory.resolve(table.partName(parts)), options.groupRows());
                parts++;
            }
            writeBatch(batch);
            if (part.rows() >= options.partRows()) {
                closePart();
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private void writeBatch(Batch batch) throws IOException {
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
        await();
        if (batch.rows > 0) {
            flush(batch);
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
        try {
            await();
        } catch (OutputException e) {
            // what is given up need not be written
        }
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
