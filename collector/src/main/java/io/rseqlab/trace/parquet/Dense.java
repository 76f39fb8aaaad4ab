package io.rseqlab.trace.parquet;

/**
 * The values of one field of a batch without the rows that lack it. Taken once for all who use them, and without a
 * branch per row: which rows have a value is as good as random.
 */
final class Dense {
    long[] numbers = new long[0];
    String[] texts = new String[0];
    /** One bit per row, least significant first; only kept where some rows have a value and some lack it. */
    byte[] bits = new byte[0];

    int rows;
    int count;

    void take(Batch batch, int field) {
        rows = batch.rows;
        int room = batch.present.length;
        if (batch.numbers[field] == null) {
            texts = texts.length < room ? new String[room] : texts;
        } else {
            numbers = numbers.length < room ? new long[room] : numbers;
        }
        count = batch.numbers[field] != null
                ? takeNumbers(batch.numbers[field], batch.present, field)
                : takeTexts(batch.texts[field], batch.present, field);
        if (count > 0 && count < rows) {
            int bytes = (room + 7) / 8;
            bits = bits.length < bytes ? new byte[bytes] : bits;
            takeBits(batch.present, field);
        }
    }

    private int takeNumbers(long[] values, int[] present, int field) {
        int taken = 0;
        for (int row = 0; row < rows; row++) {
            numbers[taken] = values[row];
            taken += present[row] >>> field & 1;
        }
        return taken;
    }

    private int takeTexts(String[] values, int[] present, int field) {
        int taken = 0;
        for (int row = 0; row < rows; row++) {
            texts[taken] = values[row];
            taken += present[row] >>> field & 1;
        }
        return taken;
    }

    private void takeBits(int[] present, int field) {
        int whole = rows & ~7;
        for (int row = 0; row < whole; row += 8) {
            int value = 0;
            for (int bit = 0; bit < 8; bit++) {
                value |= (present[row + bit] >>> field & 1) << bit;
            }
            bits[row >> 3] = (byte) value;
        }
        int rest = 0;
        for (int row = whole; row < rows; row++) {
            rest |= (present[row] >>> field & 1) << (row & 7);
        }
        if (whole < rows) {
            bits[whole >> 3] = (byte) rest;
        }
    }
}
