package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RatioOfRuns;
import io.rseqlab.collector.run.SeedRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Runs beyond a plan, where those that are there ask for them: more seeds until intervals are narrow enough, and points
 * between those where the better strategy changes. What it asks for depends on the runs alone, so that a sweep that was
 * killed asks for the same ones again.
 */
final class Adaptation {
    private final Plan plan;
    private final Refinement refinement;
    private final SeedRule rule;
    private final Function<Plan.Run, Path> place;
    private final RatioOfRuns ratios;
    private final List<Cell> cells = new ArrayList<>();

    /**
     * Adapts a plan.
     *
     * @param refinement null for none
     * @param rule null where every point has the plan's seeds
     * @param place where a run's trace lies
     */
    Adaptation(Plan plan, Refinement refinement, SeedRule rule, RatioOfRuns ratios, Function<Plan.Run, Path> place) {
        this.plan = plan;
        this.refinement = refinement;
        this.rule = rule;
        this.ratios = ratios;
        this.place = place;
        add(plan.points());
    }

    /** Points that differ in their strategy only, the first of them the baseline. */
    private final class Cell implements Refinement.Strategies {
        private final List<Point> points = new ArrayList<>();
        private final SeedRule.Watch watch = rule == null ? null : rule.new Watch();
        private int seeds = plan.seeds().size();
        private boolean done = rule == null;

        /** The runs of the next look; none if there is none. */
        List<Plan.Run> next() {
            if (done || points.size() < 2 || watch.enough(traces())) {
                done = true;
                return List.of();
            }
            int from = seeds;
            seeds = watch.next(seeds);
            done = seeds == from;
            List<Plan.Run> runs = new ArrayList<>();
            for (int index = from; index < seeds; index++) {
                long seed = seed(index);
                points.forEach(point -> runs.add(new Plan.Run(point, seed)));
            }
            return runs;
        }

        private List<List<Path>> traces() {
            return points.stream().map(this::traces).toList();
        }

        private List<Path> traces(Point point) {
            return LongStream.range(0, seeds)
                    .mapToObj(index -> place.apply(new Plan.Run(point, seed((int) index))))
                    .toList();
        }

        @Override
        public List<Point> points() {
            return points;
        }

        @Override
        public int sign(int strategy) {
            RatioOfRuns.Ratio ratio = ratios.of(traces(points.get(strategy)), traces(points.get(0)));
            return ratio == null ? 0 : ratio.sign();
        }
    }

    /** Seeds of the plan, then those that follow its greatest. */
    private long seed(int index) {
        int known = plan.seeds().size();
        long last = plan.seeds().stream().mapToLong(Long::longValue).max().orElseThrow();
        return index < known ? plan.seeds().get(index) : last + 1 + index - known;
    }

    private void add(List<Point> points) {
        Map<Map<String, Object>, Cell> byConditions = new LinkedHashMap<>();
        for (Point point : points) {
            byConditions
                    .computeIfAbsent(point.conditions(), any -> new Cell())
                    .points
                    .add(point);
        }
        cells.addAll(byConditions.values());
    }

    /** Runs to be made now; none when all is done. Those asked for before must be there. */
    List<Plan.Run> next() {
        List<Plan.Run> runs = new ArrayList<>();
        cells.forEach(cell -> runs.addAll(cell.next()));
        if (runs.isEmpty() && refinement != null) {
            Refinement.Round between = refinement.next(List.copyOf(cells));
            add(between.points());
            plan.seeds().forEach(seed -> between.points().forEach(point -> runs.add(new Plan.Run(point, seed))));
            between.drawn().forEach(point -> plan.drawnSeeds().forEach(seed -> runs.add(new Plan.Run(point, seed))));
        }
        return runs;
    }

    /** What came of it, in words. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        if (refinement != null) {
            int points = cells.stream().mapToInt(cell -> cell.points.size()).sum();
            words.add("refined: " + (points - plan.points().size()) + " points more");
        }
        List<Cell> compared =
                cells.stream().filter(cell -> cell.points.size() > 1).toList();
        if (rule != null && !compared.isEmpty()) {
            int most = compared.stream().mapToInt(cell -> cell.seeds).max().orElseThrow();
            int least = compared.stream().mapToInt(cell -> cell.seeds).min().orElseThrow();
            List<Cell> wide =
                    compared.stream().filter(cell -> !cell.watch.narrow()).toList();
            words.add("seeds: " + least + " to " + most + " a point; "
                    + (compared.size() - wide.size()) + " of " + compared.size()
                    + " combinations are as precise as asked for");
            wide.stream()
                    .limit(3)
                    .forEach(cell -> words.add(String.format(
                            Locale.ROOT,
                            Double.isNaN(cell.watch.reach())
                                    ? "no ratio: %s"
                                    : "not precise: %s; its interval reaches %.3g%%",
                            cell.points.get(0).words(),
                            100 * cell.watch.reach())));
        }
        return words;
    }
}
