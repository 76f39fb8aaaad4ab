package io.rseqlab.analyzer.stats;

import java.util.Objects;

/**
 * A two-sided confidence interval, with the level it was made for and the name of the method that made it.
 *
 * @param low lower end, at most {@code high}
 * @param high upper end
 * @param level confidence level, strictly between 0 and 1
 * @param method how it was computed, for people
 */
public record Interval(double low, double high, double level, String method) {
    /** Refuses ends that are not numbers, ends in the wrong order, and levels outside (0, 1). */
    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException("interval [" + low + ", " + high + "]: ends must be ordered numbers");
        }
        Samples.requireLevel(level);
        Objects.requireNonNull(method, "method");
    }

    /** True where the ends coincide, since no sample varied: the number is exact for these samples. */
    public boolean constant() {
        return low == high;
    }

    /** Whether a value lies inside, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
