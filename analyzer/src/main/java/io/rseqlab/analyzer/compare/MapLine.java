package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Crossover;
import io.rseqlab.analyzer.result.Crossover.Crossing;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MapAxis;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.stats.SignChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/**
 * One line of a map: the points along the first axis, and where the better strategy changes on it.
 *
 * @param x the axis
 * @param y value on the other axis, null where there is none
 * @param yName name of the other axis, null where there is none
 * @param entries the points, in the order of the axis
 * @param confidence of intervals
 * @param sign 1 where the candidate wins, -1 where the baseline does, 0 where neither is shown to
 */
record MapLine(
        MapAxis x, String y, String yName, List<Entry> entries, double confidence, ToIntFunction<MapPoint> sign) {

    /** A point with the cell and the contrast behind it, which are null where nothing ran. */
    record Entry(MapPoint point, Cell cell, Contrast contrast) {}

    Crossover crossover() {
        List<Integer> decided = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (sign.applyAsInt(entries.get(i).point()) != 0) {
                decided.add(i);
            }
        }
        List<Crossing> crossings = new ArrayList<>();
        for (int i = 0; i + 1 < decided.size(); i++) {
            if (!winner(decided.get(i)).equals(winner(decided.get(i + 1)))) {
                crossings.add(crossing(decided.get(i), decided.get(i + 1)));
            }
        }
        String kind = kind(decided, crossings);
        return new Crossover(y, kind, crossings, MapWords.ofLine(this, kind, crossings, decided));
    }

    String winner(int index) {
        return entries.get(index).point().winner();
    }

    private String kind(List<Integer> decided, List<Crossing> crossings) {
        if (entries.stream().allMatch(entry -> entry.point().state().equals(MapPoint.NO_DATA))) {
            return Crossover.NO_DATA;
        }
        if (decided.isEmpty()) {
            return Crossover.UNDECIDED;
        }
        if (!crossings.isEmpty()) {
            return crossings.size() == 1 ? Crossover.ONE : Crossover.SEVERAL;
        }
        boolean openEnd = decided.get(0) > 0 || decided.get(decided.size() - 1) < entries.size() - 1;
        return openEnd && x.numeric() ? Crossover.AT_EDGE : Crossover.NONE;
    }

    private Crossing crossing(int from, int to) {
        Optional<SignChange> place = x.continuous() ? place(from, to) : Optional.empty();
        return new Crossing(
                entries.get(from).point().x(),
                entries.get(to).point().x(),
                winner(from),
                winner(to),
                place.map(SignChange::at).orElse(null),
                place.map(found -> new Interval(found.low(), found.high(), found.level(), SignChange.METHOD))
                        .orElse(null));
    }

    /**
     * The place between two points, from what ran between them and next to them on either side. Seeds pair the points
     * of a line as they pair strategies; those that every point has are used.
     */
    private Optional<SignChange> place(int from, int to) {
        List<Entry> near = new ArrayList<>();
        near(from - 1, -1).ifPresent(near::add);
        int first = near.size();
        entries.subList(from, to + 1).stream().filter(MapLine::hasRatio).forEach(near::add);
        int last = near.size() - 1;
        near(to + 1, 1).ifPresent(near::add);
        List<Map<Long, Double>> ratios = near.stream()
                .map(entry -> LogRatios.bySeed(entry.cell(), entry.contrast()))
                .toList();
        TreeSet<Long> seeds = new TreeSet<>(ratios.get(0).keySet());
        ratios.forEach(point -> seeds.retainAll(point.keySet()));
        if (seeds.isEmpty()) {
            return Optional.empty();
        }
        double[][] differences = ratios.stream()
                .map(point -> seeds.stream().mapToDouble(point::get).toArray())
                .toArray(double[][]::new);
        double[] places = near.stream()
                .mapToDouble(entry -> Double.parseDouble(entry.point().x()))
                .toArray();
        return SignChange.between(places, differences, first, last, confidence);
    }

    /** The first entry with a ratio from an index on, in one direction. */
    private Optional<Entry> near(int start, int direction) {
        for (int i = start; i >= 0 && i < entries.size(); i += direction) {
            if (hasRatio(entries.get(i))) {
                return Optional.of(entries.get(i));
            }
        }
        return Optional.empty();
    }

    private static boolean hasRatio(Entry entry) {
        return entry.contrast() != null && entry.contrast().ratio() != null;
    }
}
