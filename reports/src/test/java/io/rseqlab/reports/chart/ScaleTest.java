package io.rseqlab.reports.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Axes are tested by their ranges and ticks: pixels differ between machines, and say less. */
class ScaleTest {
    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 0.22, 1, 100, 4.2e7})
    void equalValuesStillGetARange(double value) {
        List<Double> values = List.of(value, value, value);
        for (Scale scale : List.of(Scale.fromZero(values), Scale.log(values), Scale.forRates(values))) {
            assertThat(scale.low()).isLessThan(value);
            assertThat(scale.high()).isGreaterThan(value);
        }
    }

    @Test
    void zerosAloneGetARange() {
        Scale scale = Scale.fromZero(List.of(0.0, 0.0));
        assertThat(scale.low()).isZero();
        assertThat(scale.high()).isPositive();
    }

    @Test
    void noDataIsAnError() {
        assertThatThrownBy(() -> Scale.fromZero(List.of())).hasMessageContaining("no data");
        assertThatThrownBy(() -> Scale.log(List.of())).hasMessageContaining("no data");
    }

    @Test
    void whatALogarithmCannotShowIsRefused() {
        assertThatThrownBy(() -> Scale.log(List.of(0.0, 1.0))).hasMessageContaining("cannot show 0");
        assertThatThrownBy(() -> new Scale(1, 1, false, List.of())).hasMessageContaining("no range");
        assertThatThrownBy(() -> new Scale(0, Double.NaN, false, List.of())).hasMessageContaining("no range");
    }

    @Test
    void ratesStartAtZeroUnlessTheSmallestWouldVanish() {
        assertThat(Scale.forRates(List.of(1.0, 199.0)).low()).isZero();
        assertThat(Scale.forRates(List.of(1.0, 201.0)).log()).isTrue();
        assertThat(Scale.forRates(List.of(0.0, 1000.0)).log()).isFalse();
    }

    @Test
    void everyValueLiesInsideAndTicksAreFewRoundAndRising() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            double low = Math.pow(10, random.nextDouble() * 16 - 6);
            double high = low * Math.pow(10, random.nextDouble() * 6);
            for (Scale scale : List.of(Scale.fromZero(List.of(low, high)), Scale.log(List.of(low, high)))) {
                assertThat(low).isBetween(scale.low(), scale.high());
                assertThat(high).isBetween(scale.low(), scale.high());
                assertThat(scale.ticks()).hasSizeBetween(2, 12).isSorted().doesNotHaveDuplicates();
                assertThat(scale.ticks()).allMatch(tick -> tick >= scale.low() && tick <= scale.high() * (1 + 1e-9));
            }
        }
    }

    @Test
    void decadesAreNamedWithoutSuperfluousDigits() {
        assertThat(Scale.logarithmic(0.5, 2e7).ticks())
                .containsExactly(1.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0, 1e6, 1e7);
        assertThat(Scale.text(100_000)).isEqualTo("100000");
        assertThat(Scale.text(1e7)).isEqualTo("10⁷");
        assertThat(Scale.text(2e7)).isEqualTo("2·10⁷");
        assertThat(Scale.text(1e-5)).isEqualTo("10⁻⁵");
        assertThat(Scale.text(0.30000000000000004)).isEqualTo("0.3");
        assertThat(Scale.text(0)).isEqualTo("0");
    }
}
