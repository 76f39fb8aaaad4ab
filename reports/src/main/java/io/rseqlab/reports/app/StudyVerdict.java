package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.analyzer.result.WhyDocument.Difference;
import io.rseqlab.analyzer.result.WhyDocument.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * What a study says of one pair.
 *
 * @param pair the two
 * @param exchange maps along threads, a workload each
 * @param handoff maps over hand-off and threads; empty where the pair did not run there
 * @param why the differences of all cells taken apart
 */
record StudyVerdict(StudyPair pair, List<CrossoverMap> exchange, List<CrossoverMap> handoff, WhyDocument why) {
    /** Reasons named in a sentence; the table has all. */
    private static final int REASONS = 3;

    /** A part below this share of the whole difference is no reason worth a sentence. */
    private static final double LEAST_SHARE = 0.1;

    /** A point with where it is. */
    private record Place(CrossoverMap map, MapPoint point) {
        /** In words. */
        String words() {
            if (map.y() == null) {
                return map.place().getOrDefault("workload", "") + ", " + threads(point.x());
            }
            return "churn with hand-off " + point.x() + ", " + threads(point.y());
        }
    }

    private static String threads(String count) {
        return count + (count.equals("1") ? " thread" : " threads");
    }

    private List<Place> places() {
        return Stream.concat(exchange.stream(), handoff.stream())
                .flatMap(map -> map.points().stream().map(point -> new Place(map, point)))
                .filter(place -> place.point().ratio() != null)
                .toList();
    }

    /** Who is ahead: the winner where that is decided, and by the mean alone where there are no intervals at all. */
    private String ahead(MapPoint point) {
        if (point.state().equals(MapPoint.TOO_FEW_SEEDS)) {
            return point.ratio() > 1 ? pair.candidate() : pair.baseline();
        }
        return point.winner();
    }

    /** At how many points each wins, and by how much at most. */
    String summary() {
        List<Place> places = places();
        List<String> parts = new ArrayList<>();
        for (String side : List.of(pair.candidate(), pair.baseline())) {
            long won = places.stream()
                    .filter(place -> side.equals(ahead(place.point())))
                    .count();
            String most = extreme(side)
                    .map(place -> ", at most by " + margin(place.point()) + " (" + place.words() + ")")
                    .orElse("");
            parts.add(side + " has more throughput at " + won + " of " + places.size() + " points" + most);
        }
        long open =
                places.stream().filter(place -> ahead(place.point()) == null).count();
        if (open > 0) {
            parts.add("at " + open + " neither is shown to be better");
        }
        boolean bare = places.stream().anyMatch(place -> place.point().interval() == null);
        return pair.question() + ": " + String.join("; ", parts) + "."
                + (bare ? " Means of too few seeds, without intervals: a look, no result." : "");
    }

    /** The winner's throughput over the loser's, with its interval. */
    private static String margin(MapPoint point) {
        boolean candidate = point.ratio() > 1;
        double ratio = candidate ? point.ratio() : 1 / point.ratio();
        Interval interval = point.interval();
        if (interval == null) {
            return factor(ratio);
        }
        return candidate
                ? factor(ratio) + range(factor(interval.low()), factor(interval.high()))
                : factor(ratio) + range(factor(1 / interval.high()), factor(1 / interval.low()));
    }

    private static String factor(double ratio) {
        return String.format(Locale.ROOT, "×%.2f", ratio);
    }

    private static String range(String low, String high) {
        return " [" + low + ", " + high + "]";
    }

    /** Point by point on the exchanges, and the map in a sentence where there are intervals to decide it. */
    List<String> details() {
        List<String> sentences = new ArrayList<>();
        for (CrossoverMap map : exchange) {
            StringJoiner points = new StringJoiner("; ", "", ".");
            for (MapPoint point : map.points()) {
                points.add(threads(point.x()) + " " + outcome(point));
            }
            sentences.add(pair.candidate() + " against " + pair.baseline() + ", "
                    + map.place().getOrDefault("workload", "exchange") + ": " + points);
        }
        for (CrossoverMap map : handoff) {
            if (map.points().stream().anyMatch(point -> point.state().equals(MapPoint.TOO_FEW_SEEDS))) {
                continue;
            }
            StringJoiner lines = new StringJoiner("; ", "", "");
            map.crossovers().forEach(line -> lines.add(line.sentence().replaceFirst("^threads ", "with threads ")));
            sentences.add(pair.candidate() + " against " + pair.baseline() + ", churn, " + map.sentence() + " Along "
                    + "hand-off: " + lines + ".");
        }
        return sentences;
    }

    private String outcome(MapPoint point) {
        if (point.ratio() == null) {
            return "no data";
        }
        String ahead = ahead(point);
        return ahead == null
                ? "undecided (" + factor(point.ratio())
                        + (point.interval() == null
                                ? ""
                                : range(
                                        factor(point.interval().low()),
                                        factor(point.interval().high())))
                        + ")"
                : ahead + " by " + margin(point);
    }

    /** Of each of the two the cell in which it wins most; left out where it wins none. */
    List<Difference> extremes() {
        return Stream.of(pair.candidate(), pair.baseline())
                .map(side -> extreme(side).flatMap(this::difference))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Place> extreme(String side) {
        return places().stream()
                .filter(place -> side.equals(ahead(place.point())))
                .max(Comparator.comparingDouble(
                        place -> Math.abs(Math.log(place.point().ratio()))));
    }

    private Optional<Difference> difference(Place place) {
        return why.cells().stream()
                .filter(cell -> place.words().equals(words(cell.key())))
                .findFirst();
    }

    /** The cell as {@link Place#words} has it. */
    private static String words(CellKey key) {
        return DemoVerdict.shortName(key.workload()) + ", " + threads(String.valueOf(key.threads()));
    }

    /** Without an interval the mean has to do: the summary says what that is worth. */
    private static boolean shown(Part part) {
        return part.interval() == null
                || part.interval().low() > 0
                || part.interval().high() < 0;
    }

    /** Why each wins where it wins most. */
    List<String> reasons() {
        List<String> sentences = new ArrayList<>();
        for (Difference cell : extremes()) {
            boolean less = cell.whole().difference() < 0;
            List<Part> parts = cell.why().isEmpty() ? cell.where() : cell.why();
            double least = LEAST_SHARE * Math.abs(cell.whole().difference());
            List<String> reasons = parts.stream()
                    .filter(part -> part.difference() < 0 == less && Math.abs(part.difference()) >= least)
                    .filter(StudyVerdict::shown)
                    .sorted(Comparator.comparingDouble((Part part) -> -Math.abs(part.difference())))
                    .limit(REASONS)
                    .map(part -> part.name() + " " + cycles(part))
                    .toList();
            sentences.add("Why " + (less ? pair.candidate() : pair.baseline()) + " wins most at " + words(cell.key())
                    + ": per operation, in cycles of all CPUs, " + pair.candidate() + " less " + pair.baseline()
                    + " is " + cycles(cell.whole()) + "; "
                    + (reasons.isEmpty() ? "no single part stands out" : "of these " + String.join(", ", reasons))
                    + ".");
        }
        return sentences;
    }

    private static String cycles(Part part) {
        return signed(part.difference())
                + (part.interval() == null
                        ? ""
                        : range(
                                signed(part.interval().low()),
                                signed(part.interval().high())));
    }

    private static String signed(double cycles) {
        return String.format(Locale.ROOT, "%+.1f", cycles);
    }
}
