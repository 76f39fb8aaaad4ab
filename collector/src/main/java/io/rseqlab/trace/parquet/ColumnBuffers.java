package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;

/** Putting rows into the buffers of columns by itself, without encoding, for benchmarks. */
public final class ColumnBuffers {
    private ColumnBuffers() {}

    /** Puts so many rows of all numeric columns of events; answers something that depends on them. */
    public static LongUnaryOperator fill() {
        Table table = Table.EVENTS;
        Batch batch = new Batch(table, PartWriter.BATCH_ROWS);
        int width = table.fields().size();
        int[] numeric = IntStream.range(0, width)
                .filter(field -> table.fields().get(field).type() != Column.Type.TEXT)
                .toArray();
        return times -> {
            for (long i = 0; i < times; i++) {
                for (int field : numeric) {
                    batch.put(field, i + field);
                }
                batch.endRow();
                if (batch.rows == batch.capacity) {
                    batch.clear();
                }
            }
            return batch.numbers[numeric[0]][0];
        };
    }
}
