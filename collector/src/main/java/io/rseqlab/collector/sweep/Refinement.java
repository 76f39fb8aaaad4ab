package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RunSpec;
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

    /**
     * Points of a round.
     *
     * @param points to be run with every seed
     * @param drawn the same with costs drawn from their ranges, draw by draw; none where the experiment draws none
     */
    record Round(List<Point> points, List<Point> drawn) {
        private static final Round NONE = new Round(List.of(), List.of());
    }

    /** The points of the next round; none if it was the last. */
    Round next(List<Strategies> there) {
        for (Map.Entry<String, Integer> axis : left.entrySet()) {
            while (axis.getValue() > 0) {
                axis.setValue(axis.getValue() - 1);
                Round between = between(axis.getKey(), there);
                if (!between.points().isEmpty()) {
                    return between;
                }
                axis.setValue(0);
            }
        }
        return Round.NONE;
    }

    private Round between(String axis, List<Strategies> there) {
        Map<Map<String, String>, TreeMap<BigDecimal, Strategies>> lines = new LinkedHashMap<>();
        for (Strategies cell : there) {
            if (cell.points().size() > 1) {
                Map<String, String> line = without(axis, cell.points().get(0));
                BigDecimal at =
                        new BigDecimal(cell.points().get(0).coordinates().get(axis));
                lines.computeIfAbsent(line, any -> new TreeMap<>()).put(at, cell);
            }
        }
        Round round = new Round(new ArrayList<>(), new ArrayList<>());
        for (TreeMap<BigDecimal, Strategies> line : lines.values()) {
            boolean whole = line.keySet().stream()
                    .allMatch(at -> at.stripTrailingZeros().scale() <= 0);
            for (BigDecimal middle : middles(line, whole)) {
                add(round, axis, middle, line.firstEntry().getValue());
            }
        }
        return round;
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

    /** Adds the points of a line at another value: those of the plan in which the axis has no other. */
    private void add(Round round, String axis, BigDecimal value, Strategies line) {
        Set<Map<String, String>> wanted = new LinkedHashSet<>();
        line.points().forEach(point -> wanted.add(without(axis, point)));
        Plan plan = Planner.plan(experiment.with(axis, value.toPlainString()));
        plan.points().stream()
                .filter(point -> wanted.contains(without(axis, point)))
                .forEach(round.points()::add);
        plan.drawn().stream()
                .filter(point -> wanted.contains(without(axis, point)))
                .forEach(round.drawn()::add);
    }

    /** The line of a point; a draw of costs is of the same line. */
    private static Map<String, String> without(String axis, Point point) {
        Map<String, String> others = new LinkedHashMap<>(point.coordinates());
        others.remove(axis);
        others.remove(RunSpec.COST_DRAW);
        return others;
    }
}
