package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.IDLE_CYCLES;
import static io.rseqlab.trace.CounterName.KERNEL_CYCLES;
import static io.rseqlab.trace.CounterName.MICRO_OPS;
import static io.rseqlab.trace.CounterName.OPS;
import static io.rseqlab.trace.CounterName.THREAD_OPS;
import static io.rseqlab.trace.CounterName.USER_CYCLES;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How much work was done, at what price, and how evenly. */
final class ThroughputMetrics {
    private ThroughputMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.total(OPS, "ops"),
                MetricInfo.rate(
                        "throughput_ops_per_s",
                        "ops/s",
                        "workload operations of all threads per second of the measured window",
                        OPS,
                        Scope::seconds),
                MetricInfo.ratio(
                        "cycles_per_op",
                        "cycles/op",
                        "cycles in user mode per workload operation, the workload's own work included",
                        USER_CYCLES,
                        OPS,
                        1),
                MetricInfo.ratio(
                        "micro_ops_per_op",
                        "micro-ops/op",
                        "micro-operations executed per workload operation",
                        MICRO_OPS,
                        OPS,
                        1),
                cpuShare(),
                fairness());
    }

    private static MetricInfo cpuShare() {
        Set<CounterName> inputs = EnumSet.of(USER_CYCLES, KERNEL_CYCLES, IDLE_CYCLES);
        return MetricInfo.ofCounters(
                "cpu_share", "", "share of CPU time in user mode, in the kernel and idle", inputs, Set.of(), (t, s) -> {
                    long all = t.sum(USER_CYCLES) + t.sum(KERNEL_CYCLES) + t.sum(IDLE_CYCLES);
                    Map<String, MetricValue> parts = new LinkedHashMap<>();
                    parts.put("user", MetricValue.ratio(t.sum(USER_CYCLES), all, 1, ""));
                    parts.put("kernel", MetricValue.ratio(t.sum(KERNEL_CYCLES), all, 1, ""));
                    parts.put("idle", MetricValue.ratio(t.sum(IDLE_CYCLES), all, 1, ""));
                    return MetricValue.group("", parts);
                });
    }

    private static MetricInfo fairness() {
        return MetricInfo.ofCounters(
                "fairness_jain",
                "",
                "Jain's index over the operations of the threads under test: 1 is even, 1/threads is one thread only",
                EnumSet.of(THREAD_OPS),
                EnumSet.of(Dimension.THREAD),
                (tally, scope) -> jain(tally, scope.info().threads().size()));
    }

    private static MetricValue jain(Tally tally, int declaredThreads) {
        long[] count = new long[1];
        double[] sums = new double[2];
        tally.each(THREAD_OPS, (key, ops) -> {
            count[0]++;
            sums[0] += ops;
            sums[1] += (double) ops * ops;
        });
        long threads = Math.max(count[0], declaredThreads);
        return sums[1] == 0
                ? MetricValue.noData("", "no thread completed an operation")
                : MetricValue.of(sums[0] * sums[0] / (threads * sums[1]), "");
    }
}
