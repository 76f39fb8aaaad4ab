package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** A table of many comparisons must not find differences by their number alone. */
final class HolmTest {
    @Test
    void stepsDownAndKeepsTheOrder() {
        // By hand: sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 = 0.02, 0.03, 0.06, then not below 0.06.
        check(adjust(0.01, 0.04, 0.03, 0.005), 0.03, 0.06, 0.06, 0.02);
    }

    @Test
    void neverExceedsOneAndTiesStayTied() {
        check(adjust(0.9, 0.6, 0.6), 1, 1, 1);
        check(adjust(0.02, 0.02, 0.5), 0.06, 0.06, 0.5);
        check(adjust(0.03), 0.03);
        assertThat(Holm.adjust(List.of())).isEmpty();
    }

    @Test
    void absentPValuesStayAbsentAndDoNotCount() {
        List<OptionalDouble> raw = List.of(OptionalDouble.of(0.04), OptionalDouble.empty(), OptionalDouble.of(0.01));
        List<OptionalDouble> adjusted = Holm.adjust(raw);
        assertThat(adjusted.get(0)).hasValue(0.04);
        assertThat(adjusted.get(1)).isEmpty();
        assertThat(adjusted.get(2)).hasValue(0.02);
    }

    @Test
    void refusesWhatIsNotAProbability() {
        assertThatIllegalArgumentException().isThrownBy(() -> adjust(0.1, Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> adjust(1.5));
    }

    private static List<OptionalDouble> adjust(double... raw) {
        return Holm.adjust(Arrays.stream(raw).mapToObj(OptionalDouble::of).toList());
    }

    private static void check(List<OptionalDouble> actual, double... expected) {
        assertThat(actual.stream().mapToDouble(OptionalDouble::getAsDouble).toArray())
                .containsExactly(expected, within(1e-15));
    }
}
