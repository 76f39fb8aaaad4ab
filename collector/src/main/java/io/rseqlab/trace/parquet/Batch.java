package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.util.Arrays;

/** Rows of a table, column by column: the form in which both writer and reader move them. */
final class Batch {
    /** Bits by field for each row: which fields have a value. The values of others mean nothing. */
    final int[] present;

    final long[][] numbers;
    final String[][] texts;
    final int capacity;
    int rows;

    Batch(Table table, int capacity) {
        this.capacity = capacity;
        int width = table.fields().size();
        present = new int[capacity];
        numbers = new long[width][];
        texts = new String[width][];
        for (int field = 0; field < width; field++) {
            if (table.fields().get(field).type() == Column.Type.TEXT) {
                texts[field] = new String[capacity];
            } else {
                numbers[field] = new long[capacity];
            }
        }
    }

    /** Puts a number into the row that is being filled. */
    void put(int field, long value) {
        numbers[field][rows] = value;
        present[rows] |= 1 << field;
    }

    /** Puts a text into the row that is being filled. */
    void put(int field, String value) {
        texts[field][rows] = value;
        present[rows] |= 1 << field;
    }

    boolean has(int field, int row) {
        return (present[row] & 1 << field) != 0;
    }

    /** Makes the batch empty. */
    void clear() {
        Arrays.fill(present, 0);
        rows = 0;
    }
}
