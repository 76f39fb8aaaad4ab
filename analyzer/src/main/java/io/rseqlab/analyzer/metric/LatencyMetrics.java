package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.LATENCY;
import static io.rseqlab.trace.CounterName.LATENCY_MAX;
import static io.rseqlab.trace.CounterName.LATENCY_SUM;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How long malloc and free took, from the exact histograms in the counters: totals do not depend on kept rows. */
final class LatencyMetrics {
    static final List<String> OPS = List.of("malloc", "free");

    private static final String UNIT = "cycles";
    private static final Set<CounterName> INPUTS = EnumSet.of(LATENCY, LATENCY_SUM, LATENCY_MAX);
    private static final Set<Dimension> KEPT = EnumSet.of(Dimension.OP, Dimension.BUCKET);

    private LatencyMetrics() {}

    static List<MetricInfo> all() {
        return List.of(MetricInfo.ofCounters(
                "latency_cycles",
                UNIT,
                "cycles from the first to the last instruction of malloc and free, descheduled time included;"
                        + " quantiles are the upper ends of buckets at most 1/64 wide",
                INPUTS,
                KEPT,
                (tally, scope) -> latency(tally)));
    }

    private static MetricValue latency(Tally tally) {
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        for (String op : OPS) {
            parts.put(op, histogram(tally, op).present(UNIT, 1));
        }
        return MetricValue.group(UNIT, parts);
    }

    /** The histograms themselves, by operation; operations without any are missing. */
    static Metric<Tally, Counter, Map<String, LatencyHistogram>> histograms(Scope scope) {
        return new CounterMetric<>(INPUTS, KEPT, scope, LatencyMetrics::sparse, Map.of());
    }

    private static Map<String, LatencyHistogram> sparse(Tally tally) {
        Map<String, LatencyHistogram> histograms = new LinkedHashMap<>();
        for (String op : OPS) {
            Histogram histogram = histogram(tally, op);
            if (histogram.count() > 0) {
                histograms.put(op, histogram.sparse(UNIT));
            }
        }
        return histograms;
    }

    private static Histogram histogram(Tally tally, String op) {
        Histogram histogram = new Histogram();
        tally.each(LATENCY, (key, count) -> {
            if (op.equals(key.op()) && key.bucket() != null) {
                histogram.addBucket(key.bucket(), count);
            }
        });
        histogram.addSum(tally.sum(LATENCY_SUM, key -> op.equals(key.op())));
        histogram.addMax(tally.max(LATENCY_MAX, key -> op.equals(key.op())));
        return histogram;
    }
}
