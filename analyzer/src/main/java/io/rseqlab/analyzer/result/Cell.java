package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * One combination of workload, machine, kernel, CPUs and threads with all strategies that ran in it.
 *
 * @param key the combination
 * @param label what tells the cell from the others of its document, for headings
 * @param strategies the strategies, baseline first
 * @param contrasts each other strategy against the baseline, headline metric first
 * @param verdict one sentence on the headline metric
 * @param quantileShifts how latencies differ, for each other strategy and operation; empty where none are known
 */
public record Cell(
        CellKey key,
        String label,
        List<StrategyResult> strategies,
        List<Contrast> contrasts,
        String verdict,
        List<QuantileShifts> quantileShifts) {
    /** Results that were written before there were shifts have none. */
    public Cell {
        quantileShifts = quantileShifts == null ? List.of() : List.copyOf(quantileShifts);
    }

    /** A cell of which no latencies are known. */
    public Cell(CellKey key, String label, List<StrategyResult> strategies, List<Contrast> contrasts, String verdict) {
        this(key, label, strategies, contrasts, verdict, List.of());
    }

    /** A strategy against the baseline in a metric, null where that was not compared. */
    public Contrast contrast(String strategy, String metric) {
        return contrasts.stream()
                .filter(contrast -> contrast.strategy().equals(strategy))
                .filter(contrast -> contrast.metric().equals(metric))
                .findFirst()
                .orElse(null);
    }
}
