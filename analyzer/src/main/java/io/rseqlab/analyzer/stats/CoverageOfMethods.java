package io.rseqlab.analyzer.stats;

import io.rseqlab.analyzer.stats.QuantileShift.Counts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;

/**
 * How often each method's interval holds the truth, by number of runs and law: means and shifts of quantiles by
 * simulation, shares and rates exactly, since their counts can be gone through one by one.
 */
public final class CoverageOfMethods {
    private static final double LEVEL = 0.95;
    private static final int[] RUNS = {6, 10, 20, 50};
    private static final int[] TRIALS = {10, 100, 1000};
    private static final double[] SHARES = {0.01, 0.1, 0.5};
    private static final double[] EVENTS = {1, 10, 100};

    /** Values in one run of a study of quantiles, whose spread inside the run is as large as that between runs. */
    private static final int VALUES = 200;

    private static final double CENTRE = 1000;
    private static final double SPREAD = 20;
    private static final long SHIFT = 10;

    /** Counts beyond this share of a Poisson law add nothing that is printed. */
    private static final double REST = 1e-9;

    private final int studies;
    private final long seed;

    /**
     * Studies to draw.
     *
     * @param studies how many for each row that is simulated
     * @param seed what they are drawn from
     */
    public CoverageOfMethods(int studies, long seed) {
        this.studies = studies;
        this.seed = seed;
    }

    /**
     * What one row of the table says.
     *
     * @param method of the interval
     * @param law of what it is made from
     * @param size how many runs, trials or events
     * @param covered share of the intervals that hold the truth
     */
    public record Row(String method, String law, String size, double covered) {}

    /** Makes an interval of a sample. */
    private interface Method {
        Interval of(double[] values, int study);
    }

    /** Every method with every law and size. */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        means(rows, "mean: t", (values, study) -> MeanInterval.t(values, LEVEL).interval());
        means(
                rows,
                "mean: bootstrap-t",
                (values, study) ->
                        MeanInterval.bootstrapT(values, LEVEL, stream(study)).interval());
        means(
                rows,
                "mean: chosen by skewness (default)",
                (values, study) -> MeanInterval.of(values, LEVEL, stream(study)).interval());
        for (CoverageLaw law : CoverageLaw.values()) {
            for (int n : RUNS) {
                rows.add(shift(law, n, 0.5));
                rows.add(shift(law, n, 0.99));
            }
        }
        shares(rows);
        for (double mean : EVENTS) {
            rows.add(rate(mean));
        }
        return rows;
    }

    private UniformRandomProvider stream(int study) {
        return RandomStreams.of("coverage of methods/" + seed + "/" + study);
    }

    private RandomGenerator random(CoverageLaw law, int n, int study) {
        return RandomGeneratorFactory.of("L64X128MixRandom")
                .create(seed * 1_000_003 + study * 3001L + n * 17L + law.ordinal());
    }

    private double share(IntPredicate holds) {
        return (double) IntStream.range(0, studies).parallel().filter(holds).count() / studies;
    }

    private void means(List<Row> rows, String name, Method method) {
        for (CoverageLaw law : CoverageLaw.values()) {
            for (int n : RUNS) {
                rows.add(mean(name, method, law, n));
            }
        }
    }

    private Row mean(String name, Method method, CoverageLaw law, int n) {
        double covered = share(study -> {
            RandomGenerator random = random(law, n, study);
            double[] values = new double[n];
            Arrays.setAll(values, i -> law.draw(random));
            Interval interval = method.of(values, study);
            return interval.low() <= 0 && 0 <= interval.high();
        });
        return new Row(name, law.toString(), n + " runs", covered);
    }

    /** Both sides have the same law, one of them a little to the right; the levels of runs differ by it. */
    Row shift(CoverageLaw law, int n, double quantile) {
        int index = QuantileShift.QUANTILES.indexOf(quantile);
        double covered = share(study -> {
            RandomGenerator random = random(law, n, study);
            List<Counts> candidate = new ArrayList<>();
            List<Counts> baseline = new ArrayList<>();
            for (int run = 0; run < n; run++) {
                candidate.add(run(law.draw(random), SHIFT, random));
                baseline.add(run(law.draw(random), 0, random));
            }
            Interval interval = QuantileShift.of(candidate, baseline, LEVEL, stream(study))
                    .get(index)
                    .difference()
                    .interval();
            return interval.low() <= SHIFT && SHIFT <= interval.high();
        });
        String name = "quantile shift, p" + Math.round(100 * quantile);
        return new Row(name, "levels of runs: " + law, n + " runs", covered);
    }

    private static Counts run(double level, long shift, RandomGenerator random) {
        long[] values = new long[VALUES];
        Arrays.setAll(values, i -> shift + Math.round(CENTRE + SPREAD * (level + random.nextGaussian())));
        Arrays.sort(values);
        long[] ones = new long[VALUES];
        Arrays.fill(ones, 1);
        return new Counts(values, values, ones);
    }

    private static void shares(List<Row> rows) {
        for (String method : List.of("share: Clopper-Pearson", "share: Wilson")) {
            for (double share : SHARES) {
                for (int trials : TRIALS) {
                    rows.add(share(method, method.endsWith("Wilson"), share, trials));
                }
            }
        }
    }

    private static Row share(String method, boolean wilson, double share, int trials) {
        BinomialDistribution law = BinomialDistribution.of(trials, share);
        double covered = 0;
        for (int hits = 0; hits <= trials; hits++) {
            Interval interval = (wilson
                            ? Proportion.wilson(hits, trials, LEVEL)
                            : Proportion.clopperPearson(hits, trials, LEVEL))
                    .interval();
            covered += interval.low() <= share && share <= interval.high() ? law.probability(hits) : 0;
        }
        return new Row(method, "share " + share, trials + " trials", covered);
    }

    private static Row rate(double mean) {
        PoissonDistribution law = PoissonDistribution.of(mean);
        double covered = 0;
        for (int events = 0; events < mean || law.survivalProbability(events - 1) > REST; events++) {
            Interval interval = PoissonRate.garwood(events, 1, LEVEL).interval();
            covered += interval.low() <= mean && mean <= interval.high() ? law.probability(events) : 0;
        }
        return new Row("rate: Garwood (exact)", "Poisson", mean + " expected", covered);
    }
}
