package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Coordinates;
import io.rseqlab.analyzer.result.Crossover;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.Goodness;
import io.rseqlab.analyzer.result.MapAxis;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.WinnerMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Maps of a comparison: which strategy is better along one axis or over two, by how much, and where that changes. Each
 * point is decided by the contrast of its cell, as any table of the same document is.
 */
public final class Crossovers {
    private final ComparisonDocument document;
    private final String xName;
    private final String yName;
    private final String method;
    private final List<String> notes = new ArrayList<>();

    /** A cell with its coordinates. */
    private record Placed(Cell cell, Map<String, String> coordinates) {}

    private Crossovers(ComparisonDocument document, String xName, String yName) {
        this.document = document;
        this.xName = xName;
        this.yName = yName;
        method = Contrasts.family(document.cells(), document.metric()).stream()
                .map(Contrast::test)
                .findFirst()
                .orElse(null);
    }

    /**
     * The document with its maps: one for each strategy other than the baseline and each combination of the coordinates
     * that are no axis.
     *
     * @param axes one name or two: the first is the one along which crossovers are looked for
     * @throws IllegalArgumentException if an axis does not vary: the message says which do
     */
    public static ComparisonDocument in(ComparisonDocument document, List<String> axes) {
        Crossovers crossovers = new Crossovers(document, axes.get(0), axes.size() < 2 ? null : axes.get(1));
        List<CrossoverMap> maps = crossovers.maps();
        List<String> verdicts = new ArrayList<>();
        maps.forEach(map -> verdicts.add(
                map.candidate() + " against " + map.baseline() + ", " + map.metric() + ", " + map.sentence()));
        document.verdicts().stream()
                .filter(sentence -> !sentence.startsWith(WinnerWords.BEGIN))
                .forEach(verdicts::add);
        ComparisonDocument mapped = document.withCrossovers(maps, verdicts, crossovers.notes);
        return crossovers.strategies().size() < 3 ? mapped : crossovers.withWinners(mapped);
    }

    /**
     * The document with the best of all strategies in a sentence before all others, but without maps; as it is where
     * there are only two.
     */
    public static ComparisonDocument best(ComparisonDocument document) {
        Crossovers crossovers = new Crossovers(document, null, null);
        boolean known = document.verdicts().stream().anyMatch(line -> line.startsWith(WinnerWords.BEGIN));
        if (known || crossovers.strategies().size() < 3) {
            return document;
        }
        Winners winners = new Winners(document);
        Map<Cell, WinnerMap.Point> points = winners.points(cell -> null, cell -> null);
        return document.withWinners(
                null, crossovers.sentence(points), winners.note(document.cells().size()));
    }

    /** Where there are several candidates, who beats the baseline does not say who is the best. */
    private ComparisonDocument withWinners(ComparisonDocument mapped) {
        Winners winners = new Winners(document);
        Map<Cell, WinnerMap.Point> points = winners.points(
                cell -> Coordinates.of(cell.key()).get(xName),
                cell -> yName == null ? null : Coordinates.of(cell.key()).get(yName));
        Map<Cell, WinnerMap.Point> onAxes = new LinkedHashMap<>();
        List<WinnerMap> best = new ArrayList<>();
        byPlace(placed()).forEach((place, cells) -> {
            cells.forEach(placed -> onAxes.put(placed.cell(), points.get(placed.cell())));
            best.add(new WinnerMap(
                    document.metric(),
                    strategies(),
                    place,
                    axis(xName, cells),
                    yName == null ? null : axis(yName, cells),
                    winners.comparisons(),
                    winners.test(),
                    cells.stream().map(placed -> points.get(placed.cell())).toList()));
        });
        return mapped.withWinners(best, sentence(onAxes), winners.note(onAxes.size()));
    }

    private String sentence(Map<Cell, WinnerMap.Point> points) {
        List<WinnerWords.Placed> placed = new ArrayList<>();
        points.forEach((cell, point) -> placed.add(new WinnerWords.Placed(point, Coordinates.of(cell.key()))));
        return WinnerWords.of(strategies(), document.metric(), placed);
    }

    /** All that may be the best of a point. */
    private List<String> strategies() {
        Set<String> names = new LinkedHashSet<>();
        document.cells().forEach(cell -> cell.strategies().forEach(strategy -> names.add(strategy.strategy())));
        names.removeIf(Bounds::isBound);
        return List.copyOf(names);
    }

    // ---- maps

    private List<CrossoverMap> maps() {
        List<Placed> all = placed();
        Map<String, List<String>> varying = varying(all);
        requireVarying(xName, varying);
        if (yName != null) {
            requireVarying(yName, varying);
        }
        Map<Map<String, String>, List<Placed>> byPlace = byPlace(all);
        List<Placed> without = all.stream().filter(placed -> !onAxes(placed)).toList();
        if (!without.isEmpty()) {
            notes.add(without.size() + " cells have no " + xName + (yName == null ? "" : " or no " + yName)
                    + " and are in no map: "
                    + String.join(
                            "; ",
                            without.stream()
                                    .map(placed -> placed.cell().label())
                                    .toList()));
        }
        Set<String> candidates = new LinkedHashSet<>();
        document.cells().forEach(cell -> cell.contrasts().forEach(contrast -> candidates.add(contrast.strategy())));
        List<CrossoverMap> maps = new ArrayList<>();
        for (String candidate : candidates) {
            byPlace.forEach((place, cells) -> maps.add(map(candidate, place, cells)));
        }
        return maps;
    }

    private List<Placed> placed() {
        return document.cells().stream()
                .map(cell -> new Placed(cell, Coordinates.of(cell.key())))
                .toList();
    }

    private static Map<String, List<String>> varying(List<Placed> all) {
        return Coordinates.varying(all.stream().map(Placed::coordinates).toList());
    }

    private boolean onAxes(Placed placed) {
        return placed.coordinates().containsKey(xName)
                && (yName == null || placed.coordinates().containsKey(yName));
    }

    /** The cells of each map, by the coordinates that set it apart. */
    private Map<Map<String, String>, List<Placed>> byPlace(List<Placed> all) {
        Map<String, List<String>> varying = varying(all);
        Map<Map<String, String>, List<Placed>> byPlace = new LinkedHashMap<>();
        all.stream()
                .filter(this::onAxes)
                .forEach(placed -> byPlace.computeIfAbsent(place(placed, varying), any -> new ArrayList<>())
                        .add(placed));
        return byPlace;
    }

    private static void requireVarying(String name, Map<String, List<String>> varying) {
        if (!varying.containsKey(name)) {
            throw new IllegalArgumentException("'" + name + "' does not vary between the cells"
                    + (varying.isEmpty()
                            ? ", and nothing else does: sweep one"
                            : "; there vary: " + String.join(", ", varying.keySet())));
        }
    }

    private Map<String, String> place(Placed placed, Map<String, List<String>> varying) {
        Map<String, String> place = new LinkedHashMap<>();
        placed.coordinates().forEach((name, value) -> {
            if (varying.containsKey(name) && !name.equals(xName) && !name.equals(yName)) {
                place.put(name, value);
            }
        });
        return place;
    }

    private CrossoverMap map(String candidate, Map<String, String> place, List<Placed> cells) {
        MapAxis x = axis(xName, cells);
        MapAxis y = yName == null ? null : axis(yName, cells);
        List<MapPoint> points = new ArrayList<>();
        List<Crossover> crossovers = new ArrayList<>();
        List<String> lines = y == null ? new ArrayList<>() : y.values();
        if (y == null) {
            lines.add(null);
        }
        for (String line : lines) {
            List<MapLine.Entry> entries = new ArrayList<>();
            for (String value : x.values()) {
                Cell cell = cells.stream()
                        .filter(placed -> value.equals(placed.coordinates().get(xName)))
                        .filter(placed ->
                                line == null || line.equals(placed.coordinates().get(yName)))
                        .map(Placed::cell)
                        .findFirst()
                        .orElse(null);
                Contrast contrast = cell == null ? null : cell.contrast(candidate, document.metric());
                entries.add(new MapLine.Entry(point(value, line, contrast), cell, contrast));
            }
            entries.forEach(entry -> points.add(entry.point()));
            crossovers.add(new MapLine(x, line, yName, entries, document.confidence(), this::sign).crossover());
        }
        return new CrossoverMap(
                candidate,
                document.baseline(),
                document.metric(),
                Goodness.moreIsBetter(document.metric()),
                common(cells, place),
                place,
                x,
                y,
                method,
                points,
                crossovers,
                MapWords.ofMap(candidate, document.baseline(), place, x, y, points));
    }

    /** What all cells of a map share, but for what sets it apart from other maps. */
    private static Map<String, String> common(List<Placed> cells, Map<String, String> place) {
        Map<String, String> common = new LinkedHashMap<>(cells.get(0).coordinates());
        cells.forEach(placed -> common.entrySet().retainAll(placed.coordinates().entrySet()));
        common.keySet().removeAll(place.keySet());
        return common;
    }

    /** 1 where the candidate wins, -1 where the baseline does. */
    private int sign(MapPoint point) {
        return point.winner() == null ? 0 : point.winner().equals(document.baseline()) ? -1 : 1;
    }

    private static MapAxis axis(String name, List<Placed> cells) {
        Set<String> found = new LinkedHashSet<>();
        cells.forEach(placed -> found.add(placed.coordinates().get(name)));
        List<Map<String, String>> ones =
                found.stream().map(value -> Map.of(name, value)).toList();
        List<String> values = Coordinates.varying(ones).getOrDefault(name, List.copyOf(found));
        boolean numeric = Coordinates.numeric(values);
        return new MapAxis(name, values, numeric, numeric && !values.stream().allMatch(Coordinates::isWhole));
    }

    private MapPoint point(String x, String y, Contrast contrast) {
        if (contrast == null || contrast.ratio() == null) {
            int pairs = contrast == null ? 0 : contrast.n();
            boolean same = contrast != null && contrast.outcome().equals(MapPoint.EQUIVALENT);
            String state = same ? MapPoint.EQUIVALENT : MapPoint.NO_DATA;
            return new MapPoint(x, y, state, null, null, null, pairs, null, null, null);
        }
        String state = state(contrast);
        boolean candidateWins = contrast.ratio() > 1 == Goodness.moreIsBetter(document.metric());
        String winner =
                !state.equals(MapPoint.DECIDED) ? null : candidateWins ? contrast.strategy() : document.baseline();
        return new MapPoint(
                x,
                y,
                state,
                winner,
                contrast.ratio(),
                contrast.interval(),
                contrast.n(),
                contrast.pHolm(),
                contrast.modelError(),
                contrast.costs());
    }

    private String state(Contrast contrast) {
        return switch (contrast.outcome()) {
            case "too_few_seeds" -> MapPoint.TOO_FEW_SEEDS;
            case "equivalent" -> MapPoint.EQUIVALENT;
            case "higher", "lower" -> belowMargin(contrast.ratio()) ? MapPoint.BELOW_MARGIN : MapPoint.DECIDED;
            default -> MapPoint.UNDECIDED;
        };
    }

    /** Nobody wins by less than what was said not to matter. */
    private boolean belowMargin(double ratio) {
        return document.margin() != null && Math.abs(ratio - 1) < document.margin();
    }
}
