package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.CounterName;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Exact counts by the dimensions that a metric keeps: sums, and maxima where the counter is a maximum. */
final class Tally implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Set<CounterName> MAXIMA = EnumSet.of(
            CounterName.LATENCY_MAX,
            CounterName.REQUEST_LATENCY_MAX,
            CounterName.PEAK_LIVE_BLOCKS,
            CounterName.PEAK_LIVE_BYTES);

    private final TreeMap<Key, Long> counts = new TreeMap<>();
    private long rows;

    /** Notes that rows of whatever counters were seen: where counters are, one without rows is zero. */
    void seen(int more) {
        rows += more;
    }

    void add(Key key, long value) {
        if (MAXIMA.contains(key.name())) {
            counts.merge(key, value, Math::max);
        } else {
            counts.merge(key, value, Math::addExact);
        }
    }

    static Tally merge(Tally a, Tally b) {
        Tally sum = new Tally();
        a.counts.forEach(sum::add);
        b.counts.forEach(sum::add);
        sum.rows = Math.addExact(a.rows, b.rows);
        return sum;
    }

    void write(StateWriter out) {
        out.number(rows);
        out.entries(counts, (key, value) -> {
            key.write(out);
            out.number(value);
        });
    }

    static Tally read(StateReader in) {
        Tally tally = new Tally();
        tally.rows = in.number();
        in.entries(() -> tally.counts.put(Key.read(in), in.number()));
        return tally;
    }

    boolean isEmpty() {
        return rows == 0;
    }

    boolean has(CounterName name) {
        return counts.keySet().stream().anyMatch(key -> key.name() == name);
    }

    /** Sum of a counter over all its rows. */
    long sum(CounterName name) {
        return sum(name, key -> true);
    }

    long sum(CounterName name, Predicate<Key> which) {
        long sum = 0;
        for (var entry : counts.entrySet()) {
            if (entry.getKey().name() == name && which.test(entry.getKey())) {
                sum = Math.addExact(sum, entry.getValue());
            }
        }
        return sum;
    }

    /** Largest value of a counter, 0 if it has no row. */
    long max(CounterName name, Predicate<Key> which) {
        long max = 0;
        for (var entry : counts.entrySet()) {
            if (entry.getKey().name() == name && which.test(entry.getKey())) {
                max = Math.max(max, entry.getValue());
            }
        }
        return max;
    }

    /** The rows of a counter in the order of their keys. */
    void each(CounterName name, BiConsumer<Key, Long> action) {
        counts.forEach((key, value) -> {
            if (key.name() == name) {
                action.accept(key, value);
            }
        });
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tally tally && rows == tally.rows && counts.equals(tally.counts);
    }

    @Override
    public int hashCode() {
        return counts.hashCode();
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
