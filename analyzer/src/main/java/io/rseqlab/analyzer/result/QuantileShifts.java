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
    /**
     * One quantile of the runs merged.
     *
     * @param quantile which, as a share
     * @param strategy the strategy's value
     * @param baseline the baseline's
     * @param difference the strategy's less the baseline's
     * @param interval of the difference, for this quantile by itself; null below the least number of pairs
     */
    public record Point(double quantile, double strategy, double baseline, double difference, Interval interval) {
        /** As people call it: p50, p99.9. */
        public String name() {
            double percent = Math.round(1e6 * quantile) / 1e4;
            return "p" + (percent == Math.rint(percent) ? String.valueOf((long) percent) : String.valueOf(percent));
        }
    }
}
