package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.KERNEL_RSEQ_EXIT;
import static io.rseqlab.trace.CounterName.KERNEL_RSEQ_FIXUP;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the kernel counts of restartable sequences, under its own names. */
final class KernelMetrics {
    private static final String PREFIX = "kernel_rseq_";
    private static final Set<CounterName> COUNTERS = EnumSet.range(KERNEL_RSEQ_EXIT, KERNEL_RSEQ_FIXUP);

    private KernelMetrics() {}

    static List<MetricInfo> all() {
        return List.of(MetricInfo.ofCounters(
                "kernel_rseq",
                "",
                "the kernel's own counters, as in debugfs rseq/stats: " + names(),
                COUNTERS,
                Set.of(),
                (tally, scope) -> group(tally)));
    }

    private static String names() {
        return String.join(
                ", ", COUNTERS.stream().map(KernelMetrics::kernelName).toList());
    }

    private static String kernelName(CounterName name) {
        return name.id().substring(PREFIX.length());
    }

    private static MetricValue group(Tally tally) {
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        COUNTERS.forEach(name -> parts.put(kernelName(name), MetricValue.of(tally.sum(name), "")));
        return MetricValue.group("", parts);
    }
}
