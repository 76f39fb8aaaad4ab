package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.LatencyHistogram.Bucket;
import io.rseqlab.analyzer.result.QuantileShifts;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.QuantileShift;
import io.rseqlab.analyzer.stats.QuantileShift.Counts;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The latencies of a cell's strategies against the baseline's, quantile by quantile, over the seeds that both have. */
final class LatencyShifts {
    private LatencyShifts() {}

    /**
     * Shifts of each strategy other than the baseline, in each operation that both have latencies of.
     *
     * @param where a name for the cell, from which the resampling's random streams are derived
     */
    static List<QuantileShifts> of(
            Map<String, TreeMap<Long, RunResult>> byStrategy, ComparisonOptions options, String where) {
        SortedMap<Long, RunResult> baseline = byStrategy.get(options.baseline());
        List<QuantileShifts> shifts = new ArrayList<>();
        byStrategy.forEach((strategy, bySeed) -> {
            if (!strategy.equals(options.baseline())) {
                TreeSet<String> operations = new TreeSet<>(Comparator.reverseOrder());
                bySeed.values().forEach(run -> operations.addAll(run.latency().keySet()));
                for (String operation : operations) {
                    List<LatencyHistogram[]> pairs = pairs(bySeed, baseline, operation);
                    if (!pairs.isEmpty()) {
                        shifts.add(shift(strategy, operation, pairs, options, where + strategy + operation));
                    }
                }
            }
        });
        return shifts;
    }

    private static List<LatencyHistogram[]> pairs(
            SortedMap<Long, RunResult> candidate, SortedMap<Long, RunResult> baseline, String operation) {
        List<LatencyHistogram[]> pairs = new ArrayList<>();
        candidate.forEach((seed, run) -> {
            LatencyHistogram over = run.latency().get(operation);
            LatencyHistogram under =
                    baseline.containsKey(seed) ? baseline.get(seed).latency().get(operation) : null;
            if (over != null && under != null && over.total() > 0 && under.total() > 0) {
                pairs.add(new LatencyHistogram[] {over, under});
            }
        });
        return pairs;
    }

    private static QuantileShifts shift(
            String strategy,
            String operation,
            List<LatencyHistogram[]> pairs,
            ComparisonOptions options,
            String where) {
        List<QuantileShift.Shift> shifts = QuantileShift.of(
                pairs.stream().map(pair -> counts(pair[0])).toList(),
                pairs.stream().map(pair -> counts(pair[1])).toList(),
                options.confidence(),
                RandomStreams.of("quantile shift " + where));
        return new QuantileShifts(
                strategy,
                options.baseline(),
                operation,
                pairs.get(0)[0].unit(),
                pairs.size(),
                shifts.stream()
                        .map(shift -> new QuantileShifts.Point(
                                shift.quantile(),
                                shift.candidate(),
                                shift.baseline(),
                                shift.difference().value(),
                                Estimates.interval(shift.difference().interval()),
                                shift.resolution(),
                                shift.effectiveRuns()))
                        .toList());
    }

    private static Counts counts(LatencyHistogram histogram) {
        List<Bucket> buckets = histogram.buckets().stream()
                .sorted(Comparator.comparingLong(Bucket::low))
                .toList();
        return new Counts(
                buckets.stream().mapToLong(Bucket::low).toArray(),
                buckets.stream().mapToLong(Bucket::high).toArray(),
                buckets.stream().mapToLong(Bucket::count).toArray());
    }
}
