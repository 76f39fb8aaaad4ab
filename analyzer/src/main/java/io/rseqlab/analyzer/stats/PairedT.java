package io.rseqlab.analyzer.stats;

import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Student's paired t test ("Student", <i>Biometrika</i> 6, 1908): p of "the mean difference is 0", for differences that
 * are near normal. Unlike {@link SignFlipPermutation}'s, its p may be as small as the data say, so that a few pairs can
 * decide among many comparisons; the price is the assumption.
 */
public final class PairedT {
    private PairedT() {}

    /** Two-sided p; absent below {@link MeanInterval#LEAST_N} pairs, and where all differences are the same. */
    public static OptionalDouble pValue(double[] differences) {
        Samples.requireFinite(differences);
        int n = differences.length;
        if (n < MeanInterval.LEAST_N || Samples.constant(differences)) {
            return OptionalDouble.empty();
        }
        double t = Samples.mean(differences) / (Samples.standardDeviation(differences) / Math.sqrt(n));
        return OptionalDouble.of(Math.min(1, 2 * TDistribution.of(n - 1.0).survivalProbability(Math.abs(t))));
    }
}
