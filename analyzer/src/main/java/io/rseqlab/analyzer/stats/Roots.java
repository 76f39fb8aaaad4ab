package io.rseqlab.analyzer.stats;

import java.util.function.DoublePredicate;

/**
 * Quantiles to the last bit at any scale. The library's own quantile search stops at an absolute error of 1e-9, which
 * is the size of the whole answer for a rare event; its cumulative probabilities are good, so they are searched here.
 */
final class Roots {
    private Roots() {}

    /**
     * The smallest x of [0, limit] at which a condition that never turns false again holds; limit if it holds nowhere.
     * Halves the range of bit patterns, which order like the non-negative numbers they stand for.
     */
    static double firstTrue(double limit, DoublePredicate condition) {
        long low = 0;
        long high = Double.doubleToLongBits(limit);
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (condition.test(Double.longBitsToDouble(middle))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return Double.longBitsToDouble(low);
    }
}
