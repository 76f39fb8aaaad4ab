package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

/** The p value assumes only that the members of a pair may change places, so it must count every way to do so. */
final class SignFlipPermutationTest {
    /** Darwin's maize, crossed minus self-fertilised, eighths of an inch: Fisher, Design of Experiments, section 17. */
    private static final double[] DARWIN = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};

    @Test
    void countsAsFisherDidForDarwinsMaize() {
        // Fisher, section 21: 863 of the 32768 patterns reach the observed sum of 314 on one side.
        assertThat(SignFlipPermutation.pValue(DARWIN, random())).isEqualTo(2 * 863 / 32768.0);
    }

    @Test
    void countsTiesDespiteRounding() {
        // 1.3 occurs twice and 0.0 once: the integers of the reference tie where sums of tenths differ in the last bit.
        for (Reference r : Reference.all("sign-flip")) {
            assertThat(SignFlipPermutation.pValue(r.inputs(), random())).isEqualTo(r.value());
        }
    }

    @Test
    void drawnPatternsAgreeWithAllPatterns() {
        // 99999 draws at p = 0.0527: standard error 0.0007.
        double drawn = SignFlipPermutation.drawn(DARWIN, SignFlipPermutation.DRAWS, random());
        assertThat(drawn).isCloseTo(2 * 863 / 32768.0, within(0.0028));
    }

    @Test
    void drawnPIsNeverZero() {
        double[] same = new double[40];
        Arrays.fill(same, 1.5);
        assertThat(SignFlipPermutation.pValue(same, random())).isEqualTo(1 / 100_000.0);
    }

    @Test
    void mostPairsStillExact() {
        double[] same = new double[SignFlipPermutation.EXACT_UP_TO];
        Arrays.fill(same, -0.1);
        assertThat(SignFlipPermutation.pValue(same, random())).isEqualTo(2.0 / (1 << 20));
    }

    @Test
    void fivePairsCanNeverRejectAtFivePerCent() {
        assertThat(SignFlipPermutation.pValue(new double[] {5, 6, 7, 8, 9}, random()))
                .isEqualTo(0.0625);
        assertThat(SignFlipPermutation.pValue(new double[] {5, 6, 7, 8, 9, 10}, random()))
                .isEqualTo(0.03125);
    }

    @Test
    void aLargerTableNeedsMorePairs() {
        assertThat(SignFlipPermutation.leastPairs(1, 0.95)).hasValue(MeanInterval.LEAST_N);
        assertThat(SignFlipPermutation.leastPairs(25, 0.95)).hasValue(10);
        assertThat(SignFlipPermutation.leastPairs(26, 0.95)).hasValue(11);
        assertThatIllegalArgumentException().isThrownBy(() -> SignFlipPermutation.leastPairs(0, 0.95));
        assertThat(SignFlipPermutation.leastPairs(1_000_000, 0.95)).isEmpty();
    }

    @Test
    void noDifferenceHasPOne() {
        assertThat(SignFlipPermutation.pValue(new double[8], random())).isEqualTo(1);
        assertThat(SignFlipPermutation.pValue(new double[30], random())).isEqualTo(1);
        assertThat(SignFlipPermutation.pValue(new double[] {4}, random())).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> SignFlipPermutation.pValue(new double[0], random()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SignFlipPermutation.pValue(new double[] {Double.NaN}, random()));
    }

    private static UniformRandomProvider random() {
        return RandomSource.XO_RO_SHI_RO_128_PP.create(11L);
    }
}
