package io.rseqlab.trace.parquet;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * Tables of results as one Parquet file: few rows, in one row group, and parquet-java's own column writers. Traces,
 * which are large, are written by {@link TraceWriter}.
 */
public final class ResultFile {
    private static final int TRUNCATE_LENGTH = 64;

    private ResultFile() {}

    /** What a column holds. */
    public enum Kind {
        /** Strings. */
        TEXT(PrimitiveTypeName.BINARY),
        /** 64-bit whole numbers. */
        WHOLE(PrimitiveTypeName.INT64),
        /** 64-bit floating-point numbers. */
        REAL(PrimitiveTypeName.DOUBLE);

        private final PrimitiveTypeName primitive;

        Kind(PrimitiveTypeName primitive) {
            this.primitive = primitive;
        }
    }

    /**
     * A column, whose values may be absent.
     *
     * @param name its name
     * @param kind what it holds
     */
    public record Field(String name, Kind kind) {
        private Type type() {
            var builder = Types.optional(kind.primitive);
            return (kind == Kind.TEXT ? builder.as(LogicalTypeAnnotation.stringType()) : builder).named(name);
        }
    }

    /**
     * Writes a table.
     *
     * @param rows values in the order of the fields: texts, or numbers; null for none
     * @param stream takes the file; it is left open
     */
    public static void write(String name, List<Field> fields, List<List<Object>> rows, OutputStream stream)
            throws IOException {
        Zstd.require();
        List<Type> types = new ArrayList<>();
        fields.forEach(field -> types.add(field.type()));
        MessageType schema = new MessageType(name, types);
        ParquetFileWriter file = new ParquetFileWriter(
                new Streamed(stream),
                schema,
                ParquetFileWriter.Mode.CREATE,
                Long.MAX_VALUE,
                0,
                TRUNCATE_LENGTH,
                TRUNCATE_LENGTH,
                true);
        file.start();
        if (!rows.isEmpty()) {
            writeRows(schema, fields, rows, file);
        }
        file.end(Map.of());
    }

    private static void writeRows(
            MessageType schema, List<Field> fields, List<List<Object>> rows, ParquetFileWriter file)
            throws IOException {
        ColumnChunkPageWriteStore pages = new ColumnChunkPageWriteStore(
                new Zstd().getCompressor(CompressionCodecName.ZSTD),
                schema,
                HeapByteBufferAllocator.getInstance(),
                TRUNCATE_LENGTH,
                true);
        ColumnWriteStore columns = ParquetProperties.builder().build().newColumnWriteStore(schema, pages);
        RecordConsumer consumer = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(columns);
        for (List<Object> row : rows) {
            consumer.startMessage();
            for (int i = 0; i < fields.size(); i++) {
                if (row.get(i) != null) {
                    consumer.startField(fields.get(i).name(), i);
                    put(consumer, fields.get(i), row.get(i));
                    consumer.endField(fields.get(i).name(), i);
                }
            }
            consumer.endMessage();
        }
        consumer.flush();
        columns.flush();
        file.startBlock(rows.size());
        pages.flushToFileWriter(file);
        file.endBlock();
        columns.close();
        pages.close();
    }

    private static void put(RecordConsumer consumer, Field field, Object value) {
        switch (field.kind()) {
            case TEXT -> consumer.addBinary(Binary.fromString(value.toString()));
            case WHOLE -> consumer.addLong(((Number) value).longValue());
            case REAL -> consumer.addDouble(((Number) value).doubleValue());
        }
    }

    /** A stream as Parquet wants its files. */
    private record Streamed(OutputStream stream) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new Counted(stream);
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return new Counted(stream);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }

    private static final class Counted extends PositionOutputStream {
        private final OutputStream stream;
        private long position;

        Counted(OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            stream.write(b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            stream.flush();
        }
    }
}
