package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;

/**
 * Shares and rates of counted events. Aborts are rare, so the ends must be right in relative terms at any scale, and
 * nothing seen must still bound the rate.
 */
final class CountIntervalsTest {
    @Test
    void agreesWithClopperPearsonAndWilsonInNewcombesTable() {
        // R. G. Newcombe, Statistics in Medicine 17 (1998), table I: methods 3 (score) and 5 (exact).
        checkEnds(Proportion.wilson(81, 263, 0.95), 0.2553, 0.3662);
        checkEnds(Proportion.wilson(15, 148, 0.95), 0.0624, 0.1605);
        checkEnds(Proportion.wilson(0, 20, 0.95), 0.0000, 0.1611);
        checkEnds(Proportion.wilson(1, 29, 0.95), 0.0061, 0.1718);
        checkEnds(Proportion.clopperPearson(81, 263, 0.95), 0.2527, 0.3676);
        checkEnds(Proportion.clopperPearson(15, 148, 0.95), 0.0578, 0.1617);
        checkEnds(Proportion.clopperPearson(0, 20, 0.95), 0.0000, 0.1684);
        checkEnds(Proportion.clopperPearson(1, 29, 0.95), 0.0009, 0.1776);
    }

    @Test
    void agreesWithReferencesAtEveryScale() {
        for (Reference r : Reference.all("clopper-pearson")) {
            checkClose(r, r.end(Proportion.clopperPearson(count(r, 0), count(r, 1), r.inputs()[2])));
        }
        for (Reference r : Reference.all("wilson")) {
            checkClose(r, r.end(Proportion.wilson(count(r, 0), count(r, 1), r.inputs()[2])));
        }
        for (Reference r : Reference.all("garwood")) {
            checkClose(r, r.end(PoissonRate.garwood(count(r, 0), r.inputs()[1], r.inputs()[2])));
        }
        for (Reference r : Reference.all("binomial")) {
            checkClose(r, BinomialBand.pValue(count(r, 0), count(r, 1), r.inputs()[2]));
        }
    }

    @Test
    void zeroEventsBoundTheRateByTheRuleOfThree() {
        // The closed form: 1 - (alpha/2)^(1/n), and -ln(alpha/2) over the exposure.
        assertThat(Proportion.clopperPearson(0, 50, 0.95).interval().high())
                .isCloseTo(1 - Math.pow(0.025, 1.0 / 50), within(1e-14));
        assertThat(PoissonRate.garwood(0, 2, 0.95).interval().high()).isCloseTo(-Math.log(0.025) / 2, within(1e-13));
        assertThat(Proportion.clopperPearson(50, 50, 0.95).interval().high()).isEqualTo(1);
        assertThat(Proportion.wilson(1, 1, 0.95).interval().high()).isEqualTo(1);
    }

    @Test
    void endsOfAnEventInABillionAreRightAndOrdered() {
        Interval interval = Proportion.clopperPearson(1, 4_000_000_000L, 0.95).interval();
        Interval poisson = PoissonRate.garwood(1, 4e9, 0.95).interval();
        assertThat(interval.low()).isCloseTo(poisson.low(), withinPercentage(1e-4));
        assertThat(interval.high()).isCloseTo(poisson.high(), withinPercentage(1e-4));
    }

    @Test
    void aCountIsConsistentExactlyWhenTheProbabilityLiesInItsExactInterval() {
        for (int n : new int[] {1, 7, 40}) {
            for (int k = 0; k <= n; k++) {
                for (double p = 0.005; p < 1; p += 0.01) {
                    boolean inside =
                            Proportion.clopperPearson(k, n, 0.95).interval().contains(p);
                    assertThat(BinomialBand.consistent(k, n, p, 0.05))
                            .as("%d of %d at %f", k, n, p)
                            .isEqualTo(inside)
                            .isEqualTo(BinomialBand.of(n, p, 0.05).contains(k));
                }
            }
        }
    }

    @Test
    void bandOfAKnownCoinIsTheTabulatedOne() {
        // 20 tosses of a fair coin: P(X <= 5) = 0.0207, P(X <= 6) = 0.0577 (any binomial table).
        assertThat(BinomialBand.of(20, 0.5, 0.05)).isEqualTo(new BinomialBand(6, 14));
        assertThat(BinomialBand.of(20, 0, 0.05)).isEqualTo(new BinomialBand(0, 0));
        assertThat(BinomialBand.of(20, 1, 0.05)).isEqualTo(new BinomialBand(20, 20));
    }

    @Test
    void refusesWhatIsNotACount() {
        assertThatIllegalArgumentException().isThrownBy(() -> Proportion.wilson(0, 0, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> Proportion.clopperPearson(3, 2, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> Proportion.clopperPearson(-1, 2, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> Proportion.clopperPearson(1, 2, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> PoissonRate.garwood(-1, 1, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> PoissonRate.garwood(1, 0, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> PoissonRate.garwood(1, Double.NaN, 0.95));
        assertThatIllegalArgumentException().isThrownBy(() -> BinomialBand.of(10, Double.NaN, 0.05));
        assertThatIllegalArgumentException().isThrownBy(() -> BinomialBand.consistent(1, 10, 0.1, Double.NaN));
    }

    private static long count(Reference reference, int index) {
        return (long) reference.inputs()[index];
    }

    private static void checkClose(Reference reference, double actual) {
        // The library's beta distribution gives up some digits (3e-9 of the end) at a thousand million trials.
        assertThat(actual).as("%s", reference).isCloseTo(reference.value(), withinPercentage(1e-6));
    }

    private static void checkEnds(Estimate estimate, double low, double high) {
        assertThat(estimate.interval().low()).isCloseTo(low, within(5.1e-5));
        assertThat(estimate.interval().high()).isCloseTo(high, within(5.1e-5));
    }
}
