package io.rseqlab.analyzer.stats;

import java.util.Optional;

/**
 * A number that carries its uncertainty. Too few samples give a value without an interval, never a made-up interval.
 *
 * @param value the point estimate, finite
 * @param interval its confidence interval, or null when the samples do not allow one
 * @param n number of samples, trials or events behind it (a count of trials may pass two thousand million)
 */
public record Estimate(double value, Interval interval, long n) {
    /** Refuses values that are not finite and negative counts. */
    public Estimate {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("estimate is not finite: " + value);
        }
        if (n < 0) {
            throw new IllegalArgumentException("negative number of samples: " + n);
        }
    }

    /** The interval, if there is one. */
    public Optional<Interval> bounds() {
        return Optional.ofNullable(interval);
    }
}
