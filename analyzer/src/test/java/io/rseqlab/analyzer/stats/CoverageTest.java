package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

/**
 * What an interval promises is how often it holds the truth. Studies with a known ratio are drawn, and the share of
 * intervals that hold it is counted; choosing the method by the sample's skewness must not cost the promised 95 %.
 */
final class CoverageTest {
    private static final int STUDIES = 1_500;
    private static final double RATIO = 1.25;

    private final UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(20_250_101L);
    private final ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(random);
    private final ZigguratSampler.Exponential exponential = ZigguratSampler.Exponential.of(random);

    @Test
    void defaultIntervalHoldsTheTruthForNormalRuns() {
        double covered = pairedCoverage(10, () -> 1 + 0.05 * normal.sample());
        assertThat(covered).as("coverage").isBetween(0.93, 0.97);
    }

    @Test
    void defaultIntervalHoldsTheTruthForLogNormalRuns() {
        double covered = pairedCoverage(10, () -> Math.exp(0.5 * normal.sample()));
        assertThat(covered).as("coverage").isBetween(0.93, 0.97);
    }

    @Test
    void defaultIntervalHoldsTheTruthAtTheLeastN() {
        double covered = pairedCoverage(MeanInterval.LEAST_N, () -> Math.exp(0.5 * normal.sample()));
        assertThat(covered).as("coverage").isBetween(0.93, 0.97);
    }

    @Test
    void defaultIntervalHoldsTheTruthForSkewedLogRatios() {
        // The candidate differs from the baseline by a factor that is itself skewed: exponential in the log.
        double covered = meanCoverage(10, () -> exponential.sample(), 1);
        assertThat(covered).as("coverage").isBetween(0.92, 0.97);
    }

    @Test
    void defaultIntervalOfOneGroupHoldsTheMeanOfLogNormalRuns() {
        double covered = meanCoverage(10, () -> Math.exp(0.5 * normal.sample()), Math.exp(0.125));
        assertThat(covered).as("coverage").isBetween(0.93, 0.97);
    }

    @Test
    void studentAloneWouldHoldASkewedMeanLessOften() {
        int student = 0;
        for (int study = 0; study < STUDIES; study++) {
            double[] values = draw(10, () -> exponential.sample());
            student += MeanInterval.t(values, 0.95).interval().contains(1) ? 1 : 0;
        }
        assertThat((double) student / STUDIES).isLessThan(0.92);
    }

    @Test
    void aPercentileBootstrapOfFiveRunsHoldsItFarTooRarely() {
        int held = 0;
        for (int study = 0; study < STUDIES; study++) {
            double[] values = draw(5, normal::sample);
            double[] means = new double[999];
            Arrays.setAll(
                    means,
                    b -> Arrays.stream(draw(5, () -> values[random.nextInt(5)])).sum() / 5);
            Arrays.sort(means);
            held += means[24] <= 0 && 0 <= means[974] ? 1 : 0;
        }
        assertThat((double) held / STUDIES).isLessThan(0.88);
    }

    private double meanCoverage(int n, DoubleSupplier run, double truth) {
        int held = 0;
        for (int study = 0; study < STUDIES; study++) {
            held += MeanInterval.of(draw(n, run), 0.95, random).interval().contains(truth) ? 1 : 0;
        }
        return (double) held / STUDIES;
    }

    /** Pairs share an effect of the seed; candidate and baseline noise have the same law, so the truth is RATIO. */
    private double pairedCoverage(int n, DoubleSupplier run) {
        int held = 0;
        for (int study = 0; study < STUDIES; study++) {
            double[] seeds = draw(n, () -> Math.exp(0.2 * normal.sample()));
            double[] candidate = draw(n, run);
            double[] baseline = draw(n, run);
            for (int i = 0; i < n; i++) {
                candidate[i] *= RATIO * seeds[i];
                baseline[i] *= seeds[i];
            }
            PairedLogRatio result = PairedLogRatio.of(candidate, baseline, 0.95, random);
            held += result.ratio().interval().contains(RATIO) ? 1 : 0;
        }
        return (double) held / STUDIES;
    }

    private static double[] draw(int n, DoubleSupplier run) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> run.getAsDouble());
        return values;
    }
}
