package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

/** The comparison every verdict rests on: seeds are paired, ratios are compared as logs. */
final class PairedLogRatioTest {
    private static final double[] INPUTS = Reference.all("ratio").get(0).inputs();
    private static final double[] CANDIDATE = Arrays.copyOfRange(INPUTS, 0, 10);
    private static final double[] BASELINE = Arrays.copyOfRange(INPUTS, 10, 20);

    @Test
    void agreesWithReference() {
        PairedLogRatio result = compare(CANDIDATE, BASELINE);
        assertThat(result.ratio().value()).isCloseTo(Reference.value("ratio", "value"), within(1e-12));
        assertThat(result.ratio().interval().low()).isCloseTo(Reference.value("ratio", "low"), within(1e-12));
        assertThat(result.ratio().interval().high()).isCloseTo(Reference.value("ratio", "high"), within(1e-12));
        assertThat(result.permutationP()).hasValue(Reference.value("ratio", "p"));
        assertThat(result.correlation().orElseThrow())
                .isCloseTo(Reference.value("ratio", "correlation"), within(1e-12));
        assertThat(result.ratio().interval().method()).isEqualTo("paired t on log ratios");
    }

    @Test
    void itsPIsThatOfTheTestThatDecides() {
        PairedLogRatio result = compare(CANDIDATE, BASELINE);
        assertThat(result.pValue(PairedTest.PERMUTATION)).isEqualTo(result.permutationP());
        assertThat(result.pValue(PairedTest.PAIRED_T)).isEqualTo(result.tP()).isNotEqualTo(result.permutationP());
    }

    /** No test can say more of a ratio than that it never varied. */
    @Test
    void aRatioThatIsTheSameInEveryPairIsExactAndHasNoP() {
        double[] twice = Arrays.stream(BASELINE).map(value -> 2 * value).toArray();
        PairedLogRatio result = compare(twice, BASELINE);
        assertThat(result.ratio().interval().constant()).isTrue();
        assertThat(result.ratio().interval().method()).isEqualTo("none needed: the ratio is the same in every pair");
        assertThat(result.pValue(PairedTest.PAIRED_T)).isEmpty();
        assertThat(result.pValue(PairedTest.PERMUTATION)).isEmpty();
        assertThat(compare(CANDIDATE, BASELINE).ratio().interval().constant()).isFalse();
    }

    /** The smallest p of ten pairs is 2/1024: times 25 below 5 %, times 26 above. */
    @Test
    void permutationsDecideAsLongAsTheyCan() {
        assertThat(PairedTest.of(25, 10, 0.95)).isEqualTo(PairedTest.PERMUTATION);
        assertThat(PairedTest.of(26, 10, 0.95)).isEqualTo(PairedTest.PAIRED_T);
        assertThat(PairedTest.of(102, 12, 0.95)).isEqualTo(PairedTest.PERMUTATION);
        assertThat(PairedTest.of(103, 12, 0.95)).isEqualTo(PairedTest.PAIRED_T);
        assertThat(PairedTest.of(1_000_000, 1000, 0.95)).isEqualTo(PairedTest.PAIRED_T);
    }

    @Test
    void swappingTheSidesGivesTheReciprocal() {
        PairedLogRatio there = compare(CANDIDATE, BASELINE);
        PairedLogRatio back = compare(BASELINE, CANDIDATE);
        assertThat(back.ratio().value()).isCloseTo(1 / there.ratio().value(), withinPercentage(1e-10));
        assertThat(back.ratio().interval().low())
                .isCloseTo(1 / there.ratio().interval().high(), within(1e-12));
        assertThat(back.permutationP()).isEqualTo(there.permutationP());
    }

    @Test
    void anEffectOfTheSeedOnBothSidesDoesNotWidenTheInterval() {
        double[] candidate = CANDIDATE.clone();
        double[] baseline = BASELINE.clone();
        for (int i = 0; i < candidate.length; i++) {
            candidate[i] *= 1 << i;
            baseline[i] *= 1 << i;
        }
        PairedLogRatio result = compare(candidate, baseline);
        assertThat(result.ratio().interval())
                .isEqualTo(compare(CANDIDATE, BASELINE).ratio().interval());
        assertThat(result.correlation().orElseThrow()).isGreaterThan(0.99);
    }

    @Test
    void fewerThanSixSeedsGiveNeitherIntervalNorP() {
        PairedLogRatio five = compare(Arrays.copyOf(CANDIDATE, 5), Arrays.copyOf(BASELINE, 5));
        assertThat(five.ratio().bounds()).isEmpty();
        assertThat(five.permutationP()).isEmpty();
        PairedLogRatio six = compare(Arrays.copyOf(CANDIDATE, 6), Arrays.copyOf(BASELINE, 6));
        assertThat(six.ratio().bounds()).isPresent();
        assertThat(six.permutationP()).hasValue(2 / 64.0);
        PairedLogRatio one = compare(new double[] {3}, new double[] {2});
        assertThat(one.ratio()).isEqualTo(new Estimate(Math.exp(Math.log(1.5)), null, 1));
        assertThat(one.correlation()).isEmpty();
    }

    @Test
    void skewedLogRatiosUseTheBootstrap() {
        double[] candidate = {1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.3, 4};
        double[] baseline = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        PairedLogRatio result = compare(candidate, baseline);
        assertThat(result.ratio().interval().method()).isEqualTo("paired bootstrap-t on log ratios");
        assertThat(result.skewness().orElseThrow()).isGreaterThan(2);
        assertThat(result.correlation()).isEmpty();
        assertThat(result).isEqualTo(compare(candidate, baseline));
    }

    @Test
    void aConstantRatioIsNotMadeIntoNoiseByRounding() {
        double[] candidate = Arrays.stream(BASELINE).map(x -> x * 1.1).toArray();
        PairedLogRatio result = compare(candidate, BASELINE);
        assertThat(result.ratio().interval().method()).isEqualTo(PairedLogRatio.EXACT);
        assertThat(result.ratio().value()).isCloseTo(1.1, within(1e-12));
        assertThat(result.skewness()).isEmpty();
        PairedLogRatio same = compare(BASELINE, BASELINE);
        assertThat(same.ratio().interval().low()).isEqualTo(1);
        assertThat(same.ratio().interval().high()).isEqualTo(1);
        assertThat(same.permutationP()).isEmpty();
        assertThat(same.correlation().orElseThrow()).isCloseTo(1, within(1e-12));
    }

    @Test
    void roundingOfEqualValuesIsNotADifference() {
        double[] candidate = Arrays.stream(BASELINE).map(x -> Math.nextUp(x)).toArray();
        PairedLogRatio result = compare(candidate, BASELINE);
        assertThat(result.ratio().interval().contains(1)).isTrue();
        assertThat(result.ratio().interval().constant()).isTrue();
    }

    @Test
    void refusesWhatHasNoRatio() {
        double[] good = {1, 2};
        assertThatIllegalArgumentException().isThrownBy(() -> compare(new double[0], new double[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> compare(good, new double[] {1}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compare(good, new double[] {1, 0}))
                .withMessageContaining("baseline 1 is 0.0");
        assertThatIllegalArgumentException().isThrownBy(() -> compare(new double[] {-1, 1}, good));
        assertThatIllegalArgumentException().isThrownBy(() -> compare(new double[] {1, Double.NaN}, good));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compare(good, new double[] {1, Double.POSITIVE_INFINITY}));
    }

    private static PairedLogRatio compare(double[] candidate, double[] baseline) {
        UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(42L);
        return PairedLogRatio.of(candidate, baseline, 0.95, random);
    }
}
