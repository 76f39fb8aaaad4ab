package io.rseqlab.analyzer.stats;

import java.util.OptionalDouble;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Ratio of a candidate to a baseline, run on the same seeds. The interval is made on the logs of the ratios per seed
 * and taken back by exp, so the estimate is the ratio of geometric means, and swapping the two sides of a t interval
 * gives the reciprocal (Fleming and Wallace, <i>Communications of the ACM</i> 29, 1986, on why normalised numbers ask
 * for geometric means).
 *
 * <p>The method is {@link MeanInterval#of}: paired t, or the studentised bootstrap where log ratios are skewed. There
 * are two p values, of which {@link PairedTest} says which one decides. With fewer than {@link #LEAST_N} pairs there is
 * none of all this. Where the ratio is the same in every pair, nothing is estimated: the ratio is exact for these runs,
 * the ends of its interval coincide, and there is no p, since no test could say more.
 *
 * @param ratio candidate over baseline: geometric mean over the pairs, with its interval
 * @param permutationP two-sided, of "no difference", by {@link SignFlipPermutation}; absent below the least n, and
 *     where the ratio is the same in every pair
 * @param tP the same by {@link PairedT}; absent where that is
 * @param correlation Pearson's correlation of the logs of the pairs: what pairing achieved; absent if undefined
 * @param skewness adjusted skewness of the log ratios, which chose the method; absent if undefined
 */
public record PairedLogRatio(
        Estimate ratio,
        OptionalDouble permutationP,
        OptionalDouble tP,
        OptionalDouble correlation,
        OptionalDouble skewness) {
    /** Least number of pairs for an interval and a p value; see {@link MeanInterval#LEAST_N}. */
    public static final int LEAST_N = MeanInterval.LEAST_N;

    /** Method name where the ratio is the same in every pair. */
    public static final String EXACT = "none needed: the ratio is the same in every pair";

    /** A log ratio nearer to 0 is that of two equal values, rounded; it must not be taken for a difference. */
    private static final double ROUNDING = 1e-12;

    /**
     * Compares the values of the same seeds; element i of both arrays comes from the same seed.
     *
     * @throws IllegalArgumentException for no pairs, unequal lengths, and values that are not finite and above 0
     */
    public static PairedLogRatio of(double[] candidate, double[] baseline, double level, UniformRandomProvider random) {
        Samples.requireSameLength(candidate, baseline);
        Samples.requirePositive(candidate, "candidate");
        Samples.requirePositive(baseline, "baseline");
        double[] logRatios = logRatios(candidate, baseline);
        Estimate log = MeanInterval.of(logRatios, level, random);
        OptionalDouble p = logRatios.length < LEAST_N || Samples.constant(logRatios)
                ? OptionalDouble.empty()
                : OptionalDouble.of(SignFlipPermutation.pValue(logRatios, random));
        return new PairedLogRatio(
                exp(log),
                p,
                PairedT.pValue(logRatios),
                Correlation.pearson(logs(candidate), logs(baseline)),
                skewness(logRatios));
    }

    /** p by the test that decides. */
    public OptionalDouble pValue(PairedTest test) {
        return test == PairedTest.PAIRED_T ? tP : permutationP;
    }

    private static double[] logRatios(double[] candidate, double[] baseline) {
        double[] ratios = new double[candidate.length];
        for (int i = 0; i < ratios.length; i++) {
            double ratio = Math.log(candidate[i] / baseline[i]);
            ratios[i] = Math.abs(ratio) <= ROUNDING ? 0 : ratio;
        }
        Samples.requireFinite(ratios);
        return ratios;
    }

    private static double[] logs(double[] values) {
        double[] logs = new double[values.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = Math.log(values[i]);
        }
        return logs;
    }

    private static OptionalDouble skewness(double[] logRatios) {
        boolean undefined = logRatios.length < 3 || Samples.constant(logRatios);
        return undefined ? OptionalDouble.empty() : OptionalDouble.of(Samples.skewness(logRatios));
    }

    private static Estimate exp(Estimate log) {
        Interval interval = log.bounds().map(PairedLogRatio::exp).orElse(null);
        return new Estimate(Math.exp(log.value()), interval, log.n());
    }

    private static Interval exp(Interval log) {
        String method = log.constant() ? EXACT : "paired " + log.method() + " on log ratios";
        return new Interval(Math.exp(log.low()), Math.exp(log.high()), log.level(), method);
    }
}
