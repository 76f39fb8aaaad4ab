package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
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
    private final ColumnReader[] readers;
    private final TextConverter[] converters;
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
        readers = new ColumnReader[table.fields().size()];
        converters = new TextConverter[table.fields().size()];
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
    private Type check(Path part, MessageType schema, Table.Field field) {
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
        MessageType schema = requested;
        GroupRoot root = new GroupRoot(schema, cache);
        ColumnReadStoreImpl store = new ColumnReadStoreImpl(
                pages, root, schema, file.getFileMetaData().getCreatedBy());
        for (int field = 0; field < readers.length; field++) {
            String name = table.fields().get(field).name();
            boolean present = schema.containsField(name);
            ColumnDescriptor descriptor = present ? schema.getColumnDescription(new String[] {name}) : null;
            readers[field] = present ? store.getColumnReader(descriptor) : null;
            converters[field] = present ? root.converter(schema.getFieldIndex(name)) : null;
        }
        rowsLeft = pages.getRowCount();
    }

    private void fill() {
        batch.rows = (int) Math.min(rowsLeft, batch.capacity);
        for (int field = 0; field < readers.length; field++) {
            if (wanted.get(field)) {
                fillColumn(field);
            }
        }
        rowsLeft -= batch.rows;
    }

    private void fillColumn(int field) {
        ColumnReader reader = readers[field];
        long[] numbers = batch.numbers[field];
        if (reader == null) {
            absent(field);
        } else if (numbers == null) {
            fillTexts(reader, converters[field], batch.texts[field]);
        } else if (table.fields().get(field).type() == Column.Type.INT32) {
            fillInts(reader, numbers);
        } else {
            fillLongs(reader, numbers);
        }
    }

    private void absent(int field) {
        if (batch.numbers[field] != null) {
            Arrays.fill(batch.numbers[field], Event.ABSENT);
        } else {
            Arrays.fill(batch.texts[field], null);
        }
    }

    private void fillLongs(ColumnReader reader, long[] numbers) {
        int defined = reader.getDescriptor().getMaxDefinitionLevel();
        for (int row = 0; row < batch.rows; row++) {
            numbers[row] = reader.getCurrentDefinitionLevel() == defined ? reader.getLong() : Event.ABSENT;
            reader.consume();
        }
    }

    private void fillInts(ColumnReader reader, long[] numbers) {
        int defined = reader.getDescriptor().getMaxDefinitionLevel();
        for (int row = 0; row < batch.rows; row++) {
            numbers[row] = reader.getCurrentDefinitionLevel() == defined ? reader.getInteger() : Event.ABSENT;
            reader.consume();
        }
    }

    private void fillTexts(ColumnReader reader, TextConverter converter, String[] texts) {
        int defined = reader.getDescriptor().getMaxDefinitionLevel();
        for (int row = 0; row < batch.rows; row++) {
            if (reader.getCurrentDefinitionLevel() == defined) {
                reader.writeCurrentValueToConverter();
                texts[row] = converter.value();
            } else {
                texts[row] = null;
            }
            reader.consume();
        }
    }

    private TraceException damaged(Exception e) {
        Path part = parts.get(Math.max(0, nextPart - 1));
        String where = file == null ? "" : ", row group " + group;
        return new TraceException(
                "'" + part + "' cannot be read as Parquet" + where + ": " + reason(e)
                        + " (truncated, damaged or another kind of file)",
                e);
    }

    private static String reason(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("").strip();
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

    /** One instance of each text, so that later comparisons are by reference mostly. */
    static final class TextCache {
        private static final int MOST = 1 << 16;
        private final Map<String, String> texts = new HashMap<>();

        String of(String text) {
            String known = texts.size() < MOST ? texts.putIfAbsent(text, text) : texts.get(text);
            return known == null ? text : known;
        }
    }
}
