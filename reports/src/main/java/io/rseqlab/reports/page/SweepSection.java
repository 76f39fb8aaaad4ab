package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Coordinates;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.reports.chart.Heading;
import io.rseqlab.reports.chart.PanelChart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * A sweep at a glance: the headline metric over one axis, a small panel for each level of the others, all on one scale,
 * strategies as lines with intervals.
 */
final class SweepSection {
    /** More than these no reader compares; the table has all. */
    private static final int MOST_PANELS = 24;

    /** Panels with so many places still stand three abreast. */
    private static final int NARROW = 8;

    private final Draft draft;
    private final ComparisonDocument document;
    private final Headline headline;
    private final Map<Cell, Map<String, String>> coordinates = new LinkedHashMap<>();
    private final Map<String, List<String>> varying;
    private final String axis;

    private SweepSection(Draft draft) {
        this.draft = draft;
        document = draft.model().comparison();
        headline = Headline.of(document);
        draft.cells().forEach(cell -> coordinates.put(cell, Coordinates.of(cell.key())));
        varying = Coordinates.varying(List.copyOf(coordinates.values()));
        axis = axis();
    }

    /** True where cells differ along a numeric axis and in something else besides. */
    static boolean fits(Draft draft) {
        if (draft.model().comparison() == null || draft.cells().size() < 3) {
            return false;
        }
        SweepSection section = new SweepSection(draft);
        return section.axis != null && section.panels().size() > 1;
    }

    /** Null where the runs are no sweep of two axes or more. */
    static Views.Section of(Draft draft) {
        return fits(draft) ? new SweepSection(draft).section() : null;
    }

    /** That of the maps, else the numeric coordinate with the most values; null where there is none. */
    private String axis() {
        if (document.crossovers() != null && !document.crossovers().isEmpty()) {
            String ofMaps = document.crossovers().get(0).x().name();
            if (varying.containsKey(ofMaps)) {
                return ofMaps;
            }
        }
        return varying.keySet().stream()
                .filter(name -> Coordinates.numeric(varying.get(name)))
                .max(Comparator.comparingInt(name -> varying.get(name).size()))
                .orElse(null);
    }

    /** Cells by what else sets them apart, in words. */
    private Map<String, List<Cell>> panels() {
        Map<String, List<Cell>> panels = new LinkedHashMap<>();
        coordinates.forEach((cell, at) -> {
            if (at.containsKey(axis)) {
                StringJoiner words = new StringJoiner(", ");
                at.forEach((name, value) -> {
                    if (varying.containsKey(name) && !name.equals(axis)) {
                        words.add(name.equals("workload") ? value : name + " " + value);
                    }
                });
                panels.computeIfAbsent(words.toString(), any -> new ArrayList<>())
                        .add(cell);
            }
        });
        panels.values().removeIf(cells -> cells.size() < 2);
        return panels;
    }

    private Views.Section section() {
        Map<String, List<Cell>> all = panels();
        List<PanelChart.Panel> panels = new ArrayList<>();
        all.entrySet().stream()
                .limit(MOST_PANELS)
                .forEach(entry ->
                        panels.add(new PanelChart.Panel(entry.getKey(), varying.get(axis), series(entry.getValue()))));
        int columns = varying.get(axis).size() > NARROW || panels.size() < 3 ? 2 : 3;
        String what = headline.title() + " over " + axis;
        PanelChart chart =
                new PanelChart(new Heading(what, draft.names().shared()), axis, "", columns, true, false, panels);
        String caption = what + ", a panel for each level of the other axes, on one scale"
                + (all.size() > MOST_PANELS ? "; the first " + MOST_PANELS + " of " + all.size() + " levels" : "")
                + (draft.leaders().crowded() ? "; those that stand out have their names beside them" : "");
        Views.Figure figure = draft.figure(
                "sweep",
                caption,
                caption + ": " + String.join("; ", all.keySet()) + ". The numbers stand in the table below.",
                () -> chart.draw(draft.styles(), draft.theme()),
                table(what, all));
        return new Views.Section(
                "sweep",
                "The sweep at a glance",
                "Heights compare across panels. Whiskers are " + Fmt.confidence(document.confidence())
                        + " intervals; where there is none to see, it is narrower than the mark.",
                null,
                List.of(figure),
                List.of());
    }

    private List<PanelChart.Series> series(List<Cell> cells) {
        List<PanelChart.Series> series = new ArrayList<>();
        for (String strategy : draft.strategies()) {
            List<PanelChart.Point> points = new ArrayList<>();
            for (String value : varying.get(axis)) {
                cells.stream()
                        .filter(cell -> value.equals(coordinates.get(cell).get(axis)))
                        .flatMap(cell -> estimate(cell, strategy).stream())
                        .findFirst()
                        .ifPresent(
                                estimate -> points.add(point(varying.get(axis).indexOf(value), estimate)));
            }
            if (!points.isEmpty()) {
                series.add(new PanelChart.Series(strategy, points));
            }
        }
        return series;
    }

    private PanelChart.Point point(int place, Estimate estimate) {
        boolean known = estimate.interval() != null;
        return new PanelChart.Point(
                place,
                estimate.mean() * headline.factor(),
                known ? estimate.interval().low() * headline.factor() : null,
                known ? estimate.interval().high() * headline.factor() : null);
    }

    private Optional<Estimate> estimate(Cell cell, String strategy) {
        return cell.strategies().stream()
                .filter(result -> result.strategy().equals(strategy))
                .map((StrategyResult result) -> result.metrics().get(document.metric()))
                .filter(estimate -> estimate != null && estimate.mean() != null)
                .findFirst();
    }

    private Table table(String title, Map<String, List<Cell>> panels) {
        List<List<Object>> rows = new ArrayList<>();
        panels.forEach((panel, cells) -> {
            for (String strategy : draft.strategies()) {
                for (Cell cell : cells) {
                    estimate(cell, strategy)
                            .ifPresent(estimate -> rows.add(List.of(
                                    panel,
                                    coordinates.get(cell).get(axis),
                                    strategy,
                                    Quantity.of(estimate, headline.form()),
                                    estimate.n())));
                }
            }
        });
        return new Table(title, List.of("panel", axis, "strategy", headline.title(), "runs"), rows, null);
    }
}
