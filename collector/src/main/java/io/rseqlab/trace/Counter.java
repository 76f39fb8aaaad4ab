package io.rseqlab.trace;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One exact count: a row of {@code counters-*.parquet}. Counts do not depend on which events a trace keeps, so every
 * total can be had from them alone. Fields that do not apply are null.
 *
 * @param name which count, see {@link CounterName}
 * @param startCycle first tick of the interval counted, null for a count of the whole measured window
 * @param endCycle first tick after the interval, null for a count of the whole measured window
 * @param cpu the CPU, null for all
 * @param thread the thread, null for all
 * @param op malloc or free
 * @param tier 0 for the fast path
 * @param section name of the section
 * @param offset instruction inside the section
 * @param bucket bucket of {@link LogLinear} for histograms
 * @param detail a further name (system call, kind of line)
 * @param value the count
 */
public record Counter(
        CounterName name,
        Long startCycle,
        Long endCycle,
        Integer cpu,
        Integer thread,
        String op,
        Integer tier,
        String section,
        Integer offset,
        Integer bucket,
        String detail,
        long value) {

    private static final Set<CounterName> PEAKS = EnumSet.of(
            CounterName.LATENCY_MAX,
            CounterName.REQUEST_LATENCY_MAX,
            CounterName.STRANDED_BYTES,
            CounterName.UNSTRANDED_BYTES,
            CounterName.HEAP_BYTES,
            CounterName.PAGE_HEAP_BYTES,
            CounterName.PEAK_LIVE_BLOCKS,
            CounterName.PEAK_LIVE_BYTES);

    /** A count of one CPU over one interval. */
    public static Counter ofInterval(CounterName name, long startCycle, long endCycle, int cpu, long value) {
        return new Counter(name, startCycle, endCycle, cpu, null, null, null, null, null, null, null, value);
    }

    /** A count of the whole measured window. */
    public static Counter ofWindow(CounterName name, long value) {
        return new Counter(name, null, null, null, null, null, null, null, null, null, null, value);
    }

    /** Sums by counter id; of what is a peak, the highest. */
    public static Map<String, Long> totals(Iterable<Counter> counters) {
        Map<String, Long> totals = new TreeMap<>();
        for (Counter counter : counters) {
            boolean peak = PEAKS.contains(counter.name());
            totals.merge(counter.name().id(), counter.value(), peak ? Math::max : Math::addExact);
        }
        return totals;
    }
}
