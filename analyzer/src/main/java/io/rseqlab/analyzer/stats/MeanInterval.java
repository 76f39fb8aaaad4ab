package io.rseqlab.analyzer.stats;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Confidence interval for the mean of one group of runs.
 *
 * <p>The default is Student's t. Where the sample is skewed, the studentised bootstrap (bootstrap-t: Efron and
 * Tibshirani, <i>An Introduction to the Bootstrap</i>, 1993, section 12.5; Davison and Hinkley, <i>Bootstrap Methods
 * and their Application</i>, 1997, section 5.2) takes its place: it keeps the asymmetry that t throws away. The
 * percentile bootstrap is not offered, because it undercovers by far at the sample sizes of a study.
 *
 * <p>"Skewed" is |G1| above 1/2, G1 being the adjusted skewness: up to there a sample is "fairly symmetrical" after
 * Bulmer, <i>Principles of Statistics</i>, 1979, page 63. A later switch (at 1, or where G1 is significant) leaves too
 * many skewed samples with t; switching on normal samples, whose G1 is noisy, costs width but not coverage.
 */
public final class MeanInterval {
    /**
     * Least number of samples for an interval or a p value. With 5 pairs a two-sided permutation test cannot reject at
     * 5 %: its smallest p is 2/2^5 = 0.0625; with 6 it is 0.03125.
     */
    public static final int LEAST_N = 6;

    /** Resamples of the bootstrap: (B + 1) times 0.025 is whole, so that quantiles need no interpolation. */
    public static final int RESAMPLES = 9_999;

    /** Method name of Student's t. */
    public static final String T = "t";

    /** Method name of the studentised bootstrap. */
    public static final String BOOTSTRAP_T = "bootstrap-t";

    /** Method name where every sample is the same: the ends coincide, and say nothing about unseen seeds. */
    public static final String CONSTANT = "no variation between samples";

    /**
     * A studentised bootstrap wider than this many t intervals has divided by resamples that hold nearly equal values
     * only: one outlier among values that hardly differ. Then the t interval, wide itself in that case, is taken.
     */
    private static final double UNSTABLE_WIDTH = 6;

    private static final double FAIRLY_SYMMETRICAL = 0.5;

    /** Variance of a resample, as a share of the sample's, that is nothing but rounding. */
    private static final double NO_SPREAD = 1e-12;

    private MeanInterval() {}

    /** The method the sample asks for: t, or the studentised bootstrap where it is skewed. */
    public static Estimate of(double[] values, double level, UniformRandomProvider random) {
        Samples.requireFinite(values);
        boolean resample = values.length >= LEAST_N && skewed(values) && Samples.distinct(values) >= LEAST_N;
        Estimate student = t(values, level);
        if (!resample) {
            return student;
        }
        Estimate bootstrap = bootstrapT(values, level, random);
        return wide(bootstrap.interval()) > UNSTABLE_WIDTH * wide(student.interval()) ? student : bootstrap;
    }

    private static double wide(Interval interval) {
        return interval.high() - interval.low();
    }

    /** Student's t interval; without an interval below {@link #LEAST_N} samples. */
    public static Estimate t(double[] values, double level) {
        Samples.requireFinite(values);
        Samples.requireLevel(level);
        int n = values.length;
        double mean = Samples.mean(values);
        if (n < LEAST_N) {
            return new Estimate(mean, null, n);
        }
        if (Samples.constant(values)) {
            return new Estimate(mean, new Interval(mean, mean, level, CONSTANT), n);
        }
        double quantile = TDistribution.of(n - 1.0).inverseSurvivalProbability((1 - level) / 2);
        double half = quantile * standardError(values);
        return new Estimate(mean, new Interval(mean - half, mean + half, level, T), n);
    }

    /**
     * The studentised bootstrap interval; without an interval below {@link #LEAST_N} samples.
     *
     * @throws IllegalArgumentException if fewer than {@link #LEAST_N} of the values are distinct: most resamples would
     *     then have no spread to divide by
     */
    public static Estimate bootstrapT(double[] values, double level, UniformRandomProvider random) {
        Samples.requireFinite(values);
        Samples.requireLevel(level);
        int n = values.length;
        double mean = Samples.mean(values);
        if (n < LEAST_N) {
            return new Estimate(mean, null, n);
        }
        if (Samples.distinct(values) < LEAST_N || Samples.constant(values)) {
            throw new IllegalArgumentException("too few distinct values for a bootstrap: " + Arrays.toString(values));
        }
        double[] studentised = studentisedMeans(values, mean, random);
        int rank = Math.max(1, (int) Math.floor((RESAMPLES + 1) * (1 - level) / 2 + 1e-9));
        double error = standardError(values);
        double low = mean - studentised[RESAMPLES - rank] * error;
        double high = mean - studentised[rank - 1] * error;
        return new Estimate(mean, new Interval(low, high, level, BOOTSTRAP_T), n);
    }

    /** Whether the sample's skewness is past the threshold given in the class comment; never below three samples. */
    public static boolean skewed(double[] values) {
        boolean defined = values.length >= 3 && !Samples.constant(values);
        return defined && Math.abs(Samples.skewness(values)) > FAIRLY_SYMMETRICAL;
    }

    private static double standardError(double[] values) {
        return Samples.standardDeviation(values) / Math.sqrt(values.length);
    }

    /** Sorted (mean of resample - mean) / (standard error of resample); resamples of one value only are redrawn. */
    private static double[] studentisedMeans(double[] values, double mean, UniformRandomProvider random) {
        double[] centred = Arrays.stream(values).map(x -> x - mean).toArray();
        double noSpread = NO_SPREAD * Math.pow(Samples.standardDeviation(values), 2);
        double[] studentised = new double[RESAMPLES];
        for (int b = 0; b < RESAMPLES; ) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < centred.length; i++) {
                double x = centred[random.nextInt(centred.length)];
                sum += x;
                squares += x * x;
            }
            double variance = (squares - sum * sum / centred.length) / (centred.length - 1);
            if (variance > noSpread) {
                studentised[b++] = sum / Math.sqrt(centred.length * variance);
            }
        }
        Arrays.sort(studentised);
        return studentised;
    }
}
