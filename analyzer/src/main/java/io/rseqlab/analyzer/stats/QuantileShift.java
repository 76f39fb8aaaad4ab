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
 *
 * <p>Two things make a quantile less certain than the number of runs says. Where a few runs hold most of the values
 * beyond it, as they do in tails when runs differ, resamples hardly ever lack or double just these, and their spread is
 * too small: so the n of the widening is Kish's effective number, (∑w)²/∑w² of the runs' shares w of these values
 * (<i>Survey Sampling</i>, 1965, section 11.7), that of the side which has fewer. How often such intervals hold the
 * truth {@code bench methods} simulates. And no difference is known to better than where in their buckets the two
 * quantiles lie, which is half the width of each: no interval reaches less far than that.
 */
public final class QuantileShift {
    /** The deciles, and the tails that people ask allocators about. */
    public static final List<Double> QUANTILES = List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999);

    /** Resamples of the bootstrap: enough for a standard error within 3 %. */
    public static final int RESAMPLES = 599;

    /** Method name of the intervals. */
    public static final String METHOD =
            "t with the standard error of a bootstrap over runs, wider where few hold the tail, no less than a bucket";

    /** The widening is at most that of two runs: below, it would be without bound, and simulation asks for no more. */
    private static final double LEAST_RUNS = 2;

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
     * @param resolution half the width of the bucket on the one side and half of that on the other: smaller differences
     *     are below what buckets tell
     * @param effectiveRuns how many runs the values beyond the quantile are as good as
     */
    public record Shift(
            double quantile,
            double candidate,
            double baseline,
            Estimate difference,
            double resolution,
            double effectiveRuns) {
        /** The same with an interval by resampled differences. */
        private Shift within(double[] resampled, double level) {
            double runs = Math.max(LEAST_RUNS, effectiveRuns);
            double error = Samples.constant(resampled)
                    ? 0
                    : Samples.standardDeviation(resampled) * Math.sqrt(runs / (runs - 1));
            double half = error * TDistribution.of(difference.n() - 1.0).inverseSurvivalProbability((1 - level) / 2);
            double reach = Math.max(half, resolution);
            double value = difference.value();
            Interval interval = new Interval(value - reach, value + reach, level, METHOD);
            Estimate known = new Estimate(value, interval, difference.n());
            return new Shift(quantile, candidate, baseline, known, resolution, effectiveRuns);
        }
    }

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
            double share = QUANTILES.get(q);
            double high = over.quantile(share, once);
            double low = under.quantile(share, once);
            double resolution = (over.widthAt(share, once) + under.widthAt(share, once)) / 2;
            double effective = Math.min(over.effectiveRuns(share, once), under.effectiveRuns(share, once));
            Shift bare = new Shift(share, high, low, new Estimate(high - low, null, runs), resolution, effective);
            shifts.add(resampled == null ? bare : bare.within(resampled[q], level));
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
            int bucket = bucket(wanted, times);
            long before = below(bucket, times);
            long inside = below(bucket + 1, times) - before;
            return low[bucket] + width[bucket] * (inside == 0 ? 0 : (wanted - before) / inside);
        }

        /** Width of the bucket that the quantile lies in. */
        double widthAt(double share, int[] times) {
            return width[bucket(share * below(low.length, times), times)];
        }

        /** Kish's effective number of the runs by how many values each has beyond the quantile, its own bucket half. */
        double effectiveRuns(double share, int[] times) {
            int bucket = bucket(share * below(low.length, times), times);
            double sum = 0;
            double squares = 0;
            for (long[] counts : upTo) {
                double inside = counts[bucket] - (bucket == 0 ? 0 : counts[bucket - 1]);
                double above = counts[counts.length - 1] - counts[bucket];
                double beyond = share < 0.5 ? counts[bucket] - inside : above;
                double weight = beyond + inside / 2;
                sum += weight;
                squares += weight * weight;
            }
            return sum * sum / squares;
        }

        /** The first bucket up to which there are as many values as are wanted. */
        private int bucket(double wanted, int[] times) {
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
            return first;
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
