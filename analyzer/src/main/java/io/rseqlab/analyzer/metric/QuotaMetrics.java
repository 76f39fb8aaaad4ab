package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.NR_PERIODS;
import static io.rseqlab.trace.CounterName.NR_THROTTLED;
import static io.rseqlab.trace.CounterName.THROTTLED_USEC;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a quota of CPU time keeps a process from. */
final class QuotaMetrics {
    private static final Set<CounterName> COUNTERS = EnumSet.of(NR_PERIODS, NR_THROTTLED, THROTTLED_USEC);
    private static final double US_PER_S = 1e6;

    private QuotaMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.ofCounters(
                        "cpu_quota",
                        "",
                        "the kernel's own counts of a quota, as in cgroup v2's cpu.stat: nr_periods, nr_throttled,"
                                + " throttled_usec",
                        COUNTERS,
                        Set.of(),
                        (tally, scope) -> tally.has(NR_PERIODS) ? counts(tally) : none()),
                MetricInfo.ofCounters(
                        "throttled_cpu_share",
                        "",
                        "time in which a CPU was throttled by a quota over the time of all CPUs; idle time is that too",
                        COUNTERS,
                        Set.of(),
                        (tally, scope) -> tally.has(NR_PERIODS) && scope.cpuSeconds() > 0
                                ? MetricValue.of(tally.sum(THROTTLED_USEC) / US_PER_S / scope.cpuSeconds(), "")
                                : none()));
    }

    private static MetricValue counts(Tally tally) {
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        COUNTERS.forEach(name -> parts.put(name.id(), MetricValue.of(tally.sum(name), "")));
        return MetricValue.group("", parts);
    }

    private static MetricValue none() {
        return MetricValue.noData("", "the run had no quota");
    }
}
