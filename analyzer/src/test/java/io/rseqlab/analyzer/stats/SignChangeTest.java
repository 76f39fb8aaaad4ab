package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Two points say that the sign changes between them, and nothing of where. */
    @Test
    void twoPointsGiveNoPlace() {
        double[][] differences = {repeated(-1), repeated(3)};
        assertThat(SignChange.between(new double[] {2, 4}, differences, 0, 1, 0.95))
                .isEmpty();
    }

    @Test
    void onAStraightLineWithoutNoiseItIsThePlaceItself() {
        double[][] differences = {repeated(-5), repeated(-1), repeated(3), repeated(5)};
        SignChange change = SignChange.between(new double[] {0, 2, 4, 5}, differences, 1, 2, 0.95)
                .orElseThrow();
        assertThat(change.at()).isCloseTo(2.5, within(1e-9));
        assertThat(change.low()).isCloseTo(2.5, within(1e-6));
        assertThat(change.high()).isCloseTo(2.5, within(1e-6));
    }

    /**
     * Points 4, 1, -1, -2 at 0, 1, 2, 3. The segment's chord is 0 at 1.5; the one before, drawn on, has slope -3 and is
     * 0 at 4/3; the one behind has slope -1 and is 0 at 1. A convex curve lies below the chord and above the others.
     */
    @Test
    void aCurveLiesBetweenChordAndNeighboursChords() {
        double[][] differences = {repeated(4), repeated(1), repeated(-1), repeated(-2)};
        double[] places = {0, 1, 2, 3};
        SignChange change = SignChange.between(places, differences, 1, 2, 0.95).orElseThrow();
        // where the chord behind is below 0 and the chord before, which binds more, is above, nothing is ruled out
        assertThat(change.low()).isCloseTo(1, within(1e-9));
        assertThat(change.high()).isCloseTo(1.5, within(1e-9));
        assertThat(change.at()).isCloseTo(1.25, within(1e-9));
    }

    @Test
    void theEndsAreWhereTheTestsBeginToReject() {
        double[][] points = {{-3, -1, -2, -2.5, -1, -2}, {-1, 0.5, 0.2, -0.6, 1, 0}, {2, 3, 1.5, 2.5, 4, 3}};
        double[] places = {0, 1, 3};
        SignChange change = SignChange.between(places, points, 0, 2, 0.95).orElseThrow();
        assertThat(change.low()).isLessThan(change.at());
        assertThat(change.high()).isGreaterThan(change.at());
        for (double end : new double[] {change.low(), change.high()}) {
            double p = Math.min(
                    Math.abs(pOfLine(places, points, 0, 1, end) - 0.05),
                    Math.abs(pOfLine(places, points, 1, 2, end) - 0.05));
            assertThat(p).isCloseTo(0, within(1e-6));
        }
    }

    /** p of the straight line through two points, at a place. */
    private static double pOfLine(double[] places, double[][] points, int a, int b, double at) {
        double share = (at - places[a]) / (places[b] - places[a]);
        double[] there = new double[points[a].length];
        Arrays.setAll(there, i -> points[a][i] + share * (points[b][i] - points[a][i]));
        return PairedT.pValue(there).orElseThrow();
    }

    @Test
    void whereTheSignStaysThereIsNone() {
        double[] places = {0, 1, 2};
        double[][] same = {{1, 2, 1, 2, 1, 2}, {2, 3, 2, 3, 2, 3}, {2, 3, 2, 3, 2, 3}};
        assertThat(SignChange.between(places, same, 0, 1, 0.95)).isEmpty();
        double[][] few = {{-1, -1}, {1, 1}, {2, 2}};
        assertThat(SignChange.between(places, few, 0, 1, 0.95)).isEmpty();
    }

    private static double[] repeated(double value) {
        double[] values = new double[6];
        Arrays.fill(values, value);
        return values;
    }

    /** What the interval promises holds for lines, for curves that bend gently, and for ones that bend hard. */
    @ParameterizedTest
    @ValueSource(doubles = {1e6, 1, 0.1, 0.03})
    void theIntervalHoldsTheTrueCrossover(double bend) {
        for (double[] places : new double[][] {{0, 0.5, 1}, {0, 0.1, 0.2, 0.5, 1}, {0, 0.02, 0.05, 0.1, 0.2, 0.5, 1}}) {
            for (double crossover : new double[] {0.056, 0.3}) {
                assertThat(coverage(places, bend, crossover))
                        .as("coverage on %d points with bend %s and crossover %s", places.length, bend, crossover)
                        .isGreaterThan(0.93);
            }
        }
    }

    /** Share of studies of ten seeds along x / (x + bend), less what it is at the crossover, that hold it. */
    private static double coverage(double[] places, double bend, double crossover) {
        UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(20_260_101L);
        ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(random);
        int last = 0;
        while (places[last] < crossover) {
            last++;
        }
        double scale = 0.5 * (1 + bend);
        int held = 0;
        int studies = 400;
        for (int study = 0; study < studies; study++) {
            double[][] points = new double[places.length][10];
            for (int seed = 0; seed < 10; seed++) {
                double level = 0.04 * normal.sample();
                for (int i = 0; i < places.length; i++) {
                    double mean = scale * (places[i] / (places[i] + bend) - crossover / (crossover + bend));
                    points[i][seed] = mean + level + 0.03 * normal.sample();
                }
            }
            Optional<SignChange> change = SignChange.between(places, points, last - 1, last, 0.95);
            boolean holds = change.isEmpty()
                    || change.get().low() <= crossover
                            && crossover <= change.get().high();
            held += holds ? 1 : 0;
        }
        return (double) held / studies;
    }
}
