package io.rseqlab.analyzer.stats;

import java.util.Arrays;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.Skewness;
import org.apache.commons.statistics.descriptive.StandardDeviation;

/** What every procedure asks of its samples: checks of the input, and the first three moments. */
final class Samples {
    /** Spread, relative to the size of the values, below which only rounding makes them differ. */
    private static final double ROUNDING = 1e-12;

    private Samples() {}

    static void requireLevel(double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("confidence level must lie strictly between 0 and 1: " + level);
        }
    }

    static void requireProbability(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("not a probability: " + p);
        }
    }

    static void requireFinite(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no samples");
        }
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("sample " + i + " is not finite: " + values[i]);
            }
        }
    }

    static void requirePositive(double[] values, String name) {
        requireFinite(values);
        for (int i = 0; i < values.length; i++) {
            if (values[i] <= 0) {
                throw new IllegalArgumentException(
                        name + " " + i + " is " + values[i] + ": a ratio needs values above 0");
            }
        }
    }

    static void requireSameLength(double[] first, double[] second) {
        if (first.length != second.length) {
            throw new IllegalArgumentException("pairs need equal lengths: " + first.length + " and " + second.length);
        }
    }

    static double mean(double[] values) {
        return Mean.of(values).getAsDouble();
    }

    static double standardDeviation(double[] values) {
        return StandardDeviation.of(values).getAsDouble();
    }

    /** Adjusted Fisher–Pearson skewness G1 (Joanes and Gill 1998), for three or more samples that vary. */
    static double skewness(double[] values) {
        return Skewness.of(values).getAsDouble();
    }

    /** Whether the samples are all the same, but for rounding. */
    static boolean constant(double[] values) {
        double low = Arrays.stream(values).min().orElseThrow();
        double high = Arrays.stream(values).max().orElseThrow();
        return high - low <= ROUNDING * Math.max(Math.abs(low), Math.abs(high));
    }

    static int distinct(double[] values) {
        return (int) Arrays.stream(values).distinct().count();
    }
}
