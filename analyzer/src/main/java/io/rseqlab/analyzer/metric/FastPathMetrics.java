package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.ALLOCATOR_CYCLES;
import static io.rseqlab.trace.CounterName.LATENCY;
import static io.rseqlab.trace.CounterName.LOCAL_OPS;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How often the fast path was enough, in three forms side by side: as the strategy declares it, as the machine observes
 * it, and by the cycles it took.
 */
final class FastPathMetrics {
    private FastPathMetrics() {}

    static List<MetricInfo> all() {
        return List.of(hitRatio(), opsByTier(), misses());
    }

    private static MetricInfo hitRatio() {
        return MetricInfo.ofCounters(
                "fast_path_hit_ratio",
                "",
                "of malloc and free: share of operations in tier 0 (declared), share without atomic, system call,"
                        + " wait or foreign metadata line (local), share of allocator cycles in tier 0 (cycles)",
                EnumSet.of(LATENCY, LOCAL_OPS, ALLOCATOR_CYCLES),
                EnumSet.of(Dimension.OP, Dimension.TIER),
                (tally, scope) -> byOp(tally));
    }

    private static MetricValue byOp(Tally tally) {
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        for (String op : LatencyMetrics.OPS) {
            long ops = tally.sum(LATENCY, key -> op.equals(key.op()));
            long local = tally.sum(LOCAL_OPS, key -> op.equals(key.op()));
            Map<String, MetricValue> forms = new LinkedHashMap<>();
            forms.put("declared", tierZero(tally, LATENCY, op));
            forms.put("local", MetricValue.ratio(local, ops, 1, ""));
            forms.put("cycles", tierZero(tally, ALLOCATOR_CYCLES, op));
            parts.put(op, MetricValue.group("", forms));
        }
        return MetricValue.group("", parts);
    }

    private static MetricValue tierZero(Tally tally, CounterName name, String op) {
        long fast =
                tally.sum(name, key -> op.equals(key.op()) && Integer.valueOf(0).equals(key.tier()));
        return MetricValue.ratio(fast, tally.sum(name, key -> op.equals(key.op())), 1, "");
    }

    private static MetricInfo misses() {
        return MetricInfo.ofCounters(
                "misses",
                "",
                "share of mallocs that left the fast path (underflow), of frees that did (overflow), and frees that did"
                        + " over mallocs that did: near 0 where a cache holds all that is freed, near 1 where it is too"
                        + " small",
                EnumSet.of(LATENCY),
                EnumSet.of(Dimension.OP, Dimension.TIER),
                (tally, scope) -> misses(tally));
    }

    private static MetricValue misses(Tally tally) {
        long underflows = slow(tally, "malloc");
        long overflows = slow(tally, "free");
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put(
                "underflow",
                MetricValue.ratio(underflows, tally.sum(LATENCY, key -> "malloc".equals(key.op())), 1, ""));
        parts.put("overflow", MetricValue.ratio(overflows, tally.sum(LATENCY, key -> "free".equals(key.op())), 1, ""));
        parts.put("overflow_per_underflow", MetricValue.ratio(overflows, underflows, 1, ""));
        return MetricValue.group("", parts);
    }

    private static long slow(Tally tally, String op) {
        return tally.sum(LATENCY, key -> op.equals(key.op()) && key.tier() != null && key.tier() > 0);
    }

    private static MetricInfo opsByTier() {
        return MetricInfo.ofCounters(
                "ops_by_tier",
                "",
                "share of malloc and free by tier: 0 is the fast path as the strategy declares it",
                EnumSet.of(LATENCY),
                EnumSet.of(Dimension.OP, Dimension.TIER),
                (tally, scope) -> shares(tally));
    }

    private static MetricValue shares(Tally tally) {
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        for (String op : LatencyMetrics.OPS) {
            TreeMap<Integer, Long> tiers = new TreeMap<>();
            tally.each(LATENCY, (key, count) -> {
                if (op.equals(key.op()) && key.tier() != null) {
                    tiers.merge(key.tier(), count, Math::addExact);
                }
            });
            long all = tiers.values().stream().mapToLong(Long::longValue).sum();
            Map<String, MetricValue> tierParts = new LinkedHashMap<>();
            new TreeSet<>(tiers.keySet())
                    .forEach(tier -> tierParts.put("tier_" + tier, MetricValue.ratio(tiers.get(tier), all, 1, "")));
            parts.put(
                    op,
                    tierParts.isEmpty()
                            ? MetricValue.noData("", "no " + op + " was counted")
                            : MetricValue.group("", tierParts));
        }
        return MetricValue.group("", parts);
    }
}
