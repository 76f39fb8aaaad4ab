package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.QuantileShifts;
import io.rseqlab.reports.chart.Heading;
import io.rseqlab.reports.chart.PanelChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** By how much latencies differ from the baseline's, quantile by quantile: whether all operations do, or the slow. */
final class ShiftSection {
    /** From here on quantiles are the tail, which has a scale of its own. */
    private static final double TAIL = 0.95;

    private ShiftSection() {}

    /** Null where no latencies were compared. */
    static Views.Section of(Draft draft) {
        List<Cell> cells = draft.cells().stream()
                .filter(cell -> !cell.quantileShifts().isEmpty())
                .toList();
        if (cells.isEmpty()) {
            return null;
        }
        Set<String> focus = Focus.places(draft).keySet();
        List<Views.Figure> figures = cells.stream()
                .filter(cell -> focus.contains(draft.names().name(cell.key())))
                .map(cell -> figure(draft, cell))
                .toList();
        Table all = table(draft, "Latency against the baseline's, quantile by quantile, every cell", cells);
        return new Views.Section(
                "shifts",
                "Which operations are slower, and by how much",
                "Each mark is a quantile of the strategy's latencies minus that of the baseline's: p50 is half of the"
                        + " operations, p99.9 the slowest in a thousand. Below the line at zero the strategy is faster"
                        + " there. Level marks say that all operations differ alike; those that rise to the right that"
                        + " the slow ones do. Whiskers are intervals from resampled runs, for each quantile by itself;"
                        + " none is narrower than the buckets that latencies were counted in, since nothing below them"
                        + " was recorded.",
                null,
                figures,
                List.of(),
                cells.size() > figures.size() ? List.of(draft.grid(all)) : List.of());
    }

    private static Views.Figure figure(Draft draft, Cell cell) {
        Map<String, List<QuantileShifts>> byOperation = new LinkedHashMap<>();
        List<QuantileShifts> drawn = cell.quantileShifts().stream()
                .filter(shifts -> draft.drawsCurve(shifts.strategy()))
                .toList();
        drawn.forEach(shifts -> byOperation
                .computeIfAbsent(shifts.operation(), any -> new ArrayList<>())
                .add(shifts));
        long left = cell.quantileShifts().stream()
                .map(QuantileShifts::strategy)
                .filter(strategy -> !draft.drawsCurve(strategy))
                .distinct()
                .count();
        List<PanelChart.Panel> panels = new ArrayList<>();
        byOperation.forEach((operation, all) -> {
            panels.add(panel(operation + ", deciles", all, false));
            panels.add(panel(operation + ", tail", all, true));
        });
        QuantileShifts any = cell.quantileShifts().get(0);
        String place = draft.names().name(cell.key());
        String what = "Latency minus that of " + any.baseline() + ", by quantile";
        PanelChart chart = new PanelChart(
                new Heading(
                        what + ", " + any.unit() + ": " + place, draft.names().shared()),
                "quantile",
                "difference, " + any.unit(),
                2,
                false,
                true,
                panels);
        String caption =
                what + ": " + place + (left == 0 ? "" : "; " + left + " strategies are left out, and in the table");
        return draft.figure(
                "shifts" + ThroughputSection.slug(place),
                caption,
                caption + ". The numbers stand in the table below the chart.",
                () -> chart.draw(draft.styles(), draft.theme()),
                table(draft, caption, List.of(cell)));
    }

    private static PanelChart.Panel panel(String title, List<QuantileShifts> all, boolean tail) {
        List<PanelChart.Series> series = new ArrayList<>();
        List<String> places = new ArrayList<>();
        for (QuantileShifts shifts : all) {
            List<PanelChart.Point> points = new ArrayList<>();
            places.clear();
            for (QuantileShifts.Point point : shifts.points()) {
                if (point.quantile() > TAIL == tail) {
                    boolean known = point.interval() != null;
                    points.add(new PanelChart.Point(
                            places.size(),
                            point.difference(),
                            known ? point.interval().low() : null,
                            known ? point.interval().high() : null));
                    places.add(point.name());
                }
            }
            series.add(new PanelChart.Series(shifts.strategy(), points));
        }
        return new PanelChart.Panel(title, List.copyOf(places), series);
    }

    private static Table table(Draft draft, String title, List<Cell> cells) {
        List<List<Object>> rows = new ArrayList<>();
        for (Cell cell : cells) {
            for (QuantileShifts shifts : cell.quantileShifts()) {
                for (QuantileShifts.Point point : shifts.points()) {
                    rows.add(Arrays.asList(
                            draft.names().name(cell.key()),
                            shifts.operation(),
                            shifts.strategy(),
                            point.name(),
                            point.strategy(),
                            point.baseline(),
                            Quantity.of(point.difference(), point.interval(), Quantity.Form.NUMBER),
                            point.withinResolution() ? "within a bucket" : "",
                            point.resolution(),
                            shifts.n(),
                            runs(shifts, point)));
                }
            }
        }
        QuantileShifts any = cells.get(0).quantileShifts().get(0);
        return new Table(
                title,
                List.of(
                        "cell",
                        "operation",
                        "strategy",
                        "quantile",
                        "latency, " + any.unit(),
                        "that of " + any.baseline(),
                        "difference",
                        "",
                        "resolution, " + any.unit(),
                        "pairs",
                        "runs beyond it"),
                rows,
                "Quantiles of all runs of a strategy merged; values in one bucket are taken to lie evenly in it, so a"
                        + " difference below the resolution (half the buckets of both) shows nothing. Runs beyond"
                        + " it: how many the values beyond the quantile are as good as; where these are few, the"
                        + " interval rests on them and is wide.");
    }

    private static Object runs(QuantileShifts shifts, QuantileShifts.Point point) {
        return point.effectiveRuns() == null
                ? null
                : String.format(Locale.ROOT, point.heldByFew(shifts.n()) ? "%.1f: few" : "%.1f", point.effectiveRuns());
    }
}
