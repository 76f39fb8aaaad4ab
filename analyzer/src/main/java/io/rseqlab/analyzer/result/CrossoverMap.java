package io.rseqlab.analyzer.result;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which of two strategies is better over one or two axes, by how much, and where that changes.
 *
 * @param candidate the strategy held against the baseline
 * @param baseline the baseline
 * @param metric the metric
 * @param moreIsBetter whether a higher value of it is better
 * @param common coordinates that all cells of the map share
 * @param place coordinates that are fixed in this map and differ between maps; empty if there is one map only
 * @param x the first axis, along which crossovers are looked for
 * @param y the second axis, null for a line
 * @param method by which p values points are decided
 * @param points one for each combination of values, along x first
 * @param crossovers one for each value of y
 * @param sentence the map in a sentence
 */
public record CrossoverMap(
        String candidate,
        String baseline,
        String metric,
        boolean moreIsBetter,
        Map<String, String> common,
        Map<String, String> place,
        MapAxis x,
        MapAxis y,
        String method,
        List<MapPoint> points,
        List<Crossover> crossovers,
        String sentence) {

    /** The point at these values, null if there is none. */
    public MapPoint point(String atX, String atY) {
        return points.stream()
                .filter(point -> point.x().equals(atX) && Objects.equals(point.y(), atY))
                .findFirst()
                .orElse(null);
    }
}
