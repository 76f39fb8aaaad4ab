package io.rseqlab.trace.parquet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one part file. It has a temporary name until {@link #close}, so that a part that bears its proper name is
 * whole.
 */
final class PartWriter {
    /**
     * Rows handed over at once, which become one page of each column. No power of two: columns would lie in the same
     * sets of a cache.
     */
    static final int BATCH_ROWS = 10_000;

    private static final int NO_PADDING = 0;
    private static final int TRUNCATE_LENGTH = 64;

    private final Table table;
    private final MessageType schema;
    private final Path target;
    private final Path temporary;
    private final BytesInputCompressor compressor = new Zstd().getCompressor(CompressionCodecName.ZSTD);
    private final ParquetFileWriter file;
    private final int groupRows;
    private ColumnChunkPageWriteStore pages;
    private ColumnEncoder[] columns;
    private long rowsInGroup;
    private long rows;

    PartWriter(Table table, Path target, int groupRows) throws IOException {
        this.table = table;
        this.target = target;
        this.groupRows = groupRows;
        schema = table.schema();
        temporary = target.resolveSibling("." + target.getFileName() + ".open");
        file = new ParquetFileWriter(
                new LocalOutputFile(temporary),
                schema,
                ParquetFileWriter.Mode.OVERWRITE,
                Long.MAX_VALUE,
                NO_PADDING,
                TRUNCATE_LENGTH,
                TRUNCATE_LENGTH,
                true);
        file.start();
    }

    long rows() {
        return rows;
    }

    /** Begins a batch; each column must be written before it ends. */
    void beginBatch() {
        if (columns == null) {
            openGroup();
        }
    }

    void writeColumn(int field, Dense values) throws IOException {
        columns[field].writePage(values);
    }

    void endBatch(int batchRows) throws IOException {
        rowsInGroup += batchRows;
        rows += batchRows;
        if (rowsInGroup >= groupRows) {
            closeGroup();
        }
    }

    private void openGroup() {
        pages = new ColumnChunkPageWriteStore(
                compressor, schema, HeapByteBufferAllocator.getInstance(), TRUNCATE_LENGTH, true);
        List<ColumnDescriptor> descriptors = schema.getColumns();
        columns = new ColumnEncoder[descriptors.size()];
        for (int field = 0; field < columns.length; field++) {
            PageWriter page = pages.getPageWriter(descriptors.get(field));
            columns[field] = ColumnEncoder.of(table.fields().get(field), page);
        }
        rowsInGroup = 0;
    }

    private void closeGroup() throws IOException {
        for (ColumnEncoder column : columns) {
            column.finish();
        }
        file.startBlock(rowsInGroup);
        pages.flushToFileWriter(file);
        file.endBlock();
        pages.close();
        columns = null;
    }

    /** Ends the part and gives it its proper name. */
    void close(Map<String, String> footer) throws IOException {
        if (columns != null) {
            closeGroup();
        }
        file.end(footer);
        compressor.release();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Gives the part up: nothing is left of it. */
    void discard() {
        compressor.release();
        try {
            file.close();
        } catch (IOException e) {
            // The rest could not be written; it is not wanted either.
        }
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // It stays, under a name that readers pass over. The failure before this one is told.
        }
    }
}
