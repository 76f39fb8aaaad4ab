package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * Digest of a table's decoded columns. It does not depend on parts, row groups, encodings or codec: one digest takes
 * for each row which columns it has, and each column is digested by itself as its present values in row order.
 */
final class ContentHash {
    private final Table table;
    private final ByteDigest presence = new ByteDigest();
    private final List<ColumnHash> columns = new ArrayList<>();
    private int lastMask;
    private long sameMasks;
    private long rows;

    ContentHash(Table table) {
        this.table = table;
        for (Table.Field field : table.fields()) {
            columns.add(new ColumnHash(field));
        }
    }

    /** Takes a batch whole. */
    void add(Batch batch, Dense scratch) {
        addRows(batch);
        for (int field = 0; field < columns.size(); field++) {
            scratch.take(batch, field);
            addColumn(field, scratch);
        }
    }

    /** Takes which columns the rows of a batch have. */
    void addRows(Batch batch) {
        for (int row = 0; row < batch.rows; row++) {
            int mask = batch.present[row];
            if (mask != lastMask) {
                presence.put(mask);
                presence.put(sameMasks);
                lastMask = mask;
                sameMasks = 0;
            }
            sameMasks++;
        }
        rows += batch.rows;
    }

    /** Takes the values of one column. */
    void addColumn(int field, Dense values) {
        if (table.fields().get(field).type() == Column.Type.TEXT) {
            columns.get(field).addTexts(values);
        } else {
            columns.get(field).addNumbers(values);
        }
    }

    private void finish(MessageDigest digest) {
        digest.update((table.name() + " " + rows + "\n").getBytes(StandardCharsets.UTF_8));
        presence.put(sameMasks);
        presence.finish(digest);
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
        private final Table.Field field;
        private final ByteDigest digest = new ByteDigest();
        private final TextCodes codes = new TextCodes();
        private long lastValue;

        ColumnHash(Table.Field field) {
            this.field = field;
        }

        void addNumbers(Dense values) {
            long last = lastValue;
            for (int index = 0; index < values.count; index++) {
                long step = values.numbers[index] - last;
                last = values.numbers[index];
                digest.put((step << 1) ^ (step >> 63));
            }
            lastValue = last;
        }

        /** A text is written out where it first occurs and by its number afterwards. */
        void addTexts(Dense values) {
            for (int index = 0; index < values.count; index++) {
                int known = codes.size();
                int code = codes.codeOf(values.texts[index]);
                digest.put(code);
                if (code == known) {
                    digest.put(values.texts[index].getBytes(StandardCharsets.UTF_8));
                }
            }
        }

        void finish(MessageDigest whole) {
            whole.update(field.name().getBytes(StandardCharsets.UTF_8));
            digest.finish(whole);
        }
    }

    /** A digest fed with numbers of variable length, seven bits to a byte. */
    private static final class ByteDigest {
        private static final int LONGEST = 10;
        /** Most columns of most traces have less to digest; there are ninety digests to a trace. */
        private static final int FIRST_BYTES = 256;

        private static final int BYTES = 4096;

        private final MessageDigest digest = sha256();
        private byte[] buffer = new byte[FIRST_BYTES];
        private int used;

        void put(long value) {
            if (used > buffer.length - LONGEST) {
                flush();
                buffer = buffer.length < BYTES ? new byte[BYTES] : buffer;
            }
            if ((value & ~127L) == 0) {
                buffer[used++] = (byte) value;
            } else {
                putLonger(value);
            }
        }

        private void putLonger(long value) {
            long rest = value;
            while ((rest & ~127L) != 0) {
                buffer[used++] = (byte) (rest | 128);
                rest >>>= 7;
            }
            buffer[used++] = (byte) rest;
        }

        void put(byte[] bytes) {
            put(bytes.length);
            flush();
            digest.update(bytes);
        }

        private void flush() {
            digest.update(buffer, 0, used);
            used = 0;
        }

        void finish(MessageDigest whole) {
            flush();
            whole.update(digest.digest());
        }
    }
}
