package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Reads some columns of a table from its parts, batch by batch. */
final class TableReader implements AutoCloseable {
    private final Table table;
    private final BitSet wanted;
    private final List<Path> parts;
    private final Batch batch;
    private final TextCache cache = new TextCache();
    private final ColumnDecoder[] decoders;
    private int nextPart;
    private ParquetFileReader file;
    private MessageType requested;
    private long rowsLeft;
    private int group;

    TableReader(Table table, BitSet wanted, List<Path> parts) {
        this.table = table;
        this.wanted = wanted;
        this.parts = parts;
        batch = new Batch(table, PartWriter.BATCH_ROWS);
        decoders = new ColumnDecoder[table.fields().size()];
    }

    Batch batch() {
        return batch;
    }

    /** Fills the batch with the next rows; false at the end. */
    boolean next() {
        try {
            while (rowsLeft == 0) {
                if (!nextGroup()) {
                    return false;
                }
            }
            fill();
            return true;
        } catch (IOException | RuntimeException e) {
            throw e instanceof TraceException known ? known : damaged(e);
        }
    }

    private boolean nextGroup() throws IOException {
        while (true) {
            if (file == null) {
                if (nextPart == parts.size()) {
                    return false;
                }
                open(parts.get(nextPart++));
            }
            PageReadStore pages = file.readNextRowGroup();
            if (pages != null) {
                group++;
                startGroup(pages);
                return true;
            }
            closeFile();
        }
    }

    private void open(Path part) throws IOException {
        group = 0;
        file = ParquetFileReader.open(new LocalInputFile(part), options());
        MessageType schema = file.getFileMetaData().getSchema();
        List<Type> projected = new ArrayList<>();
        for (int field = 0; field < table.fields().size(); field++) {
            Type type = check(part, schema, table.fields().get(field));
            if (wanted.get(field) && type != null) {
                projected.add(type);
            }
        }
        requested = new MessageType(table.name(), projected);
        file.setRequestedSchema(requested);
    }

    static ParquetReadOptions options() {
        return ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new Zstd())
                .usePageChecksumVerification()
                .build();
    }

    /** The field's type in the file; null where an older file lacks a nullable column. */
    static Type check(Path part, MessageType schema, Table.Field field) {
        if (!schema.containsField(field.name())) {
            if (field.required()) {
                throw new TraceException(
                        "'" + part + "' is no part of a trace: it lacks the column " + field.name() + "; it has "
                                + schema.getFields().stream().map(Type::getName).toList());
            }
            return null;
        }
        Type type = schema.getType(field.name());
        boolean same = type.isPrimitive()
                && !type.isRepetition(Type.Repetition.REPEATED)
                && type.asPrimitiveType().getPrimitiveTypeName() == field.primitive();
        if (!same) {
            throw new TraceException("'" + part + "' is no part of a trace: its column " + field.name() + " is " + type
                    + " instead of " + field.parquetType());
        }
        return type;
    }

    private void startGroup(PageReadStore pages) {
        for (int field = 0; field < decoders.length; field++) {
            String name = table.fields().get(field).name();
            decoders[field] = requested.containsField(name) ? decoder(pages, field, name) : null;
        }
        rowsLeft = pages.getRowCount();
    }

    private ColumnDecoder decoder(PageReadStore pages, int field, String name) {
        ColumnDescriptor descriptor = requested.getColumnDescription(new String[] {name});
        Column.Type type = table.fields().get(field).type();
        return new ColumnDecoder(type, descriptor, pages.getPageReader(descriptor), cache);
    }

    private void fill() throws IOException {
        batch.clear();
        int rows = (int) Math.min(rowsLeft, batch.capacity);
        batch.reserve(rows);
        batch.rows = rows;
        for (int field = 0; field < decoders.length; field++) {
            if (decoders[field] != null) {
                decoders[field].fill(batch, field);
            }
        }
        rowsLeft -= batch.rows;
    }

    private TraceException damaged(Exception e) {
        Path part = parts.get(Math.max(0, nextPart - 1));
        return damaged(part, file == null ? "" : ", row group " + group, e);
    }

    /** What to say of a part that cannot be read. */
    static TraceException damaged(Path part, String where, Exception e) {
        return new TraceException(
                "'" + part + "' cannot be read as Parquet" + where + ": " + reason(e)
                        + " (truncated, damaged or another kind of file)",
                e);
    }

    private static String reason(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines()
                .findFirst()
                .orElse("")
                .strip()
                .replaceFirst("^\\S*InputFile\\S* is not a Parquet file", "it is not a Parquet file");
    }

    private void closeFile() throws IOException {
        file.close();
        file = null;
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                closeFile();
            }
        } catch (IOException e) {
            throw new TraceException("cannot close '" + parts.get(nextPart - 1) + "': " + reason(e), e);
        }
    }
}
