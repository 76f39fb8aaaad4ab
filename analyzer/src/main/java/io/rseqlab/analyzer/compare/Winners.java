package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.compare.Verdict.Kind;
import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Goodness;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.analyzer.result.WinnerMap;
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
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The best of all strategies in each cell of a comparison. The contrasts of a document hold each strategy against the
 * baseline, which does not say who of those that beat it is the best; so here every pair of every cell is compared, and
 * p values are corrected (Holm) over all of them, as {@link Ranking} does it for one cell.
 */
final class Winners {
    private final ComparisonDocument document;
    private final List<Standing> standings = new ArrayList<>();
    private final List<PairedLogRatio> ratios = new ArrayList<>();
    private PairedTest test = PairedTest.PERMUTATION;

    /** The strategies of a cell, best mean first, and where their pairs with the best begin among all. */
    private record Standing(Cell cell, List<String> order, double lead, int firstPair, int pairs) {}

    Winners(ComparisonDocument document) {
        this.document = document;
        document.cells().forEach(this::add);
        int least = standings.stream()
                .filter(standing -> standing.pairs() > 0)
                .mapToInt(standing ->
                        (int) ratios.get(standing.firstPair()).ratio().n())
                .min()
                .orElse(0);
        if (least > 0) {
            test = PairedTest.of(ratios.size(), least, document.confidence());
        }
    }

    /** The test that decides, in words. */
    String test() {
        return test.words();
    }

    /** Pairs of strategies over all cells. */
    int comparisons() {
        return ratios.size();
    }

    private void add(Cell cell) {
        Map<String, double[]> values = common(cell);
        List<String> order = new ArrayList<>(values.keySet());
        Comparator<String> byMean = Comparator.comparingDouble(name -> mean(values.get(name)));
        order.sort(Goodness.moreIsBetter(document.metric()) ? byMean.reversed() : byMean);
        int first = ratios.size();
        for (int better = 0; better < order.size(); better++) {
            for (int worse = better + 1; worse < order.size(); worse++) {
                String over = order.get(worse);
                String under = order.get(better);
                ratios.add(PairedLogRatio.of(
                        values.get(over),
                        values.get(under),
                        document.confidence(),
                        RandomStreams.of("winner " + cell.key().label() + document.metric() + over + under)));
            }
        }
        double lead = order.size() < 2
                ? 1
                : Math.exp(Math.abs(Math.log(mean(values.get(order.get(0))) / mean(values.get(order.get(1))))));
        standings.add(new Standing(cell, order, lead, first, ratios.size() - first));
    }

    /**
     * Values by strategy over the seeds that all have; empty where fewer than two have any in common. A bound is none.
     */
    private Map<String, double[]> common(Cell cell) {
        Map<String, TreeMap<Long, Double>> bySeed = new LinkedHashMap<>();
        for (StrategyResult strategy : cell.strategies()) {
            TreeMap<Long, Double> values = LogRatios.values(cell, strategy.strategy(), document.metric());
            values.values().removeIf(value -> value <= 0);
            if (!Bounds.isBound(strategy.strategy()) && !values.isEmpty()) {
                bySeed.put(strategy.strategy(), values);
            }
        }
        Map<String, double[]> common = new LinkedHashMap<>();
        if (bySeed.size() < 2) {
            return common;
        }
        TreeSet<Long> seeds = new TreeSet<>(bySeed.values().iterator().next().keySet());
        bySeed.values().forEach(values -> seeds.retainAll(values.keySet()));
        if (!seeds.isEmpty()) {
            bySeed.forEach((name, values) ->
                    common.put(name, seeds.stream().mapToDouble(values::get).toArray()));
        }
        return common;
    }

    private static double mean(double[] values) {
        double logs = 0;
        for (double value : values) {
            logs += Math.log(value);
        }
        return Math.exp(logs / values.length);
    }

    /** What must be known to read the points. */
    String note(int points) {
        return "the best strategy of a point is shown to be better than every other one: p values (" + test()
                + ") of all "
                + comparisons() + " pairs of strategies" + (points == 1 ? "" : " of all points")
                + " are corrected (Holm) together";
    }

    /** The best of each cell, with its place on a map's axes; null where there is none. */
    Map<Cell, WinnerMap.Point> points(Function<Cell, String> x, Function<Cell, String> y) {
        List<OptionalDouble> corrected =
                Holm.adjust(ratios.stream().map(ratio -> ratio.pValue(test)).toList());
        Map<Cell, WinnerMap.Point> points = new LinkedHashMap<>();
        for (Standing standing : standings) {
            Cell cell = standing.cell();
            points.put(cell, point(standing, corrected, x.apply(cell), y.apply(cell)));
        }
        return points;
    }

    private WinnerMap.Point point(Standing standing, List<OptionalDouble> corrected, String x, String y) {
        if (standing.pairs() == 0) {
            return new WinnerMap.Point(x, y, MapPoint.NO_DATA, null, List.of(), null);
        }
        List<String> contenders = new ArrayList<>(standing.order().subList(0, 1));
        boolean few = false;
        for (int other = 1; other < standing.order().size(); other++) {
            int pair = standing.firstPair() + other - 1;
            Kind kind = Verdict.of(ratios.get(pair).ratio(), corrected.get(pair), options())
                    .kind();
            few |= kind == Kind.TOO_FEW_SEEDS;
            boolean within = document.margin() != null
                    && Math.abs(ratios.get(pair).ratio().value() - 1) < document.margin();
            if (kind != Kind.LOWER && kind != Kind.HIGHER || within) {
                contenders.add(standing.order().get(other));
            }
        }
        boolean decided = contenders.size() == 1;
        boolean zeros = few && pairs(standing) < seeds(standing.cell());
        String state = zeros
                ? MapPoint.NO_DATA
                : few ? MapPoint.TOO_FEW_SEEDS : decided ? MapPoint.DECIDED : MapPoint.UNDECIDED;
        String winner = decided && !zeros ? contenders.get(0) : null;
        return new WinnerMap.Point(x, y, state, winner, List.copyOf(contenders), standing.lead());
    }

    /** Seeds of which all strategies have a value above 0. */
    private long pairs(Standing standing) {
        return ratios.get(standing.firstPair()).ratio().n();
    }

    /** Seeds that a cell would have if no value were 0. */
    private long seeds(Cell cell) {
        return cell.strategies().stream()
                .filter(strategy -> !Bounds.isBound(strategy.strategy()))
                .mapToLong(strategy -> LogRatios.values(cell, strategy.strategy(), document.metric())
                        .size())
                .min()
                .orElse(0);
    }

    private Verdict.Options options() {
        OptionalDouble margin =
                document.margin() == null ? OptionalDouble.empty() : OptionalDouble.of(document.margin());
        return new Verdict.Options(margin, OptionalDouble.empty());
    }
}
