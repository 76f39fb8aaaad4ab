package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.CostDraws;
import io.rseqlab.analyzer.result.Crossover;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.MapAxis;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.reports.chart.Heading;
import io.rseqlab.reports.chart.MapChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.Supplier;

/** Where the better strategy changes: a picture for each candidate, its maps beside each other, with the crossovers. */
final class CrossoverSection {
    private final Draft draft;
    private final List<CrossoverMap> maps;

    private CrossoverSection(Draft draft, List<CrossoverMap> maps) {
        this.draft = draft;
        this.maps = maps;
    }

    private static List<CrossoverMap> maps(Draft draft) {
        List<CrossoverMap> maps = draft.model().comparison() == null
                ? null
                : draft.model().comparison().crossovers();
        return maps == null ? List.of() : maps;
    }

    /** The picture of the best of all, or where there is one candidate only, its own; null without maps. */
    static Views.Figure first(Draft draft) {
        List<CrossoverMap> maps = maps(draft);
        Views.Figure winners = WinnerFigure.of(draft);
        return maps.isEmpty() || winners != null
                ? winners
                : new CrossoverSection(draft, maps)
                        .candidates()
                        .values()
                        .iterator()
                        .next()
                        .get();
    }

    /** The crossovers, and the pictures of the candidates that are not the first; null without maps. */
    static Views.Section of(Draft draft) {
        List<CrossoverMap> maps = maps(draft);
        return maps.isEmpty() ? null : new CrossoverSection(draft, maps).section();
    }

    private Map<String, Supplier<Views.Figure>> candidates() {
        Map<String, Supplier<Views.Figure>> figures = new LinkedHashMap<>();
        byPicture().forEach((candidate, all) -> {
            if (drawn(all)) {
                figures.put(candidate, () -> all.get(0).y() == null ? lines(all) : panels(all));
            }
        });
        return figures;
    }

    /** Where strategies are more than colours, only those that stand out have a picture of their own. */
    private boolean drawn(List<CrossoverMap> all) {
        return !draft.leaders().crowded()
                || draft.leaders().first().contains(all.get(0).candidate());
    }

    private Map<String, List<CrossoverMap>> byPicture() {
        Map<String, List<CrossoverMap>> byPicture = new LinkedHashMap<>();
        maps.forEach(map -> byPicture
                .computeIfAbsent(pairAndAxes(map), any -> new ArrayList<>())
                .add(map));
        return byPicture;
    }

    /** Maps of one picture: a page may hold several pairs, and maps of one over other axes. */
    private static String pairAndAxes(CrossoverMap map) {
        return String.join(
                " ",
                map.candidate(),
                map.baseline(),
                map.x().name(),
                map.y() == null ? "" : map.y().name());
    }

    private Views.Section section() {
        boolean overview = draft.model().comparison().winners() != null;
        List<Views.Figure> figures = candidates().values().stream()
                .skip(overview ? 0 : 1)
                .map(Supplier::get)
                .toList();
        List<Views.Grid> grids = new ArrayList<>();
        List<Views.Grid> folded = new ArrayList<>();
        Set<String> without = new LinkedHashSet<>();
        for (List<CrossoverMap> all : byPicture().values()) {
            if (drawn(all)) {
                grids.add(draft.grid(crossovers(all)));
            } else {
                folded.add(draft.grid(points(all)));
                folded.add(draft.grid(crossovers(all)));
                without.add(all.get(0).candidate());
            }
        }
        return new Views.Section(
                "crossovers",
                "Where the better strategy changes",
                "In a map each tile is one combination. Its colour is that of the strategy that is better, deeper where"
                        + " it is better by more; the number is by how much the strategy's figure differs from the"
                        + " baseline's. Hatched tiles are not decided (hatched in a colour: by the means that strategy"
                        + " is ahead, with too few seeds for an interval). A black line is where the winner changes."
                        + decided() + marks()
                        + (without.isEmpty()
                                ? ""
                                : " Without a picture, and in the folded tables: " + String.join(", ", without) + "."),
                null,
                figures,
                grids,
                folded);
    }

    /** By which test; nothing where runs are too few for any. */
    private String decided() {
        String method = maps.get(0).method();
        return method == null ? "" : " Points are decided by " + method + ", corrected (Holm) over all points.";
    }

    /** What the marks on some maps' tiles mean. */
    private String marks() {
        List<MapPoint> points =
                maps.stream().flatMap(map -> map.points().stream()).toList();
        String within = points.stream().anyMatch(MapPoint::withinModelError)
                ? " A ring stands where the difference is smaller than the documented error of the model."
                : "";
        return points.stream().noneMatch(point -> point.costs() != null)
                ? within
                : within + " k/N below the number: in k of N draws of the machine's costs from their ranges the other"
                        + " strategy is ahead.";
    }

    /** Two axes: a map for each combination of the other coordinates. */
    private Views.Figure panels(List<CrossoverMap> all) {
        CrossoverMap first = all.get(0);
        List<String> columns = values(all, true);
        List<String> rows = values(all, false);
        List<MapChart.Panel> panels = new ArrayList<>();
        for (CrossoverMap map : all) {
            List<MapChart.Tile> tiles = new ArrayList<>();
            for (MapPoint point : map.points()) {
                tiles.add(tile(map, point, columns.indexOf(point.x()), rows.indexOf(point.y())));
            }
            panels.add(new MapChart.Panel(place(map), tiles));
        }
        String axes = first.x().name() + " and " + first.y().name();
        MapChart chart = new MapChart(
                heading(first, axes),
                first.x().name(),
                first.y().name(),
                columns,
                rows,
                !first.y().numeric(),
                List.of(first.baseline(), first.candidate()),
                panels);
        return figure(all, chart, axes);
    }

    /** One axis: a row for each combination of the other coordinates. */
    private Views.Figure lines(List<CrossoverMap> all) {
        CrossoverMap first = all.get(0);
        List<String> columns = values(all, true);
        List<String> rows = all.stream().map(CrossoverSection::place).toList();
        List<MapChart.Tile> tiles = new ArrayList<>();
        for (int row = 0; row < all.size(); row++) {
            for (MapPoint point : all.get(row).points()) {
                tiles.add(tile(all.get(row), point, columns.indexOf(point.x()), row));
            }
        }
        MapChart chart = new MapChart(
                heading(first, first.x().name()),
                first.x().name(),
                "",
                columns,
                rows,
                true,
                List.of(first.baseline(), first.candidate()),
                List.of(new MapChart.Panel("", tiles)));
        return figure(all, chart, first.x().name());
    }

    private Views.Figure figure(List<CrossoverMap> all, MapChart chart, String axes) {
        CrossoverMap first = all.get(0);
        String what = what(first, axes);
        StringJoiner alt = new StringJoiner(" ", what + ": ", " The numbers stand in the table below the picture.");
        all.forEach(map -> alt.add(map.sentence()));
        return draft.figure(
                "crossovers", what, alt.toString(), () -> chart.draw(draft.styles(), draft.theme()), points(all));
    }

    private String what(CrossoverMap map, String axes) {
        return Headline.of(draft.model().comparison()).name() + " of " + map.candidate() + " over that of "
                + map.baseline() + " by " + axes;
    }

    /** For the picture alone: what the tiles count, and what all of them share. */
    private Heading heading(CrossoverMap map, String axes) {
        Map<String, String> common = new LinkedHashMap<>(map.common());
        List<String> words = new ArrayList<>();
        String workload = common.remove("workload");
        words.add(workload == null ? "" : workload);
        for (String place : List.of("cpus", "threads", "machine", "kernel", "inject")) {
            String value = common.remove(place);
            words.add(value == null ? "" : place + " " + value);
        }
        // what is 0 is off, and goes without saying
        common.values().removeIf(value -> value.matches("0(\\.0+)?"));
        common.forEach((name, value) -> words.add(name + " " + value));
        words.removeIf(String::isEmpty);
        return new Heading(what(map, axes) + ": change in %", String.join(" · ", words));
    }

    private static List<String> values(List<CrossoverMap> all, boolean x) {
        List<String> values = new ArrayList<>();
        for (CrossoverMap map : all) {
            MapAxis axis = x ? map.x() : map.y();
            axis.values().stream().filter(value -> !values.contains(value)).forEach(values::add);
        }
        return values;
    }

    private static String place(CrossoverMap map) {
        StringJoiner words = new StringJoiner(", ");
        map.place().forEach((name, value) -> words.add(name + " " + value));
        return words.toString();
    }

    private static MapChart.Tile tile(CrossoverMap map, MapPoint point, int column, int row) {
        MapChart.Kind kind = switch (point.state()) {
            case MapPoint.DECIDED -> MapChart.Kind.DECIDED;
            case MapPoint.EQUIVALENT, MapPoint.BELOW_MARGIN -> MapChart.Kind.WITHIN_MARGIN;
            case MapPoint.NO_DATA -> MapChart.Kind.NO_DATA;
            case MapPoint.TOO_FEW_SEEDS -> MapChart.Kind.LEANING;
            default -> MapChart.Kind.UNDECIDED;
        };
        String shown = kind != MapChart.Kind.LEANING
                ? point.winner()
                : point.ratio() > 1 == map.moreIsBetter() ? map.candidate() : map.baseline();
        double margin = point.ratio() == null ? 0 : Math.abs(Math.log(point.ratio()));
        return new MapChart.Tile(
                column, row, kind, shown, margin, point.change(), flips(point), point.withinModelError());
    }

    private static String flips(MapPoint point) {
        return point.costs() == null
                ? ""
                : point.costs().flips() + "/" + point.costs().draws();
    }

    private Table points(List<CrossoverMap> all) {
        CrossoverMap first = all.get(0);
        List<String> headers = new ArrayList<>();
        first.place().keySet().forEach(headers::add);
        headers.add(first.x().name());
        if (first.y() != null) {
            headers.add(first.y().name());
        }
        boolean errors = known(all, MapPoint::modelError);
        boolean costs = known(all, MapPoint::costs);
        headers.addAll(List.of("better", "ratio", "p (Holm)", "seeds"));
        headers.addAll(errors ? List.of("model error") : List.of());
        headers.addAll(costs ? List.of("costs drawn: winner flips", "share of draws", "ratios") : List.of());
        List<List<Object>> rows = new ArrayList<>();
        for (CrossoverMap map : all) {
            for (MapPoint point : map.points()) {
                List<Object> row = new ArrayList<>(map.place().values());
                row.add(point.x());
                if (point.y() != null) {
                    row.add(point.y());
                }
                row.add(point.winner() == null ? point.state().replace('_', ' ') : point.winner());
                row.add(Quantity.of(point.ratio(), point.interval(), Quantity.Form.NUMBER));
                row.add(point.pHolm());
                row.add(point.n());
                if (errors) {
                    row.add(modelError(point));
                }
                if (costs) {
                    row.addAll(costs(point.costs()));
                }
                rows.add(row);
            }
        }
        return new Table(first.candidate() + " over " + first.baseline() + ", point by point", headers, rows, null);
    }

    private static boolean known(List<CrossoverMap> all, Function<MapPoint, Object> what) {
        return all.stream().flatMap(map -> map.points().stream()).map(what).anyMatch(Objects::nonNull);
    }

    private static Object modelError(MapPoint point) {
        return point.modelError() == null
                ? "not validated"
                : String.format(
                        Locale.ROOT,
                        point.withinModelError() ? "±%.1f%%: more than the difference" : "±%.1f%%",
                        100 * point.modelError());
    }

    private static List<Object> costs(CostDraws costs) {
        if (costs == null) {
            return Arrays.asList(null, null, null);
        }
        return List.of(
                costs.flips() + " of " + costs.draws(),
                String.format(
                        Locale.ROOT,
                        "[%.0f%%, %.0f%%]",
                        100 * costs.interval().low(),
                        100 * costs.interval().high()),
                String.format(Locale.ROOT, "%.3f to %.3f", costs.ratioLow(), costs.ratioHigh()));
    }

    private Table crossovers(List<CrossoverMap> all) {
        CrossoverMap first = all.get(0);
        List<List<Object>> rows = new ArrayList<>();
        for (CrossoverMap map : all) {
            for (Crossover line : map.crossovers()) {
                String where = place(map);
                where += line.y() == null
                        ? ""
                        : (where.isEmpty() ? "" : ", ") + map.y().name() + " " + line.y();
                String words =
                        line.y() == null ? line.sentence() : line.sentence().replaceFirst("^[^:]*: ", "");
                rows.add(Arrays.asList(
                        where.isEmpty() ? "all" : where, line.kind().replace('_', ' '), words));
            }
        }
        return new Table(
                "Crossovers along " + first.x().name() + ", " + first.candidate() + " against " + first.baseline(),
                List.of("where", "crossovers", "in words"),
                rows,
                "Between two points nothing ran: a crossover lies in the bracket. Where there are points beside the"
                        + " bracket or in it, and the axis has other than whole numbers, an interval says more: it"
                        + " holds all places that paired t tests on the chord of two points and on those of their"
                        + " neighbours, drawn on, do not rule out, if the curve bends one way only there.");
    }
}
