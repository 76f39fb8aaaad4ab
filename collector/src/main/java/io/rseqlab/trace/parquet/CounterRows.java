package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.TraceException;

/** Turns counters into rows of {@link Table#COUNTERS} and back. */
final class CounterRows {
    private static final int NAME = 0;
    private static final int START = 1;
    private static final int END = 2;
    private static final int CPU = 3;
    private static final int THREAD = 4;
    private static final int OP = 5;
    private static final int TIER = 6;
    private static final int SECTION = 7;
    private static final int OFFSET = 8;
    private static final int BUCKET = 9;
    private static final int DETAIL = 10;
    private static final int VALUE = 11;

    private CounterRows() {}

    static void put(Counter counter, Batch batch) {
        batch.put(NAME, counter.name().id());
        put(batch, START, counter.startCycle());
        put(batch, END, counter.endCycle());
        put(batch, CPU, counter.cpu());
        put(batch, THREAD, counter.thread());
        put(batch, OP, counter.op());
        put(batch, TIER, counter.tier());
        put(batch, SECTION, counter.section());
        put(batch, OFFSET, counter.offset());
        put(batch, BUCKET, counter.bucket());
        put(batch, DETAIL, counter.detail());
        batch.put(VALUE, counter.value());
    }

    private static void put(Batch batch, int field, Number value) {
        if (value != null) {
            batch.put(field, value.longValue());
        }
    }

    private static void put(Batch batch, int field, String value) {
        if (value != null) {
            batch.put(field, value);
        }
    }

    static Counter get(Batch batch, int row) {
        CounterName name = CounterName.of(batch.texts[NAME][row]);
        if (name == null) {
            throw new TraceException("counter '" + batch.texts[NAME][row] + "' is unknown to this version");
        }
        return new Counter(
                name,
                longOrNull(batch, START, row),
                longOrNull(batch, END, row),
                intOrNull(batch, CPU, row),
                intOrNull(batch, THREAD, row),
                textOrNull(batch, OP, row),
                intOrNull(batch, TIER, row),
                textOrNull(batch, SECTION, row),
                intOrNull(batch, OFFSET, row),
                intOrNull(batch, BUCKET, row),
                textOrNull(batch, DETAIL, row),
                batch.numbers[VALUE][row]);
    }

    private static Long longOrNull(Batch batch, int field, int row) {
        return batch.has(field, row) ? batch.numbers[field][row] : null;
    }

    private static Integer intOrNull(Batch batch, int field, int row) {
        return batch.has(field, row) ? Math.toIntExact(batch.numbers[field][row]) : null;
    }

    private static String textOrNull(Batch batch, int field, int row) {
        return batch.has(field, row) ? batch.texts[field][row] : null;
    }
}
