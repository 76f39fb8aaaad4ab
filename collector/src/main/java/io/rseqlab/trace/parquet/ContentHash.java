package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Digest of a table's decoded columns. It does not depend on parts, row groups, encodings or codec: each column is
 * digested by itself as its present values in row order, every one preceded by its distance from the last.
 */
final class ContentHash {
    private final Table table;
    private final List<ColumnHash> columns = new ArrayList<>();
    private long rows;

    ContentHash(Table table) {
        this.table = table;
        for (Table.Field field : table.fields()) {
            columns.add(new ColumnHash(field));
        }
    }

    void add(Batch batch) {
        for (int field = 0; field < columns.size(); field++) {
            ColumnHash column = columns.get(field);
            if (table.fields().get(field).type() == Column.Type.TEXT) {
                column.addTexts(batch.texts[field], batch.rows, rows);
            } else {
                column.addNumbers(batch.numbers[field], batch.rows, rows);
            }
        }
        rows += batch.rows;
    }

    private void finish(MessageDigest digest) {
        digest.update((table.name() + " " + rows + "\n").getBytes(StandardCharsets.UTF_8));
        for (ColumnHash column : columns) {
            column.finish(digest);
        }
    }

    /** The digest over several tables, in that order, hexadecimal. */
    static String combine(List<ContentHash> tables) {
        MessageDigest digest = sha256();
        for (ContentHash table : tables) {
            table.finish(digest);
        }
        return hex(digest.digest());
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte each : bytes) {
            text.append(Character.forDigit((each >> 4) & 15, 16)).append(Character.forDigit(each & 15, 16));
        }
        return text.toString();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static final class ColumnHash {
        private static final int LONGEST_VARINT = 10;

        private final Table.Field field;
        private final MessageDigest digest = sha256();
        private final byte[] buffer = new byte[4096];
        private final Map<String, Integer> codes = new HashMap<>();
        private int used;
        private long lastRow = -1;
        private long lastValue;
        private String lastText;
        private int lastCode;

        ColumnHash(Table.Field field) {
            this.field = field;
        }

        void addNumbers(long[] values, int count, long firstRow) {
            for (int row = 0; row < count; row++) {
                long value = values[row];
                if (value != Event.ABSENT) {
                    putRow(firstRow + row);
                    putSigned(value - lastValue);
                    lastValue = value;
                }
            }
        }

        void addTexts(String[] values, int count, long firstRow) {
            for (int row = 0; row < count; row++) {
                String value = values[row];
                if (value != null) {
                    putRow(firstRow + row);
                    putText(value);
                }
            }
        }

        /** A text is written out where it first occurs and by its number afterwards. */
        @SuppressWarnings("ReferenceEquality")
        private void putText(String value) {
            if (value != lastText) {
                lastText = value;
                Integer code = codes.putIfAbsent(value, codes.size());
                if (code == null) {
                    lastCode = codes.size() - 1;
                    put(lastCode);
                    putBytes(value.getBytes(StandardCharsets.UTF_8));
                    return;
                }
                lastCode = code;
            }
            put(lastCode);
        }

        private void putBytes(byte[] bytes) {
            put(bytes.length);
            flush();
            digest.update(bytes);
        }

        private void putRow(long row) {
            put(row - lastRow);
            lastRow = row;
        }

        private void putSigned(long value) {
            put((value << 1) ^ (value >> 63));
        }

        private void put(long value) {
            if (used > buffer.length - LONGEST_VARINT) {
                flush();
            }
            long rest = value;
            while ((rest & ~127L) != 0) {
                buffer[used++] = (byte) (rest | 128);
                rest >>>= 7;
            }
            buffer[used++] = (byte) rest;
        }

        private void flush() {
            digest.update(buffer, 0, used);
            used = 0;
        }

        void finish(MessageDigest whole) {
            flush();
            whole.update(field.name().getBytes(StandardCharsets.UTF_8));
            whole.update(digest.digest());
        }
    }
}
