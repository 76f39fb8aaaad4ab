package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the two strategies of a contrast did with the same seeds, from the values that a document keeps. */
final class LogRatios {
    private LogRatios() {}

    /** Log of candidate over baseline, by seed, rising; seeds that only one of them has are left out. */
    static Map<Long, Double> bySeed(Cell cell, Contrast contrast) {
        Map<Long, Double> over = values(cell, contrast.strategy(), contrast.metric());
        Map<Long, Double> under = values(cell, contrast.baseline(), contrast.metric());
        Map<Long, Double> ratios = new TreeMap<>();
        over.forEach((seed, value) -> {
            if (under.containsKey(seed)) {
                ratios.put(seed, Math.log(value / under.get(seed)));
            }
        });
        return ratios;
    }

    /** Values by seed, rising; runs without data are left out. */
    static TreeMap<Long, Double> values(Cell cell, String strategy, String metric) {
        TreeMap<Long, Double> values = new TreeMap<>();
        for (StrategyResult result : cell.strategies()) {
            Estimate estimate = result.metrics().get(metric);
            if (result.strategy().equals(strategy) && estimate != null) {
                List<Double> all = estimate.values();
                for (int i = 0; i < all.size(); i++) {
                    if (all.get(i) != null) {
                        values.put(result.seeds().get(i), all.get(i));
                    }
                }
            }
        }
        return values;
    }
}
