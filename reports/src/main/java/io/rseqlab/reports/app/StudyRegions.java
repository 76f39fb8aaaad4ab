package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MapPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Where each of a pair is ahead: the points of its maps in lines along the number of threads, one for each workload,
 * hand-off and number of CPUs.
 *
 * @param pair the two
 * @param lines in the order of the maps
 */
record StudyRegions(StudyPair pair, List<Line> lines) {
    /** Columns of the table of regions. */
    static final List<String> COLUMNS =
            List.of("first and second of the pair", "where", "the first is ahead", "the second is ahead", "neither");

    /** Ratios below this have a digit more: one of ×1.00 says nothing. */
    private static final double SMALL = 1.01;

    /**
     * A line of points.
     *
     * @param workload its name
     * @param handoff share of the objects that change hands, null where that is no axis
     * @param cpus number of CPUs
     * @param points by number of threads; those without data are left out
     */
    record Line(String workload, String handoff, String cpus, NavigableMap<Integer, MapPoint> points) {
        String words() {
            return workload + (handoff == null ? "" : ", hand-off " + handoff) + ", " + cpus + " CPUs";
        }
    }

    /** The lines of some maps along threads, or over hand-off and threads. */
    static StudyRegions of(StudyPair pair, List<CrossoverMap> maps) {
        List<Line> lines = new ArrayList<>();
        for (CrossoverMap map : maps) {
            List<String> handoffs = new ArrayList<>();
            if (map.y() == null) {
                handoffs.add(null);
            } else {
                handoffs.addAll(map.x().values());
            }
            for (String handoff : handoffs) {
                NavigableMap<Integer, MapPoint> points = new TreeMap<>();
                map.points().stream()
                        .filter(point -> point.ratio() != null)
                        .filter(point -> handoff == null || handoff.equals(point.x()))
                        .forEach(point -> points.put(Integer.valueOf(handoff == null ? point.x() : point.y()), point));
                lines.add(new Line(workload(map), handoff, coordinate(map, "cpus"), points));
            }
        }
        return new StudyRegions(pair, List.copyOf(lines));
    }

    private static String workload(CrossoverMap map) {
        return DemoVerdict.shortName(coordinate(map, "workload"));
    }

    private static String coordinate(CrossoverMap map, String name) {
        return map.place().getOrDefault(name, map.common().getOrDefault(name, ""));
    }

    /** Who is ahead: the winner where that is decided, and by the mean alone where there are no intervals at all. */
    String ahead(MapPoint point) {
        if (point.state().equals(MapPoint.TOO_FEW_SEEDS)) {
            return point.ratio() > 1 ? pair.candidate() : pair.baseline();
        }
        return point.winner();
    }

    private List<Integer> threads(Line line, String side) {
        return line.points().entrySet().stream()
                .filter(entry -> side == null ? ahead(entry.getValue()) == null : side.equals(ahead(entry.getValue())))
                .map(Map.Entry::getKey)
                .toList();
    }

    // ---- in words

    /**
     * On which workloads one is ahead wherever it is shown, and on which now the one and now the other; by how much.
     */
    String lead() {
        Map<String, Map<String, Map<String, Double>>> factors = new LinkedHashMap<>();
        for (Line line : lines) {
            Map<String, Double> here = factors.computeIfAbsent(line.workload(), any -> new LinkedHashMap<>())
                    .computeIfAbsent(line.cpus(), any -> new TreeMap<>());
            line.points().values().stream()
                    .filter(point -> ahead(point) != null)
                    .forEach(point -> here.merge(ahead(point), factor(point), Math::max));
        }
        List<String> parts = new ArrayList<>();
        for (String side : Arrays.asList(pair.candidate(), pair.baseline(), null)) {
            List<String> won = new ArrayList<>();
            factors.forEach((workload, byCpus) -> {
                Map<String, Map<String, Double>> here = new LinkedHashMap<>(byCpus);
                here.values().removeIf(most -> !most.keySet().equals(sides(side)));
                if (!here.isEmpty()) {
                    String cpus =
                            here.size() < byCpus.size() ? " on " + listed(List.copyOf(here.keySet())) + " CPUs" : "";
                    won.add(workload + cpus + " (" + most(side, here.values()) + ")");
                }
            });
            if (!won.isEmpty()) {
                parts.add((side == null ? "now one, now the other on " : side + " is ahead on ") + listed(won));
            }
        }
        return parts.isEmpty() ? null : String.join("; ", parts) + ".";
    }

    /** By how much one is ahead at most, and where that is not always the same one, either. */
    private String most(String side, Collection<Map<String, Double>> factors) {
        List<String> sides = side == null ? List.of(pair.candidate(), pair.baseline()) : List.of(side);
        return sides.stream()
                .map(one -> (side == null ? one + " " : "") + "up to "
                        + words(factors.stream()
                                .mapToDouble(most -> most.get(one))
                                .max()
                                .orElseThrow()))
                .collect(Collectors.joining(", "));
    }

    private Set<String> sides(String side) {
        return side == null ? Set.of(pair.candidate(), pair.baseline()) : Set.of(side);
    }

    /** The places where one is ahead, null if there are none. */
    String words(String side) {
        Map<String, List<Line>> places = new LinkedHashMap<>();
        for (Line line : lines) {
            places.computeIfAbsent(line.workload() + DemoVerdict.HANDOFF + line.handoff(), any -> new ArrayList<>())
                    .add(line);
        }
        // by workload and threads: hand-offs with the same threads go together
        Map<List<String>, List<String>> handoffs = new LinkedHashMap<>();
        for (List<Line> alike : places.values()) {
            String where = alike.stream()
                    .filter(line -> !threads(line, side).isEmpty())
                    .map(line -> counted(line.points().keySet(), threads(line, side)) + " on " + line.cpus() + " CPUs")
                    .collect(Collectors.joining(", "));
            if (!where.isEmpty()) {
                Line line = alike.get(0);
                handoffs.computeIfAbsent(List.of(line.workload(), where), any -> new ArrayList<>())
                        .add(line.handoff());
            }
        }
        List<String> words = new ArrayList<>();
        handoffs.forEach((place, shares) -> words.add(place.get(0)
                + (shares.contains(null) ? "" : DemoVerdict.HANDOFF + listed(shares))
                + " (" + place.get(1) + ")"));
        return words.isEmpty() ? null : listed(words);
    }

    /** Numbers of threads, runs of neighbours as "4 to 64". */
    private static String counted(Collection<Integer> all, List<Integer> some) {
        List<String> runs = new ArrayList<>();
        Integer first = null;
        Integer last = null;
        for (Integer threads : all) {
            if (some.contains(threads)) {
                first = first == null ? threads : first;
                last = threads;
            } else if (first != null) {
                runs.add(run(first, last));
                first = null;
            }
        }
        if (first != null) {
            runs.add(run(first, last));
        }
        return listed(runs) + (some.equals(List.of(1)) ? " thread" : " threads");
    }

    private static String run(int first, int last) {
        return first == last ? String.valueOf(first) : first + " to " + last;
    }

    private static String listed(List<String> items) {
        int last = items.size() - 1;
        return last < 1 ? items.get(0) : String.join(", ", items.subList(0, last)) + " and " + items.get(last);
    }

    // ---- as a table

    /** A row for each line; see {@link #COLUMNS}. */
    List<List<Object>> rows() {
        List<List<Object>> rows = new ArrayList<>();
        for (Line line : lines) {
            List<Object> row = new ArrayList<>(List.of(pair.candidate() + ", " + pair.baseline(), line.words()));
            for (String side : List.of(pair.candidate(), pair.baseline())) {
                row.add(won(line, threads(line, side)));
            }
            List<Integer> open = threads(line, null);
            row.add(open.isEmpty() ? "–" : counted(line.points().keySet(), open));
            rows.add(row);
        }
        return rows;
    }

    private static String won(Line line, List<Integer> threads) {
        if (threads.isEmpty()) {
            return "–";
        }
        List<MapPoint> points = threads.stream()
                .map(line.points()::get)
                .sorted(Comparator.comparingDouble(StudyRegions::factor))
                .toList();
        Set<String> ends = new LinkedHashSet<>(List.of(margin(points.get(0)), margin(points.get(points.size() - 1))));
        return counted(line.points().keySet(), threads) + ": " + ends.stream().collect(Collectors.joining(" to "));
    }

    /** The winner's throughput over the loser's. */
    static double factor(MapPoint point) {
        return Math.max(point.ratio(), 1 / point.ratio());
    }

    /** The same with its interval, in words. */
    static String margin(MapPoint point) {
        Interval interval = point.interval();
        String ratio = words(factor(point));
        if (interval == null) {
            return ratio;
        }
        boolean candidate = point.ratio() > 1;
        double low = candidate ? interval.low() : 1 / interval.high();
        double high = candidate ? interval.high() : 1 / interval.low();
        return ratio + " [" + words(low) + ", " + words(high) + "]";
    }

    private static String words(double factor) {
        return String.format(Locale.ROOT, factor < SMALL ? "×%.3f" : "×%.2f", factor);
    }
}
