package io.rseqlab.analyzer.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * By how much the quantiles of one distribution differ from those of another: the shift function (Doksum, <i>Annals of
 * Statistics</i> 2, 1974; with deciles, Rousselet, Pernet and Wilcox, <i>European Journal of Neuroscience</i> 46,
 * 2017). A mean says that one is faster; the shift says whether all operations are, or the slow ones alone.
 *
 * <p>Each side is histograms, one for each run, paired by seed. A quantile is that of the runs merged; inside a bucket
 * values are taken to lie evenly. The interval resamples runs, pairs together, since operations of one run are no
 * independent samples: the bootstrap's standard error, widened by √(n/(n-1)), times Student's t quantile of n-1 degrees
 * of freedom, which covers far better at ten runs than the percentile bootstrap (Hesterberg, <i>The American
 * Statistician</i> 69, 2015, section 4). It holds for each quantile by itself.
 */
public final class QuantileShift {
    /** The deciles, and the tails that people ask allocators about. */
    public static final List<Double> QUANTILES = List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999);

    /** Resamples of the bootstrap: enough for a standard error within 3 %. */
    public static final int RESAMPLES = 599;

    /** Method name of the intervals. */
    public static final String METHOD = "t with the standard error of a bootstrap over runs";

    private QuantileShift() {}

    /**
     * One run's histogram of whole numbers.
     *
     * @param low smallest value of each bucket, rising
     * @param high largest value of each
     * @param counts how many each holds
     */
    public record Counts(long[] low, long[] high, long[] counts) {
        long total() {
            return Arrays.stream(counts).sum();
        }
    }

    /**
     * One quantile.
     *
     * @param quantile which, as a share
     * @param candidate its value on the first side
     * @param baseline its value on the other
     * @param difference candidate less baseline, with its interval if the pairs suffice for one
     */
    public record Shift(double quantile, double candidate, double baseline, Estimate difference) {}

    /**
     * The shift.
     *
     * @param candidate a histogram for each run, none of them empty
     * @param baseline those of the same seeds, in the same order, in buckets of the same bounds
     * @throws IllegalArgumentException for no runs, unequal numbers of them and empty histograms
     */
    public static List<Shift> of(
            List<Counts> candidate, List<Counts> baseline, double level, UniformRandomProvider random) {
        Samples.requireLevel(level);
        if (candidate.isEmpty() || candidate.size() != baseline.size()) {
            throw new IllegalArgumentException(
                    "runs of the two sides must be pairs: " + candidate.size() + " and " + baseline.size());
        }
        Side over = new Side(candidate);
        Side under = new Side(baseline);
        int runs = candidate.size();
        double[][] resampled = runs < MeanInterval.LEAST_N ? null : resampled(over, under, runs, random);
        int[] once = new int[runs];
        Arrays.fill(once, 1);
        List<Shift> shifts = new ArrayList<>();
        for (int q = 0; q < QUANTILES.size(); q++) {
            double high = over.quantile(QUANTILES.get(q), once);
            double low = under.quantile(QUANTILES.get(q), once);
            Interval interval = resampled == null ? null : interval(high - low, resampled[q], runs, level);
            shifts.add(new Shift(QUANTILES.get(q), high, low, new Estimate(high - low, interval, runs)));
        }
        return shifts;
    }

    /** Differences by quantile and resample. */
    private static double[][] resampled(Side over, Side under, int runs, UniformRandomProvider random) {
        double[][] differences = new double[QUANTILES.size()][RESAMPLES];
        for (int b = 0; b < RESAMPLES; b++) {
            int[] times = new int[runs];
            for (int i = 0; i < runs; i++) {
                times[random.nextInt(runs)]++;
            }
            for (int q = 0; q < QUANTILES.size(); q++) {
                differences[q][b] = over.quantile(QUANTILES.get(q), times) - under.quantile(QUANTILES.get(q), times);
            }
        }
        return differences;
    }

    private static Interval interval(double difference, double[] resampled, int runs, double level) {
        if (Samples.constant(resampled)) {
            return new Interval(difference, difference, level, MeanInterval.CONSTANT);
        }
        double error = Samples.standardDeviation(resampled) * Math.sqrt(runs / (runs - 1.0));
        double half = error * TDistribution.of(runs - 1.0).inverseSurvivalProbability((1 - level) / 2);
        return new Interval(difference - half, difference + half, level, METHOD);
    }

    /** The runs of one side over the buckets that any of them fills. */
    private static final class Side {
        private final double[] low;
        private final double[] width;

        /** By run: how many values lie in the buckets up to each. */
        private final long[][] upTo;

        Side(List<Counts> runs) {
            TreeMap<Long, Long> highs = new TreeMap<>();
            for (Counts run : runs) {
                if (run.total() <= 0) {
                    throw new IllegalArgumentException("a run without values has no quantiles");
                }
                for (int i = 0; i < run.low().length; i++) {
                    highs.put(run.low()[i], run.high()[i]);
                }
            }
            long[] lows = highs.keySet().stream().mapToLong(Long::longValue).toArray();
            low = Arrays.stream(lows).mapToDouble(at -> at - 0.5).toArray();
            width = highs.entrySet().stream()
                    .mapToDouble(bucket -> bucket.getValue() - bucket.getKey() + 1.0)
                    .toArray();
            upTo = new long[runs.size()][];
            for (int run = 0; run < upTo.length; run++) {
                upTo[run] = upTo(runs.get(run), lows);
            }
        }

        private static long[] upTo(Counts run, long[] lows) {
            long[] counts = new long[lows.length];
            for (int i = 0; i < run.low().length; i++) {
                counts[Arrays.binarySearch(lows, run.low()[i])] += run.counts()[i];
            }
            Arrays.parallelPrefix(counts, Long::sum);
            return counts;
        }

        /** The quantile of all runs, each so many times. */
        double quantile(double share, int[] times) {
            double wanted = share * below(low.length, times);
            int first = 0;
            int last = low.length - 1;
            while (first < last) {
                int middle = (first + last) >>> 1;
                if (below(middle + 1, times) >= wanted) {
                    last = middle;
                } else {
                    first = middle + 1;
                }
            }
            long before = below(first, times);
            long inside = below(first + 1, times) - before;
            return low[first] + width[first] * (inside == 0 ? 0 : (wanted - before) / inside);
        }

        private long below(int bucket, int[] times) {
            long sum = 0;
            for (int run = 0; bucket > 0 && run < times.length; run++) {
                sum += times[run] * upTo[run][bucket - 1];
            }
            return sum;
        }
    }
}
