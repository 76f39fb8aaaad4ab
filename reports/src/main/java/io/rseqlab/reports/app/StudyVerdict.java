package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.analyzer.result.WhyDocument.Difference;
import io.rseqlab.analyzer.result.WhyDocument.Part;
import io.rseqlab.reports.page.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
    /** Columns of the table of reasons. */
    static final List<String> REASON_COLUMNS = List.of(
            "pair",
            "ahead",
            "where it is ahead most",
            "difference, cycles of all CPUs per operation",
            "its largest parts, in the same unit");

    /** Parts named for each difference; a table of its own has all. */
    private static final int REASONS = 3;

    /** A part below this share of the whole difference is no reason worth naming. */
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

    /** Who is ahead, in a short sentence: the page begins with it. */
    String lead() {
        List<Place> places = places();
        return (bare(places) ? "A look, no result, by too few seeds. " : "") + lead(places);
    }

    private String lead(List<Place> places) {
        long candidate = ahead(places, pair.candidate());
        long baseline = ahead(places, pair.baseline());
        String of = " of " + places.size() + " points";
        if (candidate > 0 && baseline > 0) {
            return "Neither wins everywhere: " + pair.candidate() + " is ahead at " + candidate + of + ", "
                    + pair.baseline() + " at " + baseline + ".";
        }
        return candidate + baseline == 0
                ? "Neither " + pair.candidate() + " nor " + pair.baseline() + " is shown to be ahead at any" + of + "."
                : (candidate > 0 ? pair.candidate() : pair.baseline())
                        + " is ahead of "
                        + (candidate > 0 ? pair.baseline() : pair.candidate())
                        + " wherever one is shown to be, at "
                        + (candidate + baseline)
                        + of
                        + ".";
    }

    /** True if there are means alone. */
    private static boolean bare(List<Place> places) {
        return places.stream().anyMatch(place -> place.point().interval() == null);
    }

    private long ahead(List<Place> places, String side) {
        return places.stream()
                .filter(place -> side.equals(ahead(place.point())))
                .count();
    }

    /** At how many points each wins, and by how much at most. */
    String summary() {
        List<Place> places = places();
        List<String> parts = new ArrayList<>();
        for (String side : List.of(pair.candidate(), pair.baseline())) {
            long won = ahead(places, side);
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
        return pair.question() + ": " + String.join("; ", parts) + "."
                + (bare(places) ? " Means of too few seeds, without intervals: a look, no result." : "");
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

    /** Why each wins where it wins most, a row each; see {@link #REASON_COLUMNS}. */
    List<List<Object>> reasons() {
        List<List<Object>> rows = new ArrayList<>();
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
            rows.add(List.of(
                    pair.candidate() + " minus " + pair.baseline(),
                    less ? pair.candidate() : pair.baseline(),
                    words(cell.key()),
                    Quantity.of(cell.whole().difference(), cell.whole().interval(), Quantity.Form.NUMBER),
                    reasons.isEmpty() ? "no single part stands out" : String.join("; ", reasons)));
        }
        return rows;
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
