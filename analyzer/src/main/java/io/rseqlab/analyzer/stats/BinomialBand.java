package io.rseqlab.analyzer.stats;

import java.util.function.LongPredicate;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * The counts that a known probability may well give: is k of n consistent with p? Exact and two-sided, each tail with
 * half the error rate, so that it agrees with {@link Proportion#clopperPearson}: k is consistent with p exactly when p
 * lies in the interval of k. A simulator held against a closed form must land in this band.
 *
 * @param low least consistent count
 * @param high greatest consistent count
 */
public record BinomialBand(long low, long high) {
    /** All counts of n trials consistent with p at error rate alpha. */
    public static BinomialBand of(long trials, double p, double alpha) {
        Proportion.requireCounts(0, trials);
        Samples.requireProbability(p);
        Samples.requireLevel(alpha);
        long low = firstCount(trials, k -> atMost(k, trials, p) > alpha / 2);
        long high = firstCount(trials, k -> atLeast(k + 1, trials, p) <= alpha / 2);
        return new BinomialBand(low, high);
    }

    /** Whether a count lies in the band. */
    public boolean contains(long count) {
        return low <= count && count <= high;
    }

    /** Whether k of n is consistent with p at error rate alpha. */
    public static boolean consistent(long successes, long trials, double p, double alpha) {
        Samples.requireLevel(alpha);
        return pValue(successes, trials, p) > alpha;
    }

    /** Exact two-sided p value: twice the smaller tail, at most 1. */
    public static double pValue(long successes, long trials, double p) {
        Proportion.requireCounts(successes, trials);
        Samples.requireProbability(p);
        double tail = Math.min(atMost(successes, trials, p), atLeast(successes, trials, p));
        return Math.min(1, 2 * tail);
    }

    private static double atMost(long k, long trials, double p) {
        return k >= trials ? 1 : BetaDistribution.of(k + 1.0, trials - k).survivalProbability(p);
    }

    private static double atLeast(long k, long trials, double p) {
        if (k <= 0) {
            return 1;
        }
        return k > trials ? 0 : BetaDistribution.of(k, trials - k + 1.0).cumulativeProbability(p);
    }

    private static long firstCount(long trials, LongPredicate holds) {
        long low = 0;
        long high = trials;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (holds.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
