package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.MapAxis;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.WinnerMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.function.BinaryOperator;

/** Maps of a comparison as tables: a column for each value of the first axis, a row for each of the second. */
final class CrossoverText {
    private static final String LEGEND = "▲ the strategy is better, ▼ the baseline is, · not decided, ≈ the same or"
            + " within the margin; the share is strategy over baseline - 1.\n";

    private CrossoverText() {}

    /** Each map with its sentence and the crossovers of its lines, then what must be known to read them. */
    static String table(ComparisonDocument document) {
        StringBuilder text = new StringBuilder();
        if (document.winners() != null) {
            text.append(document.verdicts().get(0)).append('\n');
            document.winners().forEach(map -> text.append('\n').append(winners(map)));
        }
        for (CrossoverMap map : document.crossovers()) {
            text.append(text.isEmpty() ? "" : "\n").append(heading(map)).append('\n');
            text.append(map.sentence()).append('\n').append(grid(map));
            map.crossovers()
                    .forEach(line -> text.append("  ").append(line.sentence()).append('\n'));
        }
        text.append('\n')
                .append(LEGEND)
                .append(marks(document))
                .append(ComparisonText.bounds(document))
                .append(document.modelError())
                .append('\n');
        document.skipped().forEach(line -> text.append("Skipped: ").append(line).append('\n'));
        document.notes().forEach(line -> text.append("Note: ").append(line).append('\n'));
        return text.toString();
    }

    /** What stands behind the signs of some maps only. */
    private static String marks(ComparisonDocument document) {
        List<MapPoint> points = document.crossovers().stream()
                .flatMap(map -> map.points().stream())
                .toList();
        String within = points.stream().anyMatch(MapPoint::withinModelError)
                ? "? better, but by less than the documented error of the model.\n"
                : "";
        return points.stream().noneMatch(point -> point.costs() != null)
                ? within
                : within + "k/N: in k of N draws of costs from their ranges the other one is ahead.\n";
    }

    private static String heading(CrossoverMap map) {
        StringJoiner place = new StringJoiner(", ", "; ", "").setEmptyValue("");
        map.place().forEach((name, value) -> place.add(name + " " + value));
        return map.candidate() + " against " + map.baseline() + ", " + map.metric() + place;
    }

    /** Who is the best where; a dot where nobody is shown to be. */
    private static String winners(WinnerMap map) {
        StringJoiner place = new StringJoiner(", ", "; ", "\n").setEmptyValue("\n");
        map.place().forEach((name, value) -> place.add(name + " " + value));
        return "The best of all" + place
                + grid(
                        map.x(),
                        map.y(),
                        (atX, atY) -> map.points().stream()
                                .filter(point -> atX.equals(point.x()) && Objects.equals(atY, point.y()))
                                .map(point -> point.winner() == null ? "·" : point.winner())
                                .findFirst()
                                .orElse(Numbers.NO_DATA));
    }

    private static String grid(CrossoverMap map) {
        return grid(map.x(), map.y(), (atX, atY) -> cell(map, map.point(atX, atY)));
    }

    /** A row for each value of the second axis, or one where there is none. */
    private static String grid(MapAxis x, MapAxis y, BinaryOperator<String> cell) {
        List<String> heads = new ArrayList<>();
        heads.add((y == null ? "" : y.name() + " \\ ") + x.name());
        x.values().forEach(value -> heads.add(">" + value));
        TextTable table = new TextTable(heads.toArray(String[]::new));
        for (int line = 0; line < (y == null ? 1 : y.values().size()); line++) {
            String atY = y == null ? null : y.values().get(line);
            List<String> cells = new ArrayList<>();
            cells.add(y == null ? "" : atY);
            x.values().forEach(atX -> cells.add(cell.apply(atX, atY)));
            table.row(cells.toArray(String[]::new));
        }
        return table.render();
    }

    private static String cell(CrossoverMap map, MapPoint point) {
        if (point.ratio() == null) {
            return point.change();
        }
        boolean within =
                point.state().equals(MapPoint.EQUIVALENT) || point.state().equals(MapPoint.BELOW_MARGIN);
        String sign = point.winner() != null ? point.winner().equals(map.candidate()) ? "▲" : "▼" : within ? "≈" : "·";
        String error = point.withinModelError() ? "?" : "";
        String costs = point.costs() == null
                ? ""
                : " " + point.costs().flips() + "/" + point.costs().draws();
        return point.change() + " " + sign + error + costs;
    }
}
