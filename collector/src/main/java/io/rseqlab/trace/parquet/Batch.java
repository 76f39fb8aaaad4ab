package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.util.Arrays;

/**
 * Rows of a table, column by column: the form in which both writer and reader move them. It takes memory as rows come:
 * most traces of a study have a few hundred rows, and making room for a whole batch took longer than writing them.
 */
final class Batch {
    private static final int FIRST_ROWS = 60;
    private static final int GROWTH = 4;

    /** Bits by field for each row: which fields have a value. The values of others mean nothing. */
    int[] present;

    final long[][] numbers;
    final String[][] texts;
    final int capacity;
    int rows;

    Batch(Table table, int capacity) {
        this.capacity = capacity;
        int width = table.fields().size();
        present = new int[Math.min(FIRST_ROWS, capacity)];
        numbers = new long[width][];
        texts = new String[width][];
        for (int field = 0; field < width; field++) {
            if (table.fields().get(field).type() == Column.Type.TEXT) {
                texts[field] = new String[present.length];
            } else {
                numbers[field] = new long[present.length];
            }
        }
    }

    /** Ends the row that is being filled; there is room for the next one then, up to the capacity. */
    void endRow() {
        if (++rows == present.length) {
            reserve(Math.min(capacity, GROWTH * rows));
        }
    }

    /** Makes room for so many rows; what rows hold stays. */
    void reserve(int room) {
        if (room <= present.length) {
            return;
        }
        present = Arrays.copyOf(present, room);
        for (int field = 0; field < numbers.length; field++) {
            if (numbers[field] == null) {
                texts[field] = Arrays.copyOf(texts[field], room);
            } else {
                numbers[field] = Arrays.copyOf(numbers[field], room);
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
