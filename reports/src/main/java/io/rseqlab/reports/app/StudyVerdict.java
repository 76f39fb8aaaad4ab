package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.CrossoverMap;
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
 * @param maps over hand-off and threads, or along threads alone
 * @param why the differences of all cells taken apart
 */
record StudyVerdict(StudyPair pair, List<CrossoverMap> maps, WhyDocument why) {
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

    /** How the part of idle CPUs begins. */
    private static final String IDLE = "idle";

    /** A point with where it is. */
    private record Place(CrossoverMap map, MapPoint point) {
        /** In words. */
        String words() {
            String workload = coordinate("workload");
            return map.y() == null
                    ? place(workload, point.x(), coordinate("cpus"))
                    : place(workload + DemoVerdict.HANDOFF + point.x(), point.y(), coordinate("cpus"));
        }

        private String coordinate(String name) {
            String common = map.common().getOrDefault(name, "");
            return DemoVerdict.shortName(map.place().getOrDefault(name, common));
        }
    }

    static String place(String workload, String threads, Object cpus) {
        return workload + ", " + threads + (threads.equals("1") ? " thread" : " threads") + " on " + cpus + " CPUs";
    }

    private List<Place> places() {
        return maps.stream()
                .flatMap(map -> map.points().stream().map(point -> new Place(map, point)))
                .filter(place -> place.point().ratio() != null)
                .toList();
    }

    StudyRegions regions() {
        return StudyRegions.of(pair, maps);
    }

    private String ahead(MapPoint point) {
        return regions().ahead(point);
    }

    /** Who is ahead where, in a short sentence: the page begins with it. */
    String lead() {
        List<Place> places = places();
        String regions = regions().lead();
        String neither = "Neither " + pair.candidate() + " nor " + pair.baseline() + " is shown to be ahead at any of "
                + places.size() + " points.";
        String look = bare(places) ? "A look, no result, by too few seeds: " : "";
        return look + (regions == null ? neither : regions);
    }

    /** True if there are means alone. */
    private static boolean bare(List<Place> places) {
        return places.stream().anyMatch(place -> place.point().interval() == null);
    }

    /** Where each wins, by how much at most and by what. */
    String summary() {
        List<Place> places = places();
        List<String> parts = new ArrayList<>();
        for (String side : List.of(pair.candidate(), pair.baseline())) {
            String where = regions().words(side);
            parts.add(where == null ? side + " nowhere" : side + " has more throughput on " + where + most(side));
        }
        long open =
                places.stream().filter(place -> ahead(place.point()) == null).count();
        if (open > 0) {
            parts.add("at " + open + " of " + places.size() + " points neither is shown to be better");
        }
        return pair.question() + ": " + String.join("; ", parts) + "."
                + (bare(places) ? " Means of too few seeds, without intervals: a look, no result." : "");
    }

    private String most(String side) {
        Place place = extreme(side).orElseThrow();
        String because = difference(place)
                .flatMap(cell -> reasons(cell).stream().findFirst().map(part -> because(cell, part)))
                .orElse("");
        return ", at most by " + StudyRegions.margin(place.point()) + " (" + place.words() + because + ")";
    }

    private static String because(Difference cell, Part part) {
        double saved = cell.whole().difference() - idle(cell);
        return String.format(
                Locale.ROOT,
                ": %.0f cycles per operation less; %s alone: %.0f less",
                Math.abs(saved),
                part.name(),
                Math.abs(part.difference()));
    }

    /** What CPUs without a thread add to the difference: with more CPUs than threads that is no waiting. */
    private static double idle(Difference cell) {
        return cell.why().stream()
                .filter(part -> isIdleness(cell, part))
                .mapToDouble(Part::difference)
                .sum();
    }

    private static boolean isIdleness(Difference cell, Part part) {
        return cell.key().threads() < cell.key().cpus() && part.name().startsWith(IDLE);
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
                .max(Comparator.comparingDouble(place -> StudyRegions.factor(place.point())));
    }

    private Optional<Difference> difference(Place place) {
        return why.cells().stream()
                .filter(cell -> place.words().equals(words(cell.key())))
                .findFirst();
    }

    /** The cell as {@link Place#words} has it. */
    private static String words(CellKey key) {
        return place(DemoVerdict.shortName(key.workload()), String.valueOf(key.threads()), key.cpus());
    }

    /** Without an interval the mean has to do: the summary says what that is worth. */
    private static boolean shown(Part part) {
        return part.interval() == null
                || part.interval().low() > 0
                || part.interval().high() < 0;
    }

    /** The largest parts in the direction of the difference, the largest first. */
    private static List<Part> reasons(Difference cell) {
        boolean less = cell.whole().difference() < 0;
        List<Part> parts = cell.why().isEmpty() ? cell.where() : cell.why();
        double least = LEAST_SHARE * Math.abs(cell.whole().difference() - idle(cell));
        return parts.stream()
                .filter(part -> !isIdleness(cell, part))
                .filter(part -> part.difference() < 0 == less && Math.abs(part.difference()) >= least)
                .filter(StudyVerdict::shown)
                .sorted(Comparator.comparingDouble((Part part) -> -Math.abs(part.difference())))
                .limit(REASONS)
                .toList();
    }

    /** Why each wins where it wins most, a row each; see {@link #REASON_COLUMNS}. */
    List<List<Object>> reasons() {
        List<List<Object>> rows = new ArrayList<>();
        for (Difference cell : extremes()) {
            List<String> reasons = reasons(cell).stream()
                    .map(part -> part.name() + " " + cycles(part))
                    .toList();
            rows.add(List.of(
                    pair.candidate() + " minus " + pair.baseline(),
                    cell.whole().difference() < 0 ? pair.candidate() : pair.baseline(),
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
                        : " [" + signed(part.interval().low()) + ", "
                                + signed(part.interval().high()) + "]");
    }

    private static String signed(double cycles) {
        return String.format(Locale.ROOT, "%+.1f", cycles);
    }
}
