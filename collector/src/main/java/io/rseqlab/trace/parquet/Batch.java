package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import java.util.Arrays;

/** Rows of a table, column by column: the form in which both writer and reader move them. */
final class Batch {
    final long[][] numbers;
    final String[][] texts;
    final int capacity;
    int rows;

    Batch(Table table, int capacity) {
        this.capacity = capacity;
        int width = table.fields().size();
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

    /** Makes a field absent in every row. */
    void clear(int field) {
        if (numbers[field] != null) {
            Arrays.fill(numbers[field], Event.ABSENT);
        } else {
            Arrays.fill(texts[field], null);
        }
    }
}
