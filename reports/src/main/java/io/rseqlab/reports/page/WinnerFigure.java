package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.WinnerMap;
import io.rseqlab.reports.chart.Heading;
import io.rseqlab.reports.chart.MapChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** The best of all strategies as a picture: a tile for each point in the colour of its winner. */
final class WinnerFigure {
    private final Draft draft;
    private final List<WinnerMap> maps;
    private final String title;

    private WinnerFigure(Draft draft, List<WinnerMap> maps) {
        this.draft = draft;
        this.maps = maps;
        WinnerMap any = maps.get(0);
        title = "The best of " + any.strategies().size() + " strategies in "
                + Headline.of(draft.model().comparison()).name().toLowerCase(Locale.ROOT) + ", by "
                + any.x().name() + (any.y() == null ? "" : " and " + any.y().name());
    }

    /** Null where the best of all was not asked for, or there are only two. */
    static Views.Figure of(Draft draft) {
        List<WinnerMap> maps = draft.model().comparison() == null
                ? null
                : draft.model().comparison().winners();
        return maps == null || maps.isEmpty() ? null : new WinnerFigure(draft, maps).figure();
    }

    private Views.Figure figure() {
        WinnerMap first = maps.get(0);
        boolean lines = first.y() == null;
        List<String> columns = values(true);
        List<String> rows = lines ? maps.stream().map(WinnerFigure::place).toList() : values(false);
        List<MapChart.Panel> panels = new ArrayList<>();
        List<MapChart.Tile> tiles = new ArrayList<>();
        for (int line = 0; line < maps.size(); line++) {
            for (WinnerMap.Point point : maps.get(line).points()) {
                tiles.add(tile(point, columns.indexOf(point.x()), lines ? line : rows.indexOf(point.y())));
            }
            if (!lines) {
                panels.add(new MapChart.Panel(place(maps.get(line)), List.copyOf(tiles)));
                tiles.clear();
            }
        }
        if (lines) {
            panels.add(new MapChart.Panel("", tiles));
        }
        MapChart chart = new MapChart(
                new Heading(title + ": lead over the second in %", shared()),
                first.x().name(),
                lines ? "" : first.y().name(),
                columns,
                rows,
                lines || !first.y().numeric(),
                winners(),
                panels);
        String alt =
                draft.model().comparison().verdicts().get(0) + " The numbers stand in the table below the picture.";
        return draft.figure("winners", title + grey(), alt, () -> chart.draw(draft.styles(), draft.theme()), table());
    }

    /** Who has no colour of its own, where strategies are more than colours. */
    private String grey() {
        Leaders leaders = draft.leaders();
        List<String> without = leaders.crowded()
                ? winners().stream()
                        .filter(name -> !leaders.first().contains(name))
                        .toList()
                : List.of();
        return without.isEmpty()
                ? ""
                : ". Grey: " + String.join(", ", without) + "; which of them where, the table says";
    }

    /** What all maps have in common, as the maps of single candidates say it. */
    private String shared() {
        CrossoverMap any = draft.model().comparison().crossovers().get(0);
        StringJoiner words = new StringJoiner(" · ");
        Map<String, String> common = new LinkedHashMap<>(any.common());
        // what is 0 is off, and goes without saying
        common.values().removeIf(value -> value.matches("0(\\.0+)?"));
        common.forEach((name, value) -> words.add(name.equals("workload") ? value : name + " " + value));
        return words.toString();
    }

    /** Those that win somewhere, in the order of all strategies. */
    private List<String> winners() {
        Set<String> winning = new LinkedHashSet<>();
        maps.forEach(map -> map.points().forEach(point -> winning.add(shown(point))));
        return maps.get(0).strategies().stream().filter(winning::contains).toList();
    }

    /** The winner; with too few seeds to decide, who has the best mean. */
    private static String shown(WinnerMap.Point point) {
        return point.state().equals(MapPoint.TOO_FEW_SEEDS) ? point.contenders().get(0) : point.winner();
    }

    private List<String> values(boolean x) {
        Set<String> values = new LinkedHashSet<>();
        maps.forEach(map -> values.addAll((x ? map.x() : map.y()).values()));
        return List.copyOf(values);
    }

    private static String place(WinnerMap map) {
        StringJoiner words = new StringJoiner(", ");
        map.place().forEach((name, value) -> words.add(name + " " + value));
        return words.toString();
    }

    private static MapChart.Tile tile(WinnerMap.Point point, int column, int row) {
        MapChart.Kind kind = switch (point.state()) {
            case MapPoint.DECIDED -> MapChart.Kind.DECIDED;
            case MapPoint.TOO_FEW_SEEDS -> MapChart.Kind.LEANING;
            case MapPoint.NO_DATA -> MapChart.Kind.NO_DATA;
            default -> MapChart.Kind.UNDECIDED;
        };
        double margin = point.lead() == null ? 0 : Math.log(point.lead());
        return new MapChart.Tile(column, row, kind, shown(point), margin, label(point));
    }

    private static String label(WinnerMap.Point point) {
        if (point.lead() == null) {
            return "–";
        }
        double percent = 100 * (point.lead() - 1);
        return percent >= 900
                ? String.format(Locale.ROOT, "×%.0f", point.lead())
                : percent < 0.05 ? "<0.1%" : String.format(Locale.ROOT, percent < 9.95 ? "%.1f%%" : "%.0f%%", percent);
    }

    private Table table() {
        WinnerMap first = maps.get(0);
        List<String> headers = new ArrayList<>(first.place().keySet());
        headers.add(first.x().name());
        if (first.y() != null) {
            headers.add(first.y().name());
        }
        headers.addAll(List.of("best", "lead of the best mean over the second", "not shown to be worse"));
        List<List<Object>> rows = new ArrayList<>();
        for (WinnerMap map : maps) {
            for (WinnerMap.Point point : map.points()) {
                List<Object> row = new ArrayList<>(map.place().values());
                row.add(point.x());
                if (point.y() != null) {
                    row.add(point.y());
                }
                row.addAll(Arrays.asList(
                        point.winner() == null ? point.state().replace('_', ' ') : point.winner(),
                        point.lead() == null ? null : Quantity.percent(point.lead() - 1),
                        String.join(", ", point.contenders())));
                rows.add(row);
            }
        }
        return new Table(
                title,
                headers,
                rows,
                "Each was held against each: p values (" + first.test() + ") of all " + first.comparisons()
                        + " pairs of strategies of all points are corrected (Holm) together.");
    }
}
