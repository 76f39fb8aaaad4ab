package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Crossover;
import io.rseqlab.analyzer.result.Crossover.Crossing;
import io.rseqlab.analyzer.result.MapAxis;
import io.rseqlab.analyzer.result.MapPoint;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** Maps and their lines in sentences. */
final class MapWords {
    private MapWords() {}

    /** How many points each side has. */
    static String ofMap(
            String candidate, String baseline, Map<String, String> place, MapAxis x, MapAxis y, List<MapPoint> points) {
        long candidates =
                points.stream().filter(p -> candidate.equals(p.winner())).count();
        long baselines =
                points.stream().filter(p -> baseline.equals(p.winner())).count();
        long none =
                points.stream().filter(p -> p.state().equals(MapPoint.NO_DATA)).count();
        long within = points.stream()
                .filter(p -> p.state().equals(MapPoint.EQUIVALENT) || p.state().equals(MapPoint.BELOW_MARGIN))
                .count();
        long open = points.size() - candidates - baselines - none - within;
        List<String> parts = new ArrayList<>();
        parts.add(candidate + " is better at " + candidates);
        parts.add(baseline + " at " + baselines);
        if (within > 0) {
            parts.add("within the margin " + within);
        }
        if (open > 0) {
            parts.add("undecided " + open);
        }
        if (none > 0) {
            parts.add("no data " + none);
        }
        return "over " + x.name() + (y == null ? "" : " and " + y.name()) + at(place) + ", of " + points.size()
                + " points: " + String.join(", ", parts) + ".";
    }

    private static String at(Map<String, String> place) {
        if (place.isEmpty()) {
            return "";
        }
        StringJoiner words = new StringJoiner(", ", " at ", "");
        place.forEach((name, value) -> words.add(name + " " + value));
        return words.toString();
    }

    /** What happens along one line. */
    static String ofLine(MapLine line, String kind, List<Crossing> crossings, List<Integer> decided) {
        String where = line.y() == null ? "" : line.yName() + " " + line.y() + ": ";
        String axis = line.x().name();
        return switch (kind) {
            case Crossover.NO_DATA -> where + "no data";
            case Crossover.UNDECIDED -> where + "neither is shown to be better at any value of " + axis;
            case Crossover.NONE ->
                where + "no crossover: " + line.winner(decided.get(0)) + " is better "
                        + (decided.size() == line.entries().size()
                                ? "at every value of "
                                : "wherever it is decided, of the values of ")
                        + axis;
            case Crossover.AT_EDGE ->
                where + "no crossover seen: " + line.winner(decided.get(0)) + " is better at " + axis + " "
                        + range(line, decided) + "; " + edges(line, decided);
            default -> where + crossings(axis, line.x().continuous(), crossings);
        };
    }

    private static String range(MapLine line, List<Integer> decided) {
        String first = x(line, decided.get(0));
        String last = x(line, decided.get(decided.size() - 1));
        return first.equals(last) ? first : first + " to " + last;
    }

    private static String edges(MapLine line, List<Integer> decided) {
        int last = decided.get(decided.size() - 1);
        List<String> edges = new ArrayList<>();
        if (decided.get(0) > 0) {
            edges.add("undecided up to " + x(line, decided.get(0) - 1) + ", so that one may lie at or below that end");
        }
        if (last < line.entries().size() - 1) {
            edges.add("undecided from " + x(line, last + 1) + " on, so that one may lie at or beyond that end");
        }
        return String.join("; ", edges);
    }

    private static String x(MapLine line, int index) {
        return line.entries().get(index).point().x();
    }

    private static String crossings(String axis, boolean continuous, List<Crossing> crossings) {
        StringJoiner words = new StringJoiner(
                "; ", crossings.size() == 1 ? "one crossover: " : crossings.size() + " crossovers: ", "");
        for (Crossing crossing : crossings) {
            words.add(crossing.before() + " is better up to " + axis + " " + crossing.from() + ", " + crossing.after()
                    + " from " + crossing.to() + " on" + placed(crossing, continuous));
        }
        return words.toString();
    }

    /** Where in the bracket, as far as the points next to it tell. */
    private static String placed(Crossing crossing, boolean continuous) {
        if (crossing.at() == null || crossing.interval() == null) {
            return continuous ? " (no more is known of the place: nothing to tell how the curve bends ran nearby)" : "";
        }
        return " (at " + digits(crossing.at()) + " ["
                + digits(crossing.interval().low()) + ", "
                + digits(crossing.interval().high()) + "])";
    }

    private static String digits(double value) {
        return new BigDecimal(value)
                .round(new MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
    }
}
