package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * How the latencies of a strategy differ from the baseline's, quantile by quantile.
 *
 * @param strategy the strategy
 * @param baseline the strategy it is held against
 * @param operation malloc or free
 * @param unit of values and differences
 * @param n pairs of runs
 * @param points rising
 */
public record QuantileShifts(
        String strategy, String baseline, String operation, String unit, int n, List<Point> points) {
    /** Runs that are as good as fewer than this share of all are few. */
    private static final double FEW = 0.5;

    /**
     * One quantile of the runs merged.
     *
     * @param quantile which, as a share
     * @param strategy the strategy's value
     * @param baseline the baseline's
     * @param difference the strategy's less the baseline's
     * @param interval of the difference, for this quantile by itself; null below the least number of pairs
     * @param resolution what buckets tell of a difference at best, in the unit; null in documents that do not say
     * @param effectiveRuns how many runs the values beyond the quantile are as good as; null in documents that do not
     *     say
     */
    public record Point(
            double quantile,
            double strategy,
            double baseline,
            double difference,
            Interval interval,
            Double resolution,
            Double effectiveRuns) {
        /** True where the two quantiles are nearer to each other than buckets can tell. */
        public boolean withinResolution() {
            return resolution != null && Math.abs(difference) < resolution;
        }

        /** True where few runs hold the values beyond the quantile, so that it is known from these alone. */
        public boolean heldByFew(int pairs) {
            return effectiveRuns != null && effectiveRuns < FEW * pairs;
        }

        /** As people call it: p50, p99.9. */
        public String name() {
            double percent = Math.round(1e6 * quantile) / 1e4;
            return "p" + (percent == Math.rint(percent) ? String.valueOf((long) percent) : String.valueOf(percent));
        }
    }
}
