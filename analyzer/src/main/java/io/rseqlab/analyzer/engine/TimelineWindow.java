package io.rseqlab.analyzer.engine;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.RunInfo;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The short window of a trace that its timeline shows.
 *
 * @param startCycle first tick
 * @param endCycle first tick after
 */
record TimelineWindow(long startCycle, long endCycle) {
    private static final double SECONDS = 0.04;
    private static final Set<CounterName> WORTH_SEEING =
            EnumSet.of(CounterName.ABORTS, CounterName.MIGRATIONS, CounterName.PREEMPTIONS);

    /** The first window in which most kinds of what is worth seeing happen; a short run is shown whole. */
    static TimelineWindow choose(RunInfo info, List<Counter> counters) {
        long start = info.windowStartCycle();
        long end = Math.max(start + 1, info.windowEndCycle());
        long length = Math.max(1, Math.round(SECONDS * info.clockHz()));
        if (end - start <= length + length / 2) {
            return new TimelineWindow(start, end);
        }
        TreeMap<Long, Set<CounterName>> kinds = kindsByStart(counters, start, end);
        long best = start;
        int most = 0;
        for (Long candidate : kinds.keySet()) {
            long from = Math.min(candidate, end - length);
            int seen = seen(kinds.subMap(from, true, from + length, false));
            if (seen > most) {
                most = seen;
                best = from;
            }
        }
        return new TimelineWindow(best, best + length);
    }

    private static TreeMap<Long, Set<CounterName>> kindsByStart(List<Counter> counters, long start, long end) {
        TreeMap<Long, Set<CounterName>> kinds = new TreeMap<>();
        for (Counter counter : counters) {
            Long at = counter.startCycle();
            if (at != null && at >= start && at < end && counter.value() > 0) {
                if (WORTH_SEEING.contains(counter.name())) {
                    kinds.computeIfAbsent(at, key -> EnumSet.noneOf(CounterName.class))
                            .add(counter.name());
                }
            }
        }
        return kinds;
    }

    private static int seen(Map<Long, Set<CounterName>> kinds) {
        Set<CounterName> all = EnumSet.noneOf(CounterName.class);
        kinds.values().forEach(all::addAll);
        return all.size();
    }
}
