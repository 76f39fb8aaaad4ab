package io.rseqlab.analyzer.stats;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Confidence interval for the mean of one group of runs.
 *
 * <p>The default is Student's t. Where the sample is clearly skewed, the studentised bootstrap (bootstrap-t: Efron and
 * Tibshirani, <i>An Introduction to the Bootstrap</i>, 1993, section 12.5; Davison and Hinkley, <i>Bootstrap Methods
 * and their Application</i>, 1997, section 5.2) takes its place: it keeps the asymmetry that t throws away. The
 * percentile bootstrap is not offered, because it undercovers by far at the sample sizes of a study.
 *
 * <p>"Clearly skewed" is |G1| &gt; max(1, 1.96 SE), with G1 the adjusted skewness and SE its standard error under
 * normality (Joanes and Gill, <i>The Statistician</i> 47, 1998; Cramér, <i>Mathematical Methods of Statistics</i>,
 * 1946, section 29.3). Above 1 is "highly skewed" after Bulmer, <i>Principles of Statistics</i>, 1979, page 63; the
 * second bound keeps small normal samples, whose G1 is noisy (SE 0.69 at n = 10), with t.
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

    private static final double HIGHLY_SKEWED = 1.0;
    private static final double TWO_SIDED_5_PERCENT = 1.96;

    private MeanInterval() {}

    /** The method the sample asks for: t, or the studentised bootstrap where it is clearly skewed. */
    public static Estimate of(double[] values, double level, UniformRandomProvider random) {
        Samples.requireFinite(values);
        boolean resample = values.length >= LEAST_N && clearlySkewed(values) && Samples.distinct(values) >= LEAST_N;
        return resample ? bootstrapT(values, level, random) : t(values, level);
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
    public static boolean clearlySkewed(double[] values) {
        int n = values.length;
        if (n < 3 || Samples.constant(values)) {
            return false;
        }
        double bound = Math.max(HIGHLY_SKEWED, TWO_SIDED_5_PERCENT * skewnessError(n));
        return Math.abs(Samples.skewness(values)) > bound;
    }

    private static double skewnessError(double n) {
        return Math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)));
    }

    private static double standardError(double[] values) {
        return Samples.standardDeviation(values) / Math.sqrt(values.length);
    }

    private static double[] studentisedMeans(double[] values, double mean, UniformRandomProvider random) {
        double[] studentised = new double[RESAMPLES];
        double[] resample = new double[values.length];
        for (int b = 0; b < RESAMPLES; b++) {
            do {
                draw(values, resample, random);
            } while (Samples.constant(resample));
            studentised[b] = (Samples.mean(resample) - mean) / standardError(resample);
        }
        Arrays.sort(studentised);
        return studentised;
    }

    private static void draw(double[] from, double[] into, UniformRandomProvider random) {
        for (int i = 0; i < into.length; i++) {
            into[i] = from[random.nextInt(from.length)];
        }
    }
}
