package io.rseqlab.reports.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page reads the same wherever it was made: a comma that is a point elsewhere would change every number by 1000. */
class FmtTest {
    private final Locale before = Locale.getDefault();

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "en-US", "ru-RU", "ar-EG"})
    void tablesAreTheSameUnderEveryLocale(String locale) {
        Locale.setDefault(Locale.forLanguageTag(locale));
        Table table = new Table(
                "golden",
                List.of("what", "value"),
                List.of(
                        row("count", 1_234_567L),
                        row("number", 1234.567),
                        row("small", 0.0919),
                        row("tiny", 3.2e-7),
                        row("negative", -123_456.7),
                        row("none", null),
                        row("share", Quantity.percent(0.12345)),
                        row("rare", Quantity.percent(0.00042)),
                        row("rate", new Quantity(65_432_100, 64e6, 66.5e6, Quantity.Form.MILLIONS)),
                        row("time", Quantity.seconds(0.0000125))),
                null);
        assertThat(text(table)).isEqualTo("""
                count 1,234,567
                number 1,235
                small 0.09190
                tiny 3.2e-7
                negative -123,457
                none no data
                share 12.3 %
                rare 0.042 %
                rate 65.43 [64.00, 66.50]
                time 12.5 µs""");
    }

    @Test
    void zeroIsZeroAndNotNoData() {
        assertThat(Fmt.number(0)).isEqualTo("0");
        assertThat(Fmt.number(-0.0)).isEqualTo("0");
        assertThat(Fmt.percent(0)).isEqualTo("0.0 %");
        assertThat(Fmt.percent(-0.00000001)).isEqualTo("0.000 %");
        assertThat(Fmt.seconds(0)).isEqualTo("0 s");
    }

    @Test
    void roundingThatReachesTheNextPowerKeepsFourDigits() {
        assertThat(Fmt.number(9.99996)).isEqualTo("10.00");
        assertThat(Fmt.number(999.96)).isEqualTo("1,000");
        assertThat(Fmt.number(1)).isEqualTo("1.000");
    }

    @Test
    void whatIsNoNumberIsNotShownAsOne() {
        assertThatThrownBy(() -> Fmt.number(Double.NaN)).hasMessageContaining("not a number");
        assertThatThrownBy(() -> Quantity.percent(Double.POSITIVE_INFINITY)).hasMessageContaining("not a number");
        Table table = new Table("t", List.of("a"), List.of(List.of(Double.NaN)), null);
        assertThat(table.rows().get(0).get(0)).isNull();
    }

    private static List<Object> row(Object... items) {
        return java.util.Arrays.asList(items);
    }

    private static String text(Table table) {
        return Views.grid(table).rows().stream()
                .map(row -> row.items().stream().map(FmtTest::text).collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n"));
    }

    private static String text(Views.Item item) {
        if (item.number() == null) {
            return item.words();
        }
        return item.range() == null
                ? item.number().text()
                : item.number().text() + " [" + item.range().low().text() + ", "
                        + item.range().high().text() + "]";
    }
}
