package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rseqlab.analyzer.compare.Verdict.Kind;
import io.rseqlab.analyzer.compare.Verdict.Options;
import io.rseqlab.analyzer.stats.Estimate;
import io.rseqlab.analyzer.stats.Interval;
import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** A verdict is quoted in mails and reviews, so it may say no more than its interval and p value carry. */
final class VerdictTest {
    private static final OptionalDouble NONE = OptionalDouble.empty();

    @Test
    void lowerAndHigherCiteTheirIntervalInTheirOwnDirection() {
        assertThat(phrase(0.8765, 0.85, 0.9, 0.001)).isEqualTo("lower by 12.4% [10.0%, 15.0%]");
        assertThat(phrase(1.25, 1.2, 1.3, 0.05)).isEqualTo("higher by 25.0% [20.0%, 30.0%]");
        assertThat(phrase(3.5, 3.0, 4.0, 0.01)).isEqualTo("higher by a factor of 3.50 [3.00, 4.00]");
        assertThat(Verdict.of(estimate(0.5, 0.4, 0.6), NONE, Options.NONE).kind())
                .isEqualTo(Kind.LOWER);
    }

    @Test
    void aRatioIsAFactorFromTwoOn() {
        assertThat(phrase(11.2, 9.5, 13.25, 0.01)).isEqualTo("higher by a factor of 11.2 [9.50, 13.3]");
        assertThat(phrase(1.99, 1.9, 2.1, 0.01)).isEqualTo("higher by 99.0% [90.0%, 110.0%]");
    }

    @Test
    void aDetectedDifferenceIsNeverNothing() {
        assertThat(phrase(1.0002, 1.0001, 1.0003, 0.01)).isEqualTo("higher by less than 0.05% [0.0%, 0.0%]");
        assertThat(phrase(0.9998, 0.9990, 0.9999, 0.01)).isEqualTo("lower by less than 0.05% [0.0%, 0.1%]");
    }

    @Test
    void noDifferenceIsOnlyNotDetected() {
        assertThat(phrase(1.01, 0.98, 1.04, 0.3)).isEqualTo("no difference detected [-2.0%, +4.0%]");
        assertThat(phrase(1.0, 0.99999, 1.00001, 1)).isEqualTo("no difference detected [0.0%, 0.0%]");
    }

    @Test
    void aDifferenceNeedsBothTheIntervalAndTheAdjustedP() {
        assertThat(kind(estimate(1.1, 1.05, 1.15), 0.051)).isEqualTo(Kind.NO_DIFFERENCE_DETECTED);
        assertThat(kind(estimate(1.1, 0.99, 1.2), 0.01)).isEqualTo(Kind.NO_DIFFERENCE_DETECTED);
        assertThat(kind(estimate(1.1, 1.0, 1.2), 0.01)).isEqualTo(Kind.NO_DIFFERENCE_DETECTED);
        assertThat(kind(estimate(1.1, 1.05, 1.15), 0.05)).isEqualTo(Kind.HIGHER);
        // 1 - 0.9 is a little less than 0.1 in binary.
        Estimate ninety = new Estimate(1.1, new Interval(1.05, 1.15, 0.9, "t"), 10);
        assertThat(kind(ninety, 0.1)).isEqualTo(Kind.HIGHER);
    }

    @Test
    void equivalentOnlyAgainstAMarginThatHoldsTheWholeInterval() {
        Options margin = new Options(OptionalDouble.of(0.05), NONE);
        assertThat(Verdict.of(estimate(1.01, 0.96, 1.04), OptionalDouble.of(0.3), margin)
                        .phrase())
                .isEqualTo("equivalent within ±5.0%");
        assertThat(Verdict.of(estimate(1.02, 1.01, 1.03), OptionalDouble.of(0.01), margin)
                        .kind())
                .isEqualTo(Kind.EQUIVALENT);
        assertThat(Verdict.of(estimate(1.02, 0.97, 1.06), OptionalDouble.of(0.3), margin)
                        .kind())
                .isEqualTo(Kind.NO_DIFFERENCE_DETECTED);
        assertThat(Verdict.of(estimate(0.96, 0.94, 0.98), OptionalDouble.of(0.01), margin)
                        .kind())
                .isEqualTo(Kind.LOWER);
    }

    @Test
    void anEffectBelowTheModelsErrorSaysSo() {
        Options error = new Options(NONE, OptionalDouble.of(0.06));
        assertThat(Verdict.of(estimate(0.97, 0.96, 0.98), OptionalDouble.of(0.01), error)
                        .phrase())
                .isEqualTo("lower by 3.0% [2.0%, 4.0%]; differs by less than the validated error of ratios (±6.0%)");
        assertThat(Verdict.of(estimate(0.90, 0.89, 0.91), OptionalDouble.of(0.01), error)
                        .phrase())
                .isEqualTo("lower by 10.0% [9.0%, 11.0%]");
        assertThat(Verdict.of(estimate(1.01, 0.98, 1.04), OptionalDouble.of(0.3), error)
                        .phrase())
                .isEqualTo("no difference detected [-2.0%, +4.0%]");
        Options both = new Options(OptionalDouble.of(0.02), OptionalDouble.of(0.06));
        assertThat(Verdict.of(estimate(1.0, 0.99, 1.01), OptionalDouble.of(1), both)
                        .phrase())
                .isEqualTo("equivalent within ±2.0%; differs by less than the validated error of ratios (±6.0%)");
    }

    /** The ratio is known; what is not is how far it may be off, and so which way it really goes. */
    @Test
    void tooFewSeedsSayTheRatioAndWhyItHasNoInterval() {
        Options all = new Options(OptionalDouble.of(0.5), OptionalDouble.of(0.5));
        assertThat(Verdict.of(new Estimate(1.2, null, 5), NONE, all).phrase())
                .isEqualTo("+20.0% (no interval below 6 seeds)");
        assertThat(Verdict.of(new Estimate(0.15, null, 1), NONE, all).phrase())
                .isEqualTo("-85.0% (no interval below 6 seeds)");
        assertThat(Verdict.of(new Estimate(3.876, null, 2), NONE, all).phrase())
                .isEqualTo("3.88 times (no interval below 6 seeds)");
    }

    /** Deterministic figures differ or do not, however few seeds and many comparisons there are. */
    @Test
    void aRatioThatNeverVariedIsExactAndNeedsNoTest() {
        String exact = " in each of the 10 pairs (exact: no variation, so no test)";
        assertThat(phrase(2, 2, 2, 0.9)).isEqualTo("higher by a factor of 2.00" + exact);
        assertThat(phrase(0.875, 0.875, 0.875, 0.9)).isEqualTo("lower by 12.5%" + exact);
        assertThat(phrase(1.25, 1.25, 1.25, 0.9)).isEqualTo("higher by 25.0%" + exact);
        assertThat(phrase(1, 1, 1, 1)).isEqualTo("the same" + exact);
        assertThat(kind(estimate(1, 1, 1), 1)).isEqualTo(Kind.EQUIVALENT);
        Options both = new Options(OptionalDouble.of(0.02), OptionalDouble.of(0.06));
        assertThat(Verdict.of(estimate(1, 1, 1), NONE, both).phrase()).isEqualTo("the same" + exact);
        assertThat(Verdict.of(estimate(1.01, 1.01, 1.01), NONE, both).phrase())
                .isEqualTo("equivalent within ±2.0%; differs by less than the validated error of ratios (±6.0%)");
    }

    @Test
    void phrasesDoNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(phrase(0.8765, 0.85, 0.9, 0.001)).isEqualTo("lower by 12.4% [10.0%, 15.0%]");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void refusesNonsense() {
        assertThatIllegalArgumentException().isThrownBy(() -> kind(estimate(1, 0.9, 1.1), Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> new Options(OptionalDouble.of(0), NONE));
        assertThatIllegalArgumentException().isThrownBy(() -> new Options(NONE, OptionalDouble.of(Double.NaN)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Verdict(Kind.LOWER, new Estimate(1, null, 3), NONE, NONE));
    }

    private static Estimate estimate(double value, double low, double high) {
        return new Estimate(value, new Interval(low, high, 0.95, "t"), 10);
    }

    private static Kind kind(Estimate ratio, double p) {
        return Verdict.of(ratio, OptionalDouble.of(p), Options.NONE).kind();
    }

    private static String phrase(double value, double low, double high, double p) {
        return Verdict.of(estimate(value, low, high), OptionalDouble.of(p), Options.NONE)
                .phrase();
    }
}
