package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.PairedRuns;
import io.rseqlab.analyzer.stats.CoverageLaw;
import io.rseqlab.collector.run.RatioOfRuns;
import io.rseqlab.collector.run.SeedRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * How often the interval of a ratio holds the truth: studies with a known ratio are drawn, compared as {@code compare}
 * compares runs, and counted; with a fixed number of seeds, and with as many as {@code --precision} asks for.
 */
final class BenchCoverage {
    /** Half of the interval's width that is asked for, over the spread of the log ratios: few seeds to many. */
    private static final double[] PRECISIONS = {0.7, 0.5, 0.35};

    private static final int[] SEEDS = {6, 10, 20};
    private static final int DEFAULT_SEEDS = 10;
    private static final int MOST_SEEDS = 60;
    private static final double CONFIDENCE = 0.95;

    /** Spread of the logs of the ratios, in runs that were measured some hundredths. */
    private static final double SPREAD = 0.05;

    private static final double TRUTH = 1.25;

    private final int studies;
    private final long seed;

    BenchCoverage(int studies, long seed) {
        this.studies = studies;
        this.seed = seed;
    }

    /**
     * What one row of the table says.
     *
     * @param law of the log ratios
     * @param seeds how many were asked for: a number, or a precision
     * @param covered share of the studies whose interval holds the truth
     * @param meanSeeds that were run
     */
    record Row(CoverageLaw law, String seeds, double covered, double meanSeeds) {
        String text() {
            return String.format(Locale.ROOT, "%-38s  %-28s  %7.1f%%  %10.1f", law, seeds, 100 * covered, meanSeeds);
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"law\":\"%s\",\"seeds\":\"%s\",\"covered\":%.4f,\"mean_seeds\":%.1f}",
                    law,
                    seeds,
                    covered,
                    meanSeeds);
        }
    }

    static String heading() {
        return String.format(Locale.ROOT, "%-38s  %-28s  %8s  %10s", "log ratios", "seeds", "covered", "mean seeds");
    }

    /** Every law with every number of seeds, and under the stopping rule. */
    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (CoverageLaw law : CoverageLaw.values()) {
            for (int n : SEEDS) {
                rows.add(fixed(law, n));
            }
            for (double precision : PRECISIONS) {
                rows.add(stopped(law, precision));
            }
        }
        return rows;
    }

    Row fixed(CoverageLaw law, int n) {
        return row(law, Integer.toString(n), study -> new Study(law, study, n).interval(n));
    }

    /** As many seeds as the rule wants, from the default number on. */
    Row stopped(CoverageLaw law, double halfWidth) {
        double share = Math.expm1(halfWidth * SPREAD);
        String words = String.format(Locale.ROOT, "10 to %d, precision %.2g%%", MOST_SEEDS, 100 * share);
        return row(law, words, study -> {
            Study drawn = new Study(law, study, MOST_SEEDS);
            SeedRule rule = new SeedRule(share, MOST_SEEDS, drawn);
            SeedRule.Watch watch = rule.new Watch();
            int n = DEFAULT_SEEDS;
            while (!watch.enough(drawn.runs(n)) && watch.next(n) > n) {
                n = watch.next(n);
            }
            return drawn.interval(n);
        });
    }

    private interface Look {
        Answer at(int study);
    }

    private record Answer(boolean holds, int seeds) {}

    private Row row(CoverageLaw law, String seeds, Look look) {
        List<Answer> answers =
                IntStream.range(0, studies).parallel().mapToObj(look::at).toList();
        long held = answers.stream().filter(Answer::holds).count();
        double mean = answers.stream().mapToInt(Answer::seeds).average().orElseThrow();
        return new Row(law, seeds, (double) held / studies, mean);
    }

    /** Runs of two strategies; a trace's path is its seed's number. */
    private final class Study implements RatioOfRuns {
        private final double[] candidate;
        private final double[] baseline;

        Study(CoverageLaw law, int study, int most) {
            RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom")
                    .create(seed * 1_000_003 + study * 31L + law.ordinal());
            candidate = new double[most];
            baseline = new double[most];
            for (int run = 0; run < most; run++) {
                double ofSeed = Math.exp(0.2 * random.nextGaussian());
                baseline[run] = ofSeed;
                candidate[run] = TRUTH * ofSeed * Math.exp(SPREAD * law.draw(random));
            }
        }

        List<List<Path>> runs(int n) {
            List<Path> traces = IntStream.range(0, n)
                    .mapToObj(run -> Path.of(Integer.toString(run)))
                    .toList();
            return List.of(traces, traces);
        }

        @Override
        public Ratio of(List<Path> candidates, List<Path> baselines) {
            PairedRuns paired = paired(candidates.size());
            return new Ratio(
                    paired.ratio(), paired.interval().low(), paired.interval().high());
        }

        private PairedRuns paired(int n) {
            return PairedRuns.of(Arrays.copyOf(candidate, n), Arrays.copyOf(baseline, n), CONFIDENCE);
        }

        Answer interval(int n) {
            PairedRuns paired = paired(n);
            boolean holds = paired.interval().low() <= TRUTH
                    && TRUTH <= paired.interval().high();
            return new Answer(holds, n);
        }
    }
}
