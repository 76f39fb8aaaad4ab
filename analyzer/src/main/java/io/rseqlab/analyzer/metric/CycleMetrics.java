package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.ALLOCATOR_CYCLES;
import static io.rseqlab.trace.CounterName.IDLE_CYCLES;
import static io.rseqlab.trace.CounterName.KERNEL_CYCLES;
import static io.rseqlab.trace.CounterName.OPS;
import static io.rseqlab.trace.CounterName.USER_CYCLES;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the cycles of all CPUs go, per workload operation: whole counts over one denominator, so that the parts add up
 * to the whole exactly. The whole is CPUs times clock over throughput: what makes an operation dear is in it, be it
 * work, the kernel, or a CPU that has nothing to run.
 */
final class CycleMetrics {
    private CycleMetrics() {}

    static List<MetricInfo> all() {
        return List.of(MetricInfo.ofCounters(
                "cpu_cycles_per_op",
                "cycles/op",
                "cycles of all CPUs per workload operation, by where they go: in malloc and free in their fast (tier 0)"
                        + " and slow paths, outside of them in user mode, in the kernel, idle; the parts add up to all",
                EnumSet.of(OPS, USER_CYCLES, KERNEL_CYCLES, IDLE_CYCLES, ALLOCATOR_CYCLES),
                EnumSet.of(Dimension.OP, Dimension.TIER),
                (tally, scope) -> parts(tally)));
    }

    private static MetricValue parts(Tally tally) {
        long user = tally.sum(USER_CYCLES);
        long kernel = tally.sum(KERNEL_CYCLES);
        long idle = tally.sum(IDLE_CYCLES);
        Map<String, Long> cycles = new LinkedHashMap<>();
        cycles.put("all", user + kernel + idle);
        long inside = 0;
        for (String op : LatencyMetrics.OPS) {
            long fast = allocator(tally, op, true);
            long slow = allocator(tally, op, false);
            cycles.put(op + "_fast", fast);
            cycles.put(op + "_slow", slow);
            inside += fast + slow;
        }
        cycles.put("outside", user - inside);
        cycles.put("kernel", kernel);
        cycles.put("idle", idle);
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        cycles.forEach((name, count) -> parts.put(name, MetricValue.ratio(count, tally.sum(OPS), 1, "cycles/op")));
        return MetricValue.group("cycles/op", parts);
    }

    private static long allocator(Tally tally, String op, boolean fast) {
        return tally.sum(
                ALLOCATOR_CYCLES,
                key -> op.equals(key.op()) && Integer.valueOf(0).equals(key.tier()) == fast);
    }
}
