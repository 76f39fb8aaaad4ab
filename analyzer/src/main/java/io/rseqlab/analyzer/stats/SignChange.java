package io.rseqlab.analyzer.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Where the mean of paired differences changes its sign along an axis, between points at which it was measured.
 *
 * <p>Nothing is known of the curve between two points but what their neighbours tell. Where it bends one way only from
 * the left neighbour of a segment to the right one (it is convex there, or concave), it lies within the segment between
 * the chord of the segment and the chords of the neighbouring segments, drawn on: a convex function is below its chord
 * and above chords that are drawn on, a concave one the other way. So a place is ruled out when all of these lines have
 * the same sign there, each by a paired t test (an intersection-union test: Berger, <i>Technometrics</i> 24, 1982; its
 * level is that of each test). One neighbour is enough for a bound on both sides. Without any there is none, and no
 * place is given: two points say that the sign changes between them, and nothing of where.
 *
 * <p>On each line the ends of what a test does not reject are roots of a quadratic, as in Fieller's set for the ratio
 * of two means (<i>Journal of the Royal Statistical Society B</i> 16, 1954); pairs are those of seeds, so that what
 * pairing gains across points is kept, and nothing is linearised. Of several parts the hull is taken.
 *
 * @param at the middle of the places that the means alone, without their sampling error, do not rule out
 * @param low lower end of the set
 * @param high upper end of the set
 * @param level confidence of the interval, where the curve bends one way only from neighbour to neighbour
 */
public record SignChange(double at, double low, double high, double level) {
    /** Method name of the interval. */
    public static final String METHOD = "paired t on the chords of a segment and its neighbours";

    /** A straight line over a segment, of each pair: {@code from} at its beginning, {@code step} more at its end. */
    private record Line(double[] from, double[] step) {
        double mean(double share) {
            return Samples.mean(from) + share * Samples.mean(step);
        }

        /** 1 or -1 where a test with this quantile finds the line above or below 0, else 0. */
        int sign(double share, double quantile) {
            double[] there = new double[from.length];
            Arrays.setAll(there, i -> from[i] + share * step[i]);
            double error = Samples.standardDeviation(there) / Math.sqrt(there.length);
            double mean = Samples.mean(there);
            return Math.abs(mean) <= quantile * error ? 0 : (int) Math.signum(mean);
        }

        /** Shares of the segment, from 0 to 1, at which the answer of {@link #sign} changes. */
        List<Double> changes(double quantile) {
            double mean = Samples.mean(from);
            double slope = Samples.mean(step);
            double factor = quantile * quantile / from.length;
            double square = slope * slope - factor * covariance(step, step);
            double linear = 2 * (mean * slope - factor * covariance(from, step));
            double constant = mean * mean - factor * covariance(from, from);
            double root = Math.sqrt(Math.max(0, linear * linear - 4 * square * constant));
            double[] candidates = square == 0
                    ? new double[] {-constant / linear}
                    : new double[] {(-linear - root) / (2 * square), (-linear + root) / (2 * square)};
            return Arrays.stream(candidates)
                    .filter(share -> share > 0 && share < 1)
                    .boxed()
                    .toList();
        }
    }

    /** Shares of a segment between which the sign may change. */
    private record Part(double low, double high) {}

    /**
     * Looks for the change between two points that have different signs.
     *
     * @param places rising positions on the axis
     * @param differences per point and pair; the pairs are the same at every point
     * @param first index of the point up to which the mean has one sign
     * @param last index of the point from which it has the other
     * @return empty if there is no point but these two, there are too few pairs, or the mean does not change its sign
     */
    public static Optional<SignChange> between(
            double[] places, double[][] differences, int first, int last, double level) {
        Samples.requireLevel(level);
        int pairs = differences[0].length;
        Arrays.stream(differences).forEach(point -> Samples.requireSameLength(point, differences[0]));
        boolean changes = Samples.mean(differences[first]) * Samples.mean(differences[last]) < 0;
        if (pairs < MeanInterval.LEAST_N || places.length < 3 || !changes) {
            return Optional.empty();
        }
        double quantile = TDistribution.of(pairs - 1.0).inverseSurvivalProbability((1 - level) / 2);
        Part means = hull(places, differences, first, last, 0);
        Part set = hull(places, differences, first, last, quantile);
        double at = (means.low + means.high) / 2;
        return Optional.of(new SignChange(at, Math.min(set.low, at), Math.max(set.high, at), level));
    }

    /** From the first to the last place that is not ruled out. */
    private static Part hull(double[] places, double[][] differences, int first, int last, double quantile) {
        double low = places[last];
        double high = places[first];
        for (int i = first; i < last; i++) {
            double width = places[i + 1] - places[i];
            for (Part part : open(lines(places, differences, i), quantile)) {
                low = Math.min(low, places[i] + width * part.low);
                high = Math.max(high, places[i] + width * part.high);
            }
        }
        return new Part(low, high);
    }

    /** The chord of the segment that begins at a point, and those of its neighbours, drawn on over it. */
    private static List<Line> lines(double[] places, double[][] differences, int i) {
        double width = places[i + 1] - places[i];
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(differences[i], combined(differences[i + 1], 1, differences[i], -1)));
        if (i > 0) {
            double ratio = width / (places[i] - places[i - 1]);
            lines.add(new Line(differences[i], combined(differences[i], ratio, differences[i - 1], -ratio)));
        }
        if (i + 2 < places.length) {
            double ratio = width / (places[i + 2] - places[i + 1]);
            double[] step = combined(differences[i + 2], ratio, differences[i + 1], -ratio);
            lines.add(new Line(combined(differences[i + 1], 1, step, -1), step));
        }
        return lines;
    }

    /** The parts of a segment in which the lines do not all have the same sign. */
    private static List<Part> open(List<Line> lines, double quantile) {
        double[] cuts = lines.stream()
                .flatMap(line -> line.changes(quantile).stream())
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        List<Part> parts = new ArrayList<>();
        double from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            double to = i < cuts.length ? cuts[i] : 1;
            double middle = (from + to) / 2;
            int sum =
                    lines.stream().mapToInt(line -> line.sign(middle, quantile)).sum();
            if (Math.abs(sum) < lines.size()) {
                parts.add(new Part(from, to));
            }
            from = to;
        }
        if (parts.isEmpty()) {
            Line chord = lines.get(0);
            if (chord.mean(0) * chord.mean(1) <= 0) {
                double share = chord.mean(0) / (chord.mean(0) - chord.mean(1));
                parts.add(new Part(share, share));
            }
        }
        return parts;
    }

    private static double[] combined(double[] a, double factorA, double[] b, double factorB) {
        double[] sum = new double[a.length];
        Arrays.setAll(sum, i -> factorA * a[i] + factorB * b[i]);
        return sum;
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
