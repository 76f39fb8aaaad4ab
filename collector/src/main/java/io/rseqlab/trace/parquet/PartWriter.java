package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one part file. It has a temporary name until {@link #close}, so that a part that bears its proper name is
 * whole.
 */
final class PartWriter {
    /** Rows handed over at once; page sizes are checked only between batches. */
    static final int BATCH_ROWS = 4096;

    private static final int PAGE_ROWS = 8 * BATCH_ROWS;
    private static final int NO_PADDING = 0;
    private static final int TRUNCATE_LENGTH = 64;

    private final Table table;
    private final MessageType schema;
    private final Path target;
    private final Path temporary;
    private final ParquetProperties properties;
    private final BytesInputCompressor compressor = new Zstd().getCompressor(CompressionCodecName.ZSTD);
    private final ParquetFileWriter file;
    private final int groupRows;
    private final Map<String, Binary> binaries = new IdentityHashMap<>();
    private ColumnChunkPageWriteStore pages;
    private ColumnWriteStore columns;
    private ColumnWriter[] writers;
    private long rowsInGroup;
    private long rows;

    PartWriter(Table table, Path target, int groupRows) throws IOException {
        this.table = table;
        this.target = target;
        this.groupRows = groupRows;
        schema = table.schema();
        temporary = target.resolveSibling("." + target.getFileName() + ".open");
        properties = properties(table);
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

    private static ParquetProperties properties(Table table) {
        ParquetProperties.Builder builder = ParquetProperties.builder()
                .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
                .withAllocator(HeapByteBufferAllocator.getInstance())
                .estimateRowCountForPageSizeCheck(false)
                .withMinRowCountForPageSizeCheck(BATCH_ROWS)
                .withMaxRowCountForPageSizeCheck(BATCH_ROWS)
                .withPageRowCountLimit(PAGE_ROWS)
                .withSizeStatisticsEnabled(false)
                .withDictionaryEncoding(true);
        for (Table.Field field : table.fields()) {
            builder.withDictionaryEncoding(field.name(), field.dictionary());
        }
        return builder.build();
    }

    long rows() {
        return rows;
    }

    /** Writes a batch; all but the last of a row group must be full, see {@link #BATCH_ROWS}. */
    void write(Batch batch) throws IOException {
        if (columns == null) {
            openGroup();
        }
        for (int field = 0; field < writers.length; field++) {
            writeColumn(writers[field], table.fields().get(field), batch, field);
        }
        for (int row = 0; row < batch.rows; row++) {
            columns.endRecord();
        }
        rowsInGroup += batch.rows;
        rows += batch.rows;
        if (rowsInGroup >= groupRows) {
            closeGroup();
        }
    }

    private void openGroup() {
        pages = new ColumnChunkPageWriteStore(
                compressor, schema, HeapByteBufferAllocator.getInstance(), TRUNCATE_LENGTH, true);
        columns = properties.newColumnWriteStore(schema, pages, pages);
        List<ColumnDescriptor> descriptors = schema.getColumns();
        writers = new ColumnWriter[descriptors.size()];
        for (int field = 0; field < writers.length; field++) {
            writers[field] = columns.getColumnWriter(descriptors.get(field));
        }
        rowsInGroup = 0;
    }

    private void writeColumn(ColumnWriter writer, Table.Field field, Batch batch, int index) {
        int present = field.required() ? 0 : 1;
        if (field.type() == Column.Type.TEXT) {
            writeTexts(writer, batch.texts[index], batch.rows, present);
        } else if (field.type() == Column.Type.INT32) {
            writeInts(writer, batch.numbers[index], batch.rows, present);
        } else {
            writeLongs(writer, batch.numbers[index], batch.rows, present);
        }
    }

    private static void writeLongs(ColumnWriter writer, long[] values, int rows, int present) {
        for (int row = 0; row < rows; row++) {
            if (values[row] == Event.ABSENT) {
                writer.writeNull(0, 0);
            } else {
                writer.write(values[row], 0, present);
            }
        }
    }

    private static void writeInts(ColumnWriter writer, long[] values, int rows, int present) {
        for (int row = 0; row < rows; row++) {
            if (values[row] == Event.ABSENT) {
                writer.writeNull(0, 0);
            } else {
                writer.write(Math.toIntExact(values[row]), 0, present);
            }
        }
    }

    private void writeTexts(ColumnWriter writer, String[] values, int rows, int present) {
        String last = null;
        Binary lastBinary = null;
        for (int row = 0; row < rows; row++) {
            String value = values[row];
            if (value == null) {
                writer.writeNull(0, 0);
                continue;
            }
            if (value != last) {
                last = value;
                lastBinary = binary(value);
            }
            writer.write(lastBinary, 0, present);
        }
    }

    private Binary binary(String value) {
        Binary known = binaries.get(value);
        if (known == null) {
            known = Binary.fromString(value);
            if (binaries.size() < BATCH_ROWS) {
                binaries.put(value, known);
            }
        }
        return known;
    }

    private void closeGroup() throws IOException {
        file.startBlock(rowsInGroup);
        columns.flush();
        pages.flushToFileWriter(file);
        file.endBlock();
        columns.close();
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
}
