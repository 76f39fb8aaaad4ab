package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.PairedRuns;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.collector.run.RatioOfRuns;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What traces say of one strategy's throughput against another's, by the method of compare. Each is read once. */
final class ThroughputRatios implements RatioOfRuns {
    private static final String METRIC = "throughput_ops_per_s";
    private static final double CONFIDENCE = 0.95;

    /** Of a trace, or NaN where it has none. */
    private final Map<Path, Double> known = new HashMap<>();

    @Override
    public synchronized Ratio of(List<Path> candidate, List<Path> baseline) {
        PairedRuns paired = PairedRuns.of(values(candidate), values(baseline), CONFIDENCE);
        if (paired == null) {
            return null;
        }
        Interval interval = paired.interval();
        return interval == null
                ? new Ratio(paired.ratio(), Double.NaN, Double.NaN)
                : new Ratio(paired.ratio(), interval.low(), interval.high());
    }

    private double[] values(List<Path> traces) {
        List<Path> unknown =
                traces.stream().filter(trace -> !known.containsKey(trace)).toList();
        if (!unknown.isEmpty()) {
            AnalyzerOptions options =
                    new AnalyzerOptions(AnalyzerOptions.DEFAULT.threads(), false, false, Set.of(METRIC));
            Analyzer.analyze(unknown, options).runs().forEach(run -> {
                Double value = run.violations() != null && run.violations() > 0 ? null : run.number(METRIC);
                known.put(Path.of(run.trace()), value == null ? Double.NaN : value);
            });
        }
        return traces.stream().mapToDouble(known::get).toArray();
    }
}
