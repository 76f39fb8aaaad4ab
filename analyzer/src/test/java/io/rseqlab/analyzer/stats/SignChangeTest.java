package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

/**
 * A place where two strategies change places is an estimate like any other: it needs an interval that keeps its word.
 */
class SignChangeTest {
    /** "Student", Biometrika 6 (1908), page 20: hours of sleep gained with one drug over another, ten patients. */
    private static final double[] SLEEP = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

    @Test
    void studentsOwnExample() {
        // R: t.test(extra ~ group, data = sleep, paired = TRUE) gives t = 4.0621, df = 9, p = 0.002833.
        assertThat(PairedT.pValue(SLEEP).orElseThrow()).isCloseTo(0.002833, within(5e-7));
        assertThat(PairedT.pValue(new double[] {1, 1, 1, 1, 1, 1, 1})).isEmpty();
        assertThat(PairedT.pValue(new double[] {1, 2, 3, 4, 5})).isEmpty();
    }

    @Test
    void withoutNoiseItIsThePlaceItself() {
        double[][] differences = {{-1, -1, -1, -1, -1, -1}, {3, 3, 3, 3, 3, 3}};
        SignChange change =
                SignChange.along(new double[] {2, 4}, differences, 0.95).orElseThrow();
        assertThat(change.at()).isEqualTo(2.5);
        assertThat(change.low()).isCloseTo(2.5, within(1e-6));
        assertThat(change.high()).isCloseTo(2.5, within(1e-6));
    }

    /** With a constant slope of 1 the place is minus the first point's mean, and so is its interval. */
    @Test
    void withAKnownSlopeItIsTheIntervalOfTheMean() {
        double[] from = Arrays.stream(SLEEP).map(hours -> -hours).toArray();
        double[] to = Arrays.stream(from).map(difference -> difference + 10).toArray();
        SignChange change = SignChange.along(new double[] {0, 10}, new double[][] {from, to}, 0.95)
                .orElseThrow();
        Interval sleep = MeanInterval.t(SLEEP, 0.95).interval();
        assertThat(change.at()).isCloseTo(1.58, within(1e-12));
        assertThat(change.low()).isCloseTo(sleep.low(), within(1e-9));
        assertThat(change.high()).isCloseTo(sleep.high(), within(1e-9));
    }

    @Test
    void theEndsAreWhereTheTestBeginsToReject() {
        double[][] points = {{-3, -1, -2, -2.5, -1, -2}, {-1, 0.5, 0.2, -0.6, 1, 0}, {2, 3, 1.5, 2.5, 4, 3}};
        double[] places = {0, 1, 3};
        SignChange change = SignChange.along(places, points, 0.95).orElseThrow();
        for (double end : new double[] {change.low(), change.high()}) {
            double[] there = new double[6];
            int segment = end < 1 ? 0 : 1;
            double share = (end - places[segment]) / (places[segment + 1] - places[segment]);
            Arrays.setAll(there, i -> points[segment][i] + share * (points[segment + 1][i] - points[segment][i]));
            assertThat(PairedT.pValue(there).orElseThrow()).isCloseTo(0.05, within(1e-6));
        }
        assertThat(change.low()).isLessThan(change.at());
        assertThat(change.high()).isGreaterThan(change.at());
    }

    @Test
    void whereTheSignStaysThereIsNone() {
        double[][] same = {{1, 2, 1, 2, 1, 2}, {2, 3, 2, 3, 2, 3}};
        assertThat(SignChange.along(new double[] {0, 1}, same, 0.95)).isEmpty();
        double[][] few = {{-1, -1}, {1, 1}};
        assertThat(SignChange.along(new double[] {0, 1}, few, 0.95)).isEmpty();
    }

    @Test
    void theIntervalHoldsTheTrueCrossover() {
        UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(20_260_101L);
        ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(random);
        int held = 0;
        int studies = 3_000;
        for (int study = 0; study < studies; study++) {
            double[][] points = new double[2][10];
            for (int seed = 0; seed < 10; seed++) {
                double level = 0.04 * normal.sample();
                points[0][seed] = -0.1 + level + 0.03 * normal.sample();
                points[1][seed] = 0.2 + level + 0.03 * normal.sample();
            }
            Optional<SignChange> change = SignChange.along(new double[] {0, 3}, points, 0.95);
            held += change.isPresent()
                            && change.get().low() <= 1
                            && 1 <= change.get().high()
                    ? 1
                    : 0;
        }
        assertThat((double) held / studies).as("coverage").isBetween(0.93, 0.97);
    }
}
