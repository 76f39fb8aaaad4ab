package io.rseqlab.reports.page;

import io.rseqlab.reports.chart.ScatterChart;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Predicted against measured: a picture of all points of a quantity, and those that are worst in words. */
final class AgreementSection {
    private static final int WORST = 12;

    private AgreementSection() {}

    /** A section for a quantity. */
    static Views.Section of(Draft draft, Agreement agreement) {
        if (agreement.dots().isEmpty()) {
            return new Views.Section(
                    agreement.id(), agreement.title(), null, "nothing was compared", List.of(), List.of());
        }
        return new Views.Section(
                agreement.id(),
                agreement.title(),
                agreement.near(),
                null,
                List.of(figure(draft, agreement)),
                List.of(draft.grid(worst(agreement))));
    }

    private static Views.Figure figure(Draft draft, Agreement agreement) {
        Map<String, List<ScatterChart.Dot>> byStrategy = new LinkedHashMap<>();
        for (Agreement.Dot dot : agreement.dots()) {
            byStrategy
                    .computeIfAbsent(dot.strategy(), any -> new ArrayList<>())
                    .add(new ScatterChart.Dot(dot.measured(), dot.low(), dot.high(), dot.predicted()));
        }
        List<ScatterChart.Series> series = new ArrayList<>();
        byStrategy.forEach((name, dots) -> series.add(new ScatterChart.Series(name, dots)));
        String unit = agreement.unit().isEmpty() ? "" : ", " + agreement.unit();
        ScatterChart chart = new ScatterChart(
                "measured" + unit, "predicted" + unit, agreement.relative(), agreement.tolerance(), series);
        String caption = agreement.title() + ": predicted against measured. On the line they are equal; dashed, "
                + tolerance(agreement) + " more and less; whiskers, least and most of the native windows";
        return draft.figure(
                agreement.id(),
                caption,
                caption + ". The numbers stand in the table below the chart.",
                () -> chart.draw(Styles.of(byStrategy.keySet()), draft.theme()),
                table(agreement.title(), agreement, agreement.dots()));
    }

    private static String tolerance(Agreement agreement) {
        return agreement.relative() ? Fmt.confidence(agreement.tolerance()) : Fmt.number(agreement.tolerance());
    }

    private static Table worst(Agreement agreement) {
        List<Agreement.Dot> dots = agreement.dots().stream()
                .filter(dot -> dot.error() != null)
                .sorted(Comparator.comparingDouble((Agreement.Dot dot) -> -Math.abs(dot.error())))
                .limit(WORST)
                .toList();
        return table("The " + dots.size() + " largest errors: " + agreement.title(), agreement, dots);
    }

    private static Table table(String title, Agreement agreement, List<Agreement.Dot> dots) {
        String unit = agreement.unit().isEmpty() ? "" : ", " + agreement.unit();
        List<List<Object>> rows = new ArrayList<>();
        for (Agreement.Dot dot : dots) {
            rows.add(Arrays.asList(
                    dot.strategy(),
                    dot.point(),
                    new Quantity(dot.measured(), dot.low(), dot.high(), Quantity.Form.NUMBER),
                    dot.predicted(),
                    dot.error() == null || !agreement.relative() ? dot.error() : Quantity.percent(dot.error())));
        }
        return new Table(
                title,
                List.of("strategy", "point", "measured" + unit + " [least, most]", "predicted" + unit, "error"),
                rows,
                null);
    }
}
