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
 */
public record Cell(
        CellKey key, String label, List<StrategyResult> strategies, List<Contrast> contrasts, String verdict) {}
