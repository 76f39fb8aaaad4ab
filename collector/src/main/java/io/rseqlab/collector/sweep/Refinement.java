package io.rseqlab.collector.sweep;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Points between those where the better strategy changes: along an axis the middle between the last point at which one
 * is better and the first at which the other is, so many times, until nothing lies between.
 */
final class Refinement {
    private final Experiment experiment;
    private final Map<String, Integer> left;

    /** A refinement along axes, each so many times. */
    Refinement(Experiment experiment) {
        this.experiment = experiment;
        left = new LinkedHashMap<>(experiment.refine());
    }

    /** What ran under the same conditions. */
    interface Strategies {
        /** The point of each strategy, the baseline's first. */
        List<Point> points();

        /** Whether that strategy has the higher figure (1) or the baseline (-1), 0 where it is open. */
        int sign(int strategy);
    }

    /** The points of the next round; none if it was the last. */
    List<Point> next(List<Strategies> there) {
        for (Map.Entry<String, Integer> axis : left.entrySet()) {
            while (axis.getValue() > 0) {
                axis.setValue(axis.getValue() - 1);
                List<Point> between = between(axis.getKey(), there);
                if (!between.isEmpty()) {
                    return between;
                }
                axis.setValue(0);
            }
        }
        return List.of();
    }

    private List<Point> between(String axis, List<Strategies> there) {
        Map<Map<String, String>, TreeMap<BigDecimal, Strategies>> lines = new LinkedHashMap<>();
        for (Strategies cell : there) {
            if (cell.points().size() > 1) {
                Map<String, String> line = without(axis, cell.points().get(0));
                BigDecimal at =
                        new BigDecimal(cell.points().get(0).coordinates().get(axis));
                lines.computeIfAbsent(line, any -> new TreeMap<>()).put(at, cell);
            }
        }
        List<Point> points = new ArrayList<>();
        for (TreeMap<BigDecimal, Strategies> line : lines.values()) {
            boolean whole = line.keySet().stream()
                    .allMatch(at -> at.stripTrailingZeros().scale() <= 0);
            for (BigDecimal middle : middles(line, whole)) {
                points.addAll(at(axis, middle, line.firstEntry().getValue()));
            }
        }
        return points;
    }

    private static Set<BigDecimal> middles(TreeMap<BigDecimal, Strategies> line, boolean whole) {
        Set<BigDecimal> middles = new LinkedHashSet<>();
        int strategies = line.firstEntry().getValue().points().size();
        for (int strategy = 1; strategy < strategies; strategy++) {
            BigDecimal last = null;
            int lastSign = 0;
            for (Map.Entry<BigDecimal, Strategies> entry : line.entrySet()) {
                int sign = strategy < entry.getValue().points().size()
                        ? entry.getValue().sign(strategy)
                        : 0;
                if (sign != 0) {
                    if (sign == -lastSign) {
                        BigDecimal sum = last.add(entry.getKey());
                        BigDecimal middle = whole
                                ? sum.divideToIntegralValue(BigDecimal.valueOf(2))
                                : sum.divide(BigDecimal.valueOf(2)).setScale(sum.scale() + 1, RoundingMode.HALF_EVEN);
                        middles.add(middle.stripTrailingZeros());
                    }
                    last = entry.getKey();
                    lastSign = sign;
                }
            }
        }
        middles.removeIf(middle -> line.keySet().stream().anyMatch(at -> at.compareTo(middle) == 0));
        return middles;
    }

    /** The points of a line at another value: those of the plan in which the axis has no other. */
    private List<Point> at(String axis, BigDecimal value, Strategies line) {
        Set<Map<String, String>> wanted = new LinkedHashSet<>();
        line.points().forEach(point -> wanted.add(without(axis, point)));
        return Planner.plan(experiment.with(axis, value.toPlainString())).points().stream()
                .filter(point -> wanted.contains(without(axis, point)))
                .toList();
    }

    private static Map<String, String> without(String axis, Point point) {
        Map<String, String> others = new LinkedHashMap<>(point.coordinates());
        others.remove(axis);
        return others;
    }
}
