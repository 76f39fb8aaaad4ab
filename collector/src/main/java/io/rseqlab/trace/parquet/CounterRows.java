package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.TraceException;
import java.util.Map;
import java.util.TreeMap;

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
        int row = batch.rows;
        batch.texts[NAME][row] = counter.name().id();
        batch.numbers[START][row] = orAbsent(counter.startCycle());
        batch.numbers[END][row] = orAbsent(counter.endCycle());
        batch.numbers[CPU][row] = orAbsent(counter.cpu());
        batch.numbers[THREAD][row] = orAbsent(counter.thread());
        batch.texts[OP][row] = counter.op();
        batch.numbers[TIER][row] = orAbsent(counter.tier());
        batch.texts[SECTION][row] = counter.section();
        batch.numbers[OFFSET][row] = orAbsent(counter.offset());
        batch.numbers[BUCKET][row] = orAbsent(counter.bucket());
        batch.texts[DETAIL][row] = counter.detail();
        batch.numbers[VALUE][row] = counter.value();
    }

    static Counter get(Batch batch, int row) {
        CounterName name = CounterName.of(batch.texts[NAME][row]);
        if (name == null) {
            throw new TraceException("counter '" + batch.texts[NAME][row] + "' is unknown to this version");
        }
        return new Counter(
                name,
                longOrNull(batch.numbers[START][row]),
                longOrNull(batch.numbers[END][row]),
                intOrNull(batch.numbers[CPU][row]),
                intOrNull(batch.numbers[THREAD][row]),
                batch.texts[OP][row],
                intOrNull(batch.numbers[TIER][row]),
                batch.texts[SECTION][row],
                intOrNull(batch.numbers[OFFSET][row]),
                intOrNull(batch.numbers[BUCKET][row]),
                batch.texts[DETAIL][row],
                batch.numbers[VALUE][row]);
    }

    /** Sums by counter id; of what is a peak, the highest. */
    static Map<String, Long> totals(Iterable<Counter> counters) {
        Map<String, Long> totals = new TreeMap<>();
        for (Counter counter : counters) {
            boolean peak = counter.name() == CounterName.LATENCY_MAX || counter.name() == CounterName.PEAK_LIVE_BLOCKS;
            totals.merge(counter.name().id(), counter.value(), peak ? Math::max : Math::addExact);
        }
        return totals;
    }

    private static long orAbsent(Number value) {
        return value == null ? Event.ABSENT : value.longValue();
    }

    private static Long longOrNull(long value) {
        return value == Event.ABSENT ? null : value;
    }

    private static Integer intOrNull(long value) {
        return value == Event.ABSENT ? null : Math.toIntExact(value);
    }
}
