package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.reports.chart.DotChart;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer as one picture: how the first rival stands to the baseline, workload by workload and place by place. */
final class Overview {
    private static final int MOST_PLACES = 6;

    private final Draft draft;
    private final ComparisonDocument document;
    private final String rival;

    private Overview(Draft draft, String rival) {
        this.draft = draft;
        this.document = draft.model().comparison();
        this.rival = rival;
    }

    /** The picture, or null where there is no rival, nothing to compare, or more places than can be told apart. */
    static Views.Figure of(Draft draft) {
        List<String> strategies = draft.strategies();
        int places = draft.panels().size();
        return strategies.size() < 2 || places > MOST_PLACES ? null : new Overview(draft, strategies.get(1)).figure();
    }

    private Views.Figure figure() {
        List<String> workloads = draft.fullCells().stream()
                .map(cell -> draft.names().workload(cell.key()))
                .distinct()
                .toList();
        Map<String, List<DotChart.Dot>> byPlace = new LinkedHashMap<>();
        List<List<Object>> rows = new ArrayList<>();
        for (Cell cell : draft.fullCells()) {
            Contrast contrast = contrast(cell);
            if (contrast != null) {
                int row = workloads.indexOf(draft.names().workload(cell.key()));
                byPlace.computeIfAbsent(place(cell), any -> new ArrayList<>())
                        .add(ThroughputSection.dot(row, contrast));
                rows.add(Arrays.asList(
                        draft.names().name(cell.key()),
                        Quantity.of(contrast.ratio(), contrast.interval(), Quantity.Form.NUMBER),
                        contrast.verdict()));
            }
        }
        if (rows.isEmpty() || byPlace.values().stream().anyMatch(dots -> dots.size() > workloads.size())) {
            return null;
        }
        List<DotChart.Series> series = new ArrayList<>();
        byPlace.forEach((place, dots) -> series.add(new DotChart.Series(place, place, false, dots)));
        Headline headline = Headline.of(document);
        String what = headline.name() + " of " + rival + " over that of " + document.baseline();
        String left = headline.moreIsBetter() ? document.baseline() : rival;
        String right = headline.moreIsBetter() ? rival : document.baseline();
        DotChart chart = new DotChart(
                "\u2190 " + left + " is better        " + what + "        " + right + " is better \u2192",
                workloads,
                series,
                DotChart.Layout.RATIO,
                1.0,
                document.margin(),
                false);
        Table table = new Table(what, List.of("cell", "ratio", "verdict"), rows, null);
        return draft.figure(
                "overview",
                what + ", with " + Fmt.confidence(document.confidence()) + " intervals (log scale)",
                what + ", for " + String.join(", ", workloads) + ". The numbers stand in the table below the chart.",
                () -> chart.draw(Styles.ofPlaces(byPlace.keySet()), draft.theme()),
                table);
    }

    private String place(Cell cell) {
        String place = draft.names().place(cell.key());
        return place.isEmpty() ? rival : place;
    }

    private Contrast contrast(Cell cell) {
        Contrast contrast = cell.contrast(rival, document.metric());
        return contrast != null && contrast.ratio() != null && contrast.ratio() > 0 ? contrast : null;
    }
}
