package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;

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
}
