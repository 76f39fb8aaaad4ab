package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.analyzer.stats.RandomStreams;

/**
 * The ratio of two strategies by itself, outside of any table: what decides whether more seeds are needed. The method
 * is that of comparisons.
 *
 * @param ratio candidate over baseline
 * @param interval null where there are too few pairs for one
 */
public record PairedRuns(double ratio, Interval interval) {
    /**
     * The ratio of values that are paired by seed.
     *
     * @param confidence as a share
     * @return null where some value is not above 0, so that there is no ratio
     */
    public static PairedRuns of(double[] candidate, double[] baseline, double confidence) {
        for (int pair = 0; pair < candidate.length; pair++) {
            if (!(candidate[pair] > 0) || !(baseline[pair] > 0)) {
                return null;
            }
        }
        PairedLogRatio paired = PairedLogRatio.of(candidate, baseline, confidence, RandomStreams.of("paired runs"));
        boolean known = paired.ratio().interval() != null;
        return new PairedRuns(
                paired.ratio().value(),
                known ? Estimates.interval(paired.ratio().interval()) : null);
    }
}
