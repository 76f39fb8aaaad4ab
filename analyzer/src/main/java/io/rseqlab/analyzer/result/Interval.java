package io.rseqlab.analyzer.result;

/**
 * An interval for one number.
 *
 * @param low lower end
 * @param high upper end
 * @param confidence coverage aimed at, such as 0.95
 * @param method how it was had, in words
 */
public record Interval(double low, double high, double confidence, String method) {
    /** True where the ends coincide, since nothing varied between the runs: the number is exact for these runs. */
    public boolean constant() {
        return low == high;
    }
}
