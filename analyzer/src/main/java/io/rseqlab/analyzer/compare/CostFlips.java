package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.CostDraws;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often the winner of a contrast changes when the machine's costs are drawn from their ranges: an outer loop around
 * the seeds. In each draw both strategies have the same costs and the same seeds, and the one with the better geometric
 * mean over the draw's seeds is ahead. What seeds alone would change is in the count too, since a draw has few of them;
 * so a count near 0 says that the answer does not hang on these costs, and a large one of a small difference need not
 * say that it does.
 */
final class CostFlips {
    private final SortedMap<Integer, Map<CellKey, Map<String, TreeMap<Long, RunResult>>>> draws;
    private final double confidence;

    CostFlips(SortedMap<Integer, Map<CellKey, Map<String, TreeMap<Long, RunResult>>>> draws, double confidence) {
        this.draws = draws;
        this.confidence = confidence;
    }

    /** The contrast with what became of it in the draws; unchanged where none ran, or there is no ratio. */
    Contrast judged(CellKey cell, Contrast contrast) {
        List<Double> logs = new ArrayList<>();
        int seeds = Integer.MAX_VALUE;
        for (var cells : draws.values()) {
            Map<String, TreeMap<Long, RunResult>> byStrategy = cells.getOrDefault(cell, Map.of());
            List<Double> ofSeeds = logRatios(
                    byStrategy.get(contrast.strategy()), byStrategy.get(contrast.baseline()), contrast.metric());
            OptionalDouble mean =
                    ofSeeds.stream().mapToDouble(Double::doubleValue).average();
            if (mean.isPresent()) {
                logs.add(mean.getAsDouble());
                seeds = Math.min(seeds, ofSeeds.size());
            }
        }
        if (logs.isEmpty() || contrast.ratio() == null) {
            return contrast;
        }
        double sign = Math.signum(Math.log(contrast.ratio()));
        int flips = (int) logs.stream().filter(log -> log * sign < 0).count();
        return contrast.withCosts(new CostDraws(
                logs.size(),
                seeds,
                flips,
                Estimates.interval(Proportion.clopperPearson(flips, logs.size(), confidence)
                        .interval()),
                Math.exp(logs.stream().mapToDouble(Double::doubleValue).min().orElseThrow()),
                Math.exp(logs.stream().mapToDouble(Double::doubleValue).max().orElseThrow())));
    }

    private static List<Double> logRatios(
            SortedMap<Long, RunResult> candidate, SortedMap<Long, RunResult> baseline, String metric) {
        List<Double> logs = new ArrayList<>();
        if (candidate != null && baseline != null) {
            candidate.forEach((seed, run) -> {
                Double over = run.number(metric);
                Double under = baseline.containsKey(seed) ? baseline.get(seed).number(metric) : null;
                if (over != null && under != null && over > 0 && under > 0) {
                    logs.add(Math.log(over / under));
                }
            });
        }
        return logs;
    }
}
