package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How to analyze.
 *
 * @param threads host threads; changes no number
 * @param events whether to read events: without, the metrics that need them are "no data" and any trace is summed up
 *     from its counters alone
 * @param timeline whether to make timelines; needs events
 * @param metrics ids of the metrics to compute; what only others need is not read
 */
public record AnalyzerOptions(int threads, boolean events, boolean timeline, Set<String> metrics) {
    private static final Set<String> EVERY_METRIC =
            Metrics.ALL.stream().map(MetricInfo::id).collect(Collectors.toUnmodifiableSet());

    /** Everything, on all processors. */
    public static final AnalyzerOptions DEFAULT =
            new AnalyzerOptions(Runtime.getRuntime().availableProcessors(), true, true);

    public AnalyzerOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1: " + threads);
        }
        metrics = Set.copyOf(metrics);
        events = events && (timeline || selected(metrics).stream().anyMatch(MetricInfo::fromEvents));
    }

    /** Every metric. */
    public AnalyzerOptions(int threads, boolean events, boolean timeline) {
        this(threads, events, timeline, EVERY_METRIC);
    }

    /** The metrics in the order of tables. */
    static List<MetricInfo> selected(Set<String> metrics) {
        return Metrics.ALL.stream().filter(info -> metrics.contains(info.id())).toList();
    }
}
