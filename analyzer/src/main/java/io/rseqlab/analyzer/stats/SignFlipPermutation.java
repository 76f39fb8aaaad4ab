package io.rseqlab.analyzer.stats;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Paired permutation test: if the two members of each pair may change places, every pattern of signs of the differences
 * is equally likely (Fisher, <i>The Design of Experiments</i>, 1935, section 21). Two-sided p for the mean, that is the
 * share of patterns whose |sum| is at least the observed one.
 *
 * <p>Up to {@link #EXACT_UP_TO} pairs all 2^n patterns are counted, as sums of two tables of half the signs each: about
 * n roundings a sum, where walking in Gray code would pile up 2^n. Beyond, patterns are drawn, and p is (k + 1)/(m +
 * 1), never 0 (Phipson and Smyth, <i>Statistical Applications in Genetics and Molecular Biology</i> 9, 2010).
 */
public final class SignFlipPermutation {
    /** Most pairs for which all patterns are counted. */
    public static final int EXACT_UP_TO = 20;

    /** Patterns drawn beyond {@link #EXACT_UP_TO} pairs. */
    public static final int DRAWS = 99_999;

    /** Sums closer than this share of the sum of magnitudes are ties: they would be equal without rounding. */
    private static final double TIE = 1e-12;

    private SignFlipPermutation() {}

    /** Two-sided p value of "the differences are symmetric about 0"; exact for up to {@link #EXACT_UP_TO} pairs. */
    public static double pValue(double[] differences, UniformRandomProvider random) {
        Samples.requireFinite(differences);
        return differences.length <= EXACT_UP_TO ? exact(differences) : drawn(differences, DRAWS, random);
    }

    /**
     * Least number of pairs with which one comparison among many can be found at all: the smallest p is 2/2^n, and
     * {@link Holm} multiplies the smallest of a table by its size. One comparison at 5 % needs 6 pairs, 25 need 10.
     * Beyond {@link #EXACT_UP_TO} pairs p is drawn and gets no smaller, so that a very large table has no such number.
     */
    public static OptionalInt leastPairs(int comparisons, double level) {
        Samples.requireLevel(level);
        if (comparisons < 1) {
            throw new IllegalArgumentException("no comparisons: " + comparisons);
        }
        for (int n = 1; n <= EXACT_UP_TO; n++) {
            if (comparisons * Math.scalb(1.0, 1 - n) <= 1 - level) {
                return OptionalInt.of(n);
            }
        }
        return OptionalInt.empty();
    }

    static double exact(double[] differences) {
        int half = differences.length / 2;
        double[] left = signedSums(differences, 0, half);
        double[] right = signedSums(differences, half, differences.length);
        double threshold = threshold(differences);
        long extreme = 0;
        for (double l : left) {
            for (double r : right) {
                if (Math.abs(l + r) >= threshold) {
                    extreme++;
                }
            }
        }
        return (double) extreme / ((long) left.length * right.length);
    }

    static double drawn(double[] differences, int draws, UniformRandomProvider random) {
        double threshold = threshold(differences);
        int extreme = 0;
        for (int i = 0; i < draws; i++) {
            double sum = 0;
            for (double difference : differences) {
                sum += random.nextBoolean() ? difference : -difference;
            }
            if (Math.abs(sum) >= threshold) {
                extreme++;
            }
        }
        return (extreme + 1.0) / (draws + 1.0);
    }

    /** Sums of values[from, to) under every pattern of signs; bit i of the index is the sign of value from + i. */
    private static double[] signedSums(double[] values, int from, int to) {
        double[] sums = new double[1 << (to - from)];
        for (int pattern = 0; pattern < sums.length; pattern++) {
            int signs = pattern;
            sums[pattern] = IntStream.range(from, to)
                    .mapToDouble(i -> (signs >> (i - from) & 1) == 1 ? values[i] : -values[i])
                    .sum();
        }
        return sums;
    }

    private static double threshold(double[] differences) {
        double sum = 0;
        double magnitude = 0;
        for (double difference : differences) {
            sum += difference;
            magnitude += Math.abs(difference);
        }
        return Math.abs(sum) - TIE * magnitude;
    }
}
