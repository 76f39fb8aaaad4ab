package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.Goodness;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.Holm;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.analyzer.stats.PairedTest;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Which of several strategies is best in one cell, where nobody said beforehand which to hold the others against.
 * Whoever looks for the best among k has compared every pair, so p values are corrected (Holm) over all k (k - 1) / 2
 * pairs and not over the k - 1 that the best happens to be in. Means are geometric, over the seeds that all have.
 *
 * @param metric by which
 * @param place the cell
 * @param seeds seeds that all strategies ran with
 * @param comparisons pairs that were compared
 * @param test the test that p is of, which hangs on the numbers of pairs and seeds alone
 * @param standings the strategies, best first
 */
public record Ranking(String metric, CellKey place, int seeds, int comparisons, String test, List<Standing> standings) {

    /** How a strategy stands to the best. */
    public enum State {
        /** The best mean. */
        BEST,
        /** Shown to be worse than the best. */
        WORSE,
        /** Within the margin that does not matter. */
        EQUIVALENT,
        /** Not told apart from the best, which does not show that they are the same. */
        UNDECIDED,
        /** Too few seeds for an interval. */
        TOO_FEW_SEEDS
    }

    /**
     * One strategy.
     *
     * @param strategy its name, with parameters where several settings of it meet
     * @param mean geometric mean over the seeds
     * @param ratio its mean over the best one's
     * @param interval of the ratio, null for the best, and with too few seeds
     * @param pHolm p of no difference to the best, corrected over all pairs; null for the best, and with too few seeds
     * @param state how it stands
     */
    public record Standing(String strategy, double mean, double ratio, Interval interval, Double pHolm, State state) {}

    /** A pair of strategies by their places in the order. */
    private record Pair(int better, int worse) {}

    /**
     * Ranks.
     *
     * @param runs of one cell; those that cannot be compared are left out
     * @param margin relative difference that does not matter, null for none
     * @throws IllegalArgumentException if no two strategies have a common seed with a value above 0, or there are
     *     several cells
     */
    public static Ranking of(List<RunResult> runs, String metric, double confidence, Double margin) {
        Grouping grouping = Grouping.of(runs);
        if (grouping.cells().size() != 1) {
            throw new IllegalArgumentException("a ranking is of one cell, not of "
                    + grouping.cells().size() + ": "
                    + grouping.cells().keySet().stream().map(CellKey::label).toList() + grouping.skipped());
        }
        CellKey place = grouping.cells().keySet().iterator().next();
        Map<String, double[]> values = common(grouping.cells().get(place), metric);
        List<String> order = new ArrayList<>(values.keySet());
        Comparator<String> byMean = Comparator.comparingDouble(name -> mean(values.get(name)));
        order.sort(Goodness.moreIsBetter(metric) ? byMean.reversed() : byMean);
        int seeds = values.get(order.get(0)).length;
        int comparisons = order.size() * (order.size() - 1) / 2;
        PairedTest test = PairedTest.of(comparisons, seeds, confidence);
        return new Ranking(
                metric,
                place,
                seeds,
                comparisons,
                test.words(),
                standings(order, values, place.label() + metric, confidence, margin, test));
    }

    /** Values by strategy, of the seeds that all have. */
    private static Map<String, double[]> common(Map<String, TreeMap<Long, RunResult>> cell, String metric) {
        List<Long> seeds = cell.values().iterator().next().keySet().stream()
                .filter(seed -> cell.values().stream().allMatch(bySeed -> {
                    RunResult run = bySeed.get(seed);
                    return run != null && run.number(metric) != null && run.number(metric) > 0;
                }))
                .toList();
        if (cell.size() < 2 || seeds.isEmpty()) {
            throw new IllegalArgumentException("nothing to rank: " + cell.size() + " strategies with " + seeds.size()
                    + " common seeds that have " + metric);
        }
        Map<String, double[]> values = new LinkedHashMap<>();
        cell.forEach((strategy, bySeed) -> values.put(
                strategy,
                seeds.stream()
                        .mapToDouble(seed -> bySeed.get(seed).number(metric))
                        .toArray()));
        return values;
    }

    private static double mean(double[] values) {
        double logs = 0;
        for (double value : values) {
            logs += Math.log(value);
        }
        return Math.exp(logs / values.length);
    }

    private static List<Standing> standings(
            List<String> order,
            Map<String, double[]> values,
            String where,
            double confidence,
            Double margin,
            PairedTest test) {
        List<Pair> pairs = new ArrayList<>();
        List<PairedLogRatio> ratios = new ArrayList<>();
        for (int better = 0; better < order.size(); better++) {
            for (int worse = better + 1; worse < order.size(); worse++) {
                String over = order.get(worse);
                String under = order.get(better);
                pairs.add(new Pair(better, worse));
                ratios.add(PairedLogRatio.of(
                        values.get(over), values.get(under), confidence, RandomStreams.of(where + over + under)));
            }
        }
        List<OptionalDouble> corrected =
                Holm.adjust(ratios.stream().map(ratio -> ratio.pValue(test)).toList());
        List<Standing> standings = new ArrayList<>();
        standings.add(new Standing(order.get(0), mean(values.get(order.get(0))), 1, null, null, State.BEST));
        for (int i = 0; i < pairs.size(); i++) {
            if (pairs.get(i).better() == 0) {
                String name = order.get(pairs.get(i).worse());
                standings.add(standing(name, mean(values.get(name)), ratios.get(i), corrected.get(i), margin));
            }
        }
        return List.copyOf(standings);
    }

    private static Standing standing(
            String name, double mean, PairedLogRatio ratio, OptionalDouble corrected, Double margin) {
        OptionalDouble nothing = margin == null ? OptionalDouble.empty() : OptionalDouble.of(margin);
        Verdict verdict = Verdict.of(ratio.ratio(), corrected, new Verdict.Options(nothing, OptionalDouble.empty()));
        State state = switch (verdict.kind()) {
            case LOWER, HIGHER -> State.WORSE;
            case EQUIVALENT -> State.EQUIVALENT;
            case NO_DIFFERENCE_DETECTED -> State.UNDECIDED;
            case TOO_FEW_SEEDS -> State.TOO_FEW_SEEDS;
        };
        return new Standing(
                name,
                mean,
                ratio.ratio().value(),
                Estimates.interval(ratio.ratio().interval()),
                corrected.isPresent() ? corrected.getAsDouble() : null,
                state);
    }

    /** The runs of a strategy as rankings of these runs name it. */
    public static List<RunResult> runsOf(String strategy, List<RunResult> runs) {
        StrategyLabels labels = StrategyLabels.of(runs);
        return runs.stream().filter(run -> strategy.equals(labels.of(run))).toList();
    }

    /** The strategy with the best mean. */
    public Standing best() {
        return standings.get(0);
    }

    /** The one after it. */
    public Standing second() {
        return standings.get(1);
    }

    /** The winner: the best, if every other one is shown to be worse; else null. */
    public String winner() {
        return standings.stream().skip(1).allMatch(standing -> standing.state() == State.WORSE)
                ? best().strategy()
                : null;
    }

    /** The best, and all that are not shown to be worse. */
    public List<String> contenders() {
        return standings.stream()
                .filter(standing -> standing.state() != State.WORSE)
                .map(Standing::strategy)
                .toList();
    }
}
