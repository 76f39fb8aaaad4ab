package io.rseqlab.analyzer.engine;

/**
 * How to analyze.
 *
 * @param threads host threads; changes no number
 * @param events whether to read events: without, the metrics that need them are "no data" and any trace is summed up
 *     from its counters alone
 * @param timeline whether to make timelines; needs events
 */
public record AnalyzerOptions(int threads, boolean events, boolean timeline) {
    /** Everything, on all processors. */
    public static final AnalyzerOptions DEFAULT =
            new AnalyzerOptions(Runtime.getRuntime().availableProcessors(), true, true);

    public AnalyzerOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1: " + threads);
        }
    }
}
