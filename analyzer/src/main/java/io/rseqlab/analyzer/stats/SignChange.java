package io.rseqlab.analyzer.stats;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Where the mean of paired differences changes its sign along an axis, between points at which it was measured. Each
 * pair's difference is taken to go straight from point to point; the interval holds every place at which a paired t
 * test on the differences interpolated there does not reject 0. On one segment that is Fieller's set for the ratio of
 * two means (Fieller, <i>Journal of the Royal Statistical Society B</i> 16, 1954), so that it keeps what pairing the
 * seeds across points gains, and needs no linearisation.
 *
 * @param at where the interpolated mean is 0, the first such place
 * @param low lower end of the set
 * @param high upper end of the set
 * @param level confidence of the interval
 */
public record SignChange(double at, double low, double high, double level) {
    /** Method name of the interval. */
    public static final String METHOD = "paired t on differences interpolated between points";

    /**
     * Looks along the points.
     *
     * @param places rising positions on the axis
     * @param differences per point and pair; the pairs are the same at every point
     * @return empty if the mean does not change its sign, or there are too few pairs
     */
    public static Optional<SignChange> along(double[] places, double[][] differences, double level) {
        Samples.requireLevel(level);
        int pairs = differences[0].length;
        Arrays.stream(differences).forEach(point -> Samples.requireSameLength(point, differences[0]));
        if (pairs < MeanInterval.LEAST_N) {
            return Optional.empty();
        }
        double quantile = TDistribution.of(pairs - 1.0).inverseSurvivalProbability((1 - level) / 2);
        double at = Double.NaN;
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i + 1 < places.length; i++) {
            double from = Samples.mean(differences[i]);
            double to = Samples.mean(differences[i + 1]);
            double width = places[i + 1] - places[i];
            if (Double.isNaN(at) && from != to && from * to <= 0) {
                at = places[i] + width * from / (from - to);
            }
            for (double share : undecided(differences[i], differences[i + 1], quantile)) {
                low = Math.min(low, places[i] + width * share);
                high = Math.max(high, places[i] + width * share);
            }
        }
        return Double.isNaN(at)
                ? Optional.empty()
                : Optional.of(new SignChange(at, Math.min(low, at), Math.max(high, at), level));
    }

    /** Ends of the part of a segment, as shares of it, where the test does not reject; empty where it always does. */
    private static double[] undecided(double[] from, double[] to, double quantile) {
        double[] step = new double[from.length];
        Arrays.setAll(step, i -> to[i] - from[i]);
        double mean = Samples.mean(from);
        double slope = Samples.mean(step);
        double factor = quantile * quantile / from.length;
        double square = slope * slope - factor * covariance(step, step);
        double linear = 2 * (mean * slope - factor * covariance(from, step));
        double constant = mean * mean - factor * covariance(from, from);
        double discriminant = linear * linear - 4 * square * constant;
        double root = Math.sqrt(Math.max(0, discriminant));
        double[] candidates = square == 0
                ? new double[] {0, 1, -constant / linear}
                : new double[] {0, 1, (-linear - root) / (2 * square), (-linear + root) / (2 * square)};
        double slack = 1e-9 * (Math.abs(square) + Math.abs(linear) + Math.abs(constant));
        return Arrays.stream(candidates)
                .filter(share -> share >= 0 && share <= 1)
                .filter(share -> (square * share + linear) * share + constant <= slack)
                .toArray();
    }

    private static double covariance(double[] a, double[] b) {
        double meanA = Samples.mean(a);
        double meanB = Samples.mean(b);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - meanA) * (b[i] - meanB);
        }
        return sum / (a.length - 1);
    }
}
