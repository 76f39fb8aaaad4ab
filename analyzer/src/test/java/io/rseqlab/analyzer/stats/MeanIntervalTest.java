package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

/** An interval is made only where the samples allow one, and by the method that the sample's shape asks for. */
final class MeanIntervalTest {
    /** Student, Biometrika 6 (1908): hours of sleep gained, ten patients, difference of two drugs. */
    private static final double[] SLEEP = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

    private static final double[] SKEWED = {1.0, 1.1, 1.25, 1.3, 1.42, 1.5, 1.61, 1.7, 2.4, 9.0};

    /** Nine runs of nearly equal throughput and three of another: resamples of the nine alone say nothing of spread. */
    @Test
    void valuesInTwoClumpsTakeTheStudentInterval() {
        double[] values = {24.20, 24.21, 24.22, 24.19, 24.23, 24.18, 24.24, 24.17, 24.25, 45.1, 45.2, 45.0};
        Estimate estimate = MeanInterval.of(values, 0.95, RandomSource.XO_RO_SHI_RO_128_PP.create(1));
        assertThat(estimate.interval().low()).isGreaterThan(20);
        assertThat(estimate.interval().high()).isLessThan(40);
    }

    @Test
    void agreesWithStudentsSleepData() {
        // Mean 1.58; the interval is the one in the manual page of R's sleep data, and SciPy's.
        Estimate estimate = MeanInterval.t(SLEEP, 0.95);
        assertThat(estimate.value()).isCloseTo(1.58, within(1e-12));
        for (Reference r : Reference.all("t")) {
            assertThat(r.end(estimate)).isCloseTo(r.value(), within(1e-12));
        }
        assertThat(estimate.interval().method()).isEqualTo("t");
        assertThat(estimate.n()).isEqualTo(10);
    }

    @Test
    void skewnessIsTheAdjustedOne() {
        for (Reference r : Reference.all("skewness")) {
            assertThat(Samples.skewness(r.inputs())).isCloseTo(r.value(), withinPercentage(1e-10));
        }
    }

    @Test
    void skewedSamplesGetAnAsymmetricInterval() {
        Estimate estimate = MeanInterval.of(SKEWED, 0.95, random(1));
        assertThat(estimate.interval().method()).isEqualTo("bootstrap-t");
        double below = estimate.value() - estimate.interval().low();
        double above = estimate.interval().high() - estimate.value();
        assertThat(above).isGreaterThan(2 * below);
    }

    @Test
    void bootstrapAgreesWithTwoMillionResamplesOfTheReference() {
        // The tail of the studentised mean is heavy: the upper end of 9999 resamples wanders by a few per cent.
        Estimate estimate = MeanInterval.bootstrapT(SKEWED, 0.95, random(1));
        double width = Reference.value("bootstrap-t", "high") - Reference.value("bootstrap-t", "low");
        for (Reference r : Reference.all("bootstrap-t")) {
            assertThat(r.end(estimate)).isCloseTo(r.value(), within(0.06 * width));
        }
    }

    @Test
    void symmetricSamplesStayWithStudent() {
        assertThat(MeanInterval.of(new double[] {1, 2, 3, 4, 5, 7}, 0.95, random(1))
                        .interval()
                        .method())
                .isEqualTo("t");
        assertThat(MeanInterval.skewed(SLEEP)).isTrue();
        assertThat(MeanInterval.skewed(new double[] {1, 9})).isFalse();
    }

    @Test
    void sameSeedSameBits() {
        assertThat(MeanInterval.of(SKEWED, 0.95, random(7))).isEqualTo(MeanInterval.of(SKEWED, 0.95, random(7)));
    }

    @Test
    void tooFewSamplesGiveAValueWithoutInterval() {
        assertThat(MeanInterval.t(new double[] {3}, 0.95)).isEqualTo(new Estimate(3, null, 1));
        assertThat(MeanInterval.of(new double[] {1, 2, 3, 4, 5}, 0.95, random(1))
                        .bounds())
                .isEmpty();
        assertThat(MeanInterval.bootstrapT(new double[] {1, 2}, 0.95, random(1)).bounds())
                .isEmpty();
        assertThat(MeanInterval.t(new double[] {1, 2, 3, 4, 5, 6}, 0.95).bounds())
                .isPresent();
    }

    @Test
    void identicalSamplesSayThatNothingVaried() {
        Estimate estimate = MeanInterval.of(new double[] {0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 0.95, random(1));
        assertThat(estimate.interval().method()).isEqualTo("no variation between samples");
        assertThat(estimate.interval().contains(estimate.value())).isTrue();
        Estimate zeros = MeanInterval.of(new double[6], 0.95, random(1));
        assertThat(zeros.interval()).isEqualTo(new Interval(0, 0, 0.95, MeanInterval.CONSTANT));
    }

    @Test
    void fewDistinctValuesAreNotResampled() {
        double[] nineEqual = {1, 1, 1, 1, 1, 1, 1, 1, 1, 8};
        assertThat(MeanInterval.skewed(nineEqual)).isTrue();
        assertThat(MeanInterval.of(nineEqual, 0.95, random(1)).interval().method())
                .isEqualTo("t");
        assertThatIllegalArgumentException().isThrownBy(() -> MeanInterval.bootstrapT(nineEqual, 0.95, random(1)));
    }

    @Test
    void refusesWhatIsNotASample() {
        assertThatIllegalArgumentException().isThrownBy(() -> MeanInterval.t(new double[0], 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> MeanInterval.t(new double[] {1, Double.NaN}, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> MeanInterval.t(SLEEP, Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> MeanInterval.t(SLEEP, 95));
        assertThatIllegalArgumentException().isThrownBy(() -> new Interval(2, 1, 0.95, "t"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Interval(Double.NaN, 1, 0.95, "t"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Estimate(Double.NaN, null, 1));
    }

    private static UniformRandomProvider random(long seed) {
        return RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    }
}
