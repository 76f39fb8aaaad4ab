package io.rseqlab.analyzer.stats;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;

/**
 * Pearson's product-moment and Spearman's rank correlation of pairs. Spearman's is Pearson's of the mid-ranks, which is
 * right with ties (Kendall, <i>Rank Correlation Methods</i>, 1948, chapter 3). Absent where one side does not vary.
 */
public final class Correlation {
    private Correlation() {}

    /** Pearson's r; empty for fewer than three pairs or if a side is constant. */
    public static OptionalDouble pearson(double[] x, double[] y) {
        Samples.requireFinite(x);
        Samples.requireFinite(y);
        Samples.requireSameLength(x, y);
        if (x.length < 3 || Samples.constant(x) || Samples.constant(y)) {
            return OptionalDouble.empty();
        }
        double meanX = Samples.mean(x);
        double meanY = Samples.mean(y);
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }
        return OptionalDouble.of(Math.max(-1, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy))));
    }

    /** Spearman's rho; empty for fewer than three pairs or if a side is constant. */
    public static OptionalDouble spearman(double[] x, double[] y) {
        Samples.requireFinite(x);
        Samples.requireFinite(y);
        return pearson(midRanks(x), midRanks(y));
    }

    /** Ranks from 1; equal values share the mean of their ranks. */
    static double[] midRanks(double[] values) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
        double[] ranks = new double[values.length];
        for (int from = 0, to; from < order.length; from = to) {
            to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
        }
        return ranks;
    }
}
