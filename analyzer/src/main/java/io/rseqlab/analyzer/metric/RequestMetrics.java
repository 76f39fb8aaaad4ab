package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.REQUESTS_OFFERED;
import static io.rseqlab.trace.CounterName.REQUESTS_SERVED;
import static io.rseqlab.trace.CounterName.REQUEST_LATENCY;
import static io.rseqlab.trace.CounterName.REQUEST_LATENCY_MAX;
import static io.rseqlab.trace.CounterName.REQUEST_LATENCY_SUM;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** What becomes of requests that arrive at a rate of their own. */
final class RequestMetrics {
    private static final String PER_SECOND = "1/s";

    private RequestMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                of(
                        "request_latency_ns",
                        "ns",
                        "time from a request's arrival to its end, waiting included, of those that arrived and ended"
                                + " in the window; quantiles are the upper ends of buckets at most 1/64 wide",
                        EnumSet.of(REQUESTS_OFFERED, REQUEST_LATENCY, REQUEST_LATENCY_SUM, REQUEST_LATENCY_MAX),
                        EnumSet.of(Dimension.BUCKET),
                        (tally, scope) -> latency(tally, 1e9 / scope.info().clockHz())),
                of(
                        "requests_per_s",
                        PER_SECOND,
                        "requests that arrived (offered), and those of them that were done in the window (served), per"
                                + " second of it",
                        EnumSet.of(REQUESTS_OFFERED, REQUESTS_SERVED),
                        Set.of(),
                        RequestMetrics::rates),
                of(
                        "requests_served_share",
                        "",
                        "requests done in the window over those that arrived in it: clearly below 1, more arrive than"
                                + " are served",
                        EnumSet.of(REQUESTS_OFFERED, REQUESTS_SERVED),
                        Set.of(),
                        (tally, scope) ->
                                MetricValue.ratio(tally.sum(REQUESTS_SERVED), tally.sum(REQUESTS_OFFERED), 1, "")));
    }

    /** A metric that has no value where no requests arrive by themselves. */
    private static MetricInfo of(
            String id,
            String unit,
            String meaning,
            Set<CounterName> inputs,
            Set<Dimension> kept,
            BiFunction<Tally, Scope, MetricValue> presenter) {
        return MetricInfo.ofCounters(
                id,
                unit,
                meaning,
                inputs,
                kept,
                (tally, scope) -> tally.has(REQUESTS_OFFERED)
                        ? presenter.apply(tally, scope)
                        : MetricValue.noData(unit, "the workload's requests do not arrive by themselves"));
    }

    private static MetricValue latency(Tally tally, double nsPerCycle) {
        Histogram histogram = new Histogram();
        tally.each(REQUEST_LATENCY, (key, count) -> histogram.addBucket(key.bucket(), count));
        histogram.addSum(tally.sum(REQUEST_LATENCY_SUM));
        histogram.addMax(tally.max(REQUEST_LATENCY_MAX, key -> true));
        return histogram.presentFar("ns", nsPerCycle);
    }

    private static MetricValue rates(Tally tally, Scope scope) {
        if (scope.seconds() <= 0) {
            return MetricValue.noData(PER_SECOND, "the measured window is empty");
        }
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("offered", MetricValue.of(tally.sum(REQUESTS_OFFERED) / scope.seconds(), PER_SECOND));
        parts.put("served", MetricValue.of(tally.sum(REQUESTS_SERVED) / scope.seconds(), PER_SECOND));
        return MetricValue.group(PER_SECOND, parts);
    }
}
