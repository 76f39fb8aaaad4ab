package io.rseqlab.analyzer.result;

/**
 * One strategy against the baseline, in one metric of one cell, over the seeds both have.
 *
 * @param strategy the strategy
 * @param baseline the strategy it is held against
 * @param metric id or path of the metric
 * @param ratio strategy over baseline (geometric mean over pairs), null for no data
 * @param interval of the ratio, null below the least number of pairs
 * @param n pairs of runs
 * @param p two-sided p of no difference, null below the least number of pairs, and where the ratio is exact
 * @param pHolm p corrected (Holm) for all comparisons of the document in this metric, those of every cell
 * @param test which test p is of, the same for all comparisons of the metric; null where there is no p
 * @param correlation achieved correlation of the pairs, null where undefined
 * @param outcome lower, higher, no_difference_detected, equivalent (within the margin, or the same in every pair),
 *     too_few_seeds or no_data
 * @param verdict the phrase for people
 * @param modelError the error of the model that is documented for such runs, a share; null where none is
 * @param costs what became of it where costs were drawn from their ranges; null where they were not
 */
public record Contrast(
        String strategy,
        String baseline,
        String metric,
        Double ratio,
        Interval interval,
        int n,
        Double p,
        Double pHolm,
        String test,
        Double correlation,
        String outcome,
        String verdict,
        Double modelError,
        CostDraws costs) {
    /** A contrast of which neither an error of the model nor draws of costs are known. */
    public Contrast(
            String strategy,
            String baseline,
            String metric,
            Double ratio,
            Interval interval,
            int n,
            Double p,
            Double pHolm,
            String test,
            Double correlation,
            String outcome,
            String verdict) {
        this(strategy, baseline, metric, ratio, interval, n, p, pHolm, test, correlation, outcome, verdict, null, null);
    }

    /** The same with draws of costs. */
    public Contrast withCosts(CostDraws draws) {
        return new Contrast(
                strategy,
                baseline,
                metric,
                ratio,
                interval,
                n,
                p,
                pHolm,
                test,
                correlation,
                outcome,
                verdict,
                modelError,
                draws);
    }

    /** True where the ratio is the same in every pair, so that there is nothing to test. */
    public boolean exact() {
        return interval != null && interval.constant();
    }

    /** True where the ratio is nearer to 1 than the documented error of the model. */
    public boolean withinModelError() {
        return ratio != null && modelError != null && Math.abs(ratio - 1) < modelError;
    }
}
