package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.CostDraws;
import io.rseqlab.analyzer.result.QuantileShifts;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.analyzer.stats.PairedTest;
import io.rseqlab.analyzer.stats.SignFlipPermutation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds strategies against a baseline, cell by cell, on the seeds that both ran with. The run is the unit of
 * replication; p values are corrected over the table of a metric, that is over all strategies of all cells.
 */
public final class Comparison {
    private static final long ENOUGH_PREEMPTIONS = 100;

    private Comparison() {}

    /**
     * Compares.
     *
     * @param runs results of {@code analyze}
     * @throws IllegalArgumentException if no run can be compared, or none has the baseline: the message says what there
     *     is
     */
    public static ComparisonDocument compare(List<RunResult> runs, ComparisonOptions options) {
        Grouping grouping = Grouping.of(runs);
        List<String> skipped = new ArrayList<>(grouping.skipped());
        String baseline = baseline(grouping, options.baseline());
        Map<CellKey, String> labels =
                CellLabels.of(new ArrayList<>(grouping.cells().keySet()));
        Map<CellKey, Map<String, TreeMap<Long, RunResult>>> comparable = new LinkedHashMap<>();
        grouping.cells().forEach((key, byStrategy) -> {
            if (byStrategy.containsKey(baseline)) {
                comparable.put(key, baselineFirst(byStrategy, baseline));
            } else {
                skipped.add(key.label() + ": no run of the baseline " + baseline);
            }
        });
        List<Cell> cells = cells(comparable, labels, options, new CostFlips(grouping.draws(), options.confidence()));
        return new ComparisonDocument(
                ComparisonDocument.FORMAT_VERSION,
                baseline,
                options.metric(),
                options.margin(),
                options.confidence(),
                Wording.ofDocument(cells, options.metric()),
                cells,
                ModelErrorWords.of(cells, options, baselines(comparable, baseline)),
                skipped,
                notes(cells, options));
    }

    /** The strategies that could be a baseline, as they are named there. */
    public static List<String> strategies(List<RunResult> runs) {
        return strategies(Grouping.of(runs));
    }

    private static List<String> strategies(Grouping grouping) {
        Set<String> strategies = new LinkedHashSet<>();
        grouping.cells().values().forEach(cell -> strategies.addAll(cell.keySet()));
        return new ArrayList<>(strategies);
    }

    private static String baseline(Grouping grouping, String wanted) {
        List<String> strategies = strategies(grouping);
        if (strategies.isEmpty()) {
            throw new IllegalArgumentException("nothing to compare: "
                    + (grouping.skipped().isEmpty() ? "no runs" : String.join("; ", grouping.skipped())));
        }
        if (!strategies.contains(wanted)) {
            throw new IllegalArgumentException(
                    "no run of the baseline '" + wanted + "'; there are: " + String.join(", ", strategies));
        }
        return wanted;
    }

    private static Map<String, TreeMap<Long, RunResult>> baselineFirst(
            Map<String, TreeMap<Long, RunResult>> byStrategy, String baseline) {
        Map<String, TreeMap<Long, RunResult>> ordered = new LinkedHashMap<>();
        ordered.put(baseline, byStrategy.get(baseline));
        ordered.putAll(byStrategy);
        return ordered;
    }

    private static List<Cell> cells(
            Map<CellKey, Map<String, TreeMap<Long, RunResult>>> runs,
            Map<CellKey, String> labels,
            ComparisonOptions options,
            CostFlips flips) {
        Set<String> metrics = new LinkedHashSet<>(List.of(options.metric()));
        metrics.addAll(ComparisonOptions.CONTRASTED);
        List<Map<CellKey, List<Contrast>>> tables = metrics.parallelStream()
                .map(metric -> Contrasts.of(runs, metric, options))
                .toList();
        // resampling takes most of the time, each interval from a random stream of its own: cells need not wait in line
        return runs.entrySet().parallelStream()
                .map(entry -> {
                    CellKey key = entry.getKey();
                    List<Contrast> headline = tables.get(0).getOrDefault(key, List.of());
                    List<Contrast> contrasts = tables.stream()
                            .flatMap(table -> table.getOrDefault(key, List.of()).stream())
                            .map(contrast -> flips.judged(key, contrast))
                            .toList();
                    return cell(key, labels.get(key), entry.getValue(), headline, contrasts, options);
                })
                .toList();
    }

    private static Cell cell(
            CellKey key,
            String label,
            Map<String, TreeMap<Long, RunResult>> byStrategy,
            List<Contrast> headline,
            List<Contrast> contrasts,
            ComparisonOptions options) {
        List<StrategyResult> strategies = new ArrayList<>();
        byStrategy.forEach(
                (strategy, bySeed) -> strategies.add(StrategySummary.of(strategy, bySeed, options, key.label())));
        String verdict = Wording.ofCell(strategies, headline, options.metric());
        List<QuantileShifts> shifts = LatencyShifts.of(byStrategy, options, key.label());
        return new Cell(key, label, strategies, contrasts, verdict, shifts);
    }

    /** A run of the baseline in each cell. */
    private static Map<CellKey, RunResult> baselines(
            Map<CellKey, Map<String, TreeMap<Long, RunResult>>> runs, String baseline) {
        Map<CellKey, RunResult> first = new LinkedHashMap<>();
        runs.forEach((key, byStrategy) ->
                first.put(key, byStrategy.get(baseline).firstEntry().getValue()));
        return first;
    }

    private static List<String> notes(List<Cell> cells, ComparisonOptions options) {
        List<String> notes = new ArrayList<>();
        int family = Contrasts.family(cells, options.metric()).size();
        if (family > 0) {
            notes.add("p values are corrected (Holm) over all " + family + " comparisons of " + options.metric()
                    + " in this document, those of every cell; each further metric is a family of its own. A difference"
                    + " counts as detected when its interval leaves out 1 and the corrected p allows it");
        }
        fallbacks(cells, notes);
        fewPreemptions(cells, notes);
        drawn(cells, options, notes);
        tooFewSeeds(cells, options, notes);
        exact(cells, options, notes);
        byT(cells, options, notes);
        return notes;
    }

    /** Why a ratio stands without an interval. */
    private static void tooFewSeeds(List<Cell> cells, ComparisonOptions options, List<String> notes) {
        long few = cells.stream()
                .flatMap(cell -> cell.contrasts().stream())
                .filter(contrast -> contrast.metric().equals(options.metric()))
                .filter(contrast -> contrast.ratio() != null && contrast.interval() == null)
                .count();
        if (few > 0) {
            notes.add(few + " ratios of " + options.metric() + " stand without interval and p, since fewer than "
                    + PairedLogRatio.LEAST_N
                    + " seeds ran with both strategies: collect with --seeds 1..10, or end a sweep that was cut"
                    + " short with --resume. Such a ratio"
                    + " is the geometric mean over the pairs, as it is where there are seeds enough");
        }
    }

    /** Why a ratio stands without p although there are seeds enough. */
    private static void exact(List<Cell> cells, ComparisonOptions options, List<String> notes) {
        long exact = cells.stream()
                .flatMap(cell -> cell.contrasts().stream())
                .filter(contrast -> contrast.metric().equals(options.metric()) && contrast.exact())
                .count();
        if (exact > 0) {
            notes.add(exact + " ratios of " + options.metric() + " are the same in every pair: they are exact for these"
                    + " runs, and not tested; they say nothing of inputs or machines under which they would vary");
        }
    }

    /** What did not run as its name says. */
    private static void fallbacks(List<Cell> cells, List<String> notes) {
        cells.stream()
                .flatMap(cell -> cell.strategies().stream())
                .filter(strategy -> String.valueOf(strategy.spec().get("mode")).startsWith("fallback "))
                .map(strategy -> strategy.strategy() + " ran its "
                        + strategy.spec().get("mode")
                        + (lostTransactions(strategy.spec())
                                ? " on " + strategy.spec().get("machine") + ", which has no hardware transactions"
                                : " under kernel " + strategy.spec().get("kernel") + ", which offers no rseq"))
                .distinct()
                .forEach(notes::add);
    }

    /** True if what ran is the same strategy with another setting: without rseq another one does. */
    private static boolean lostTransactions(Map<String, Object> spec) {
        return String.valueOf(spec.get("mode")).startsWith("fallback " + spec.get("strategy") + ":");
    }

    private static void fewPreemptions(List<Cell> cells, List<String> notes) {
        List<Long> few = cells.stream()
                .flatMap(cell -> cell.strategies().stream())
                .map(strategy -> strategy.events().get("preemptions"))
                .filter(preemptions -> preemptions != null && preemptions < ENOUGH_PREEMPTIONS)
                .sorted()
                .toList();
        if (!few.isEmpty()) {
            notes.add(few.size() + " of "
                    + cells.stream().mapToInt(cell -> cell.strategies().size()).sum()
                    + " combinations of cell and strategy saw fewer than " + ENOUGH_PREEMPTIONS
                    + " preemptions (the least " + few.get(0)
                    + "): their observed rates of preemptions and aborts are loose, those from exposure are not");
        }
    }

    /** How far the answer hangs on costs that are known as ranges. */
    private static void drawn(List<Cell> cells, ComparisonOptions options, List<String> notes) {
        List<CostDraws> all = cells.stream()
                .flatMap(cell -> cell.contrasts().stream())
                .filter(contrast -> contrast.metric().equals(options.metric()) && contrast.costs() != null)
                .map(Contrast::costs)
                .toList();
        if (!all.isEmpty()) {
            long some = all.stream().filter(costs -> costs.flips() > 0).count();
            long most = all.stream()
                    .filter(costs -> 2 * costs.flips() > costs.draws())
                    .count();
            int draws = all.stream().mapToInt(CostDraws::draws).min().orElseThrow();
            int seeds = all.stream().mapToInt(CostDraws::seeds).min().orElseThrow();
            notes.add("costs that the machine's profile knows as ranges were drawn from them, " + draws
                    + " times with " + seeds + (seeds == 1 ? " seed" : " seeds") + " each: the winner in "
                    + options.metric() + " flips in some draw at " + some + " of " + all.size()
                    + " comparisons, in most draws at " + most);
        }
    }

    /** Says so where the t test decides, since the seeds are too few for permutations, and what it takes for given. */
    private static void byT(List<Cell> cells, ComparisonOptions options, List<String> notes) {
        List<Contrast> family = Contrasts.family(cells, options.metric());
        if (family.stream().noneMatch(one -> PairedTest.PAIRED_T.words().equals(one.test()))) {
            return;
        }
        OptionalInt needed = SignFlipPermutation.leastPairs(family.size(), options.confidence());
        int pairs = family.stream().mapToInt(Contrast::n).min().orElseThrow();
        notes.add("p values are those of the paired t test, which takes log ratios for near normal: " + pairs
                + " seeds among " + family.size() + " comparisons cannot decide by permutation"
                + (needed.isPresent() ? ", " + needed.getAsInt() + " can" : ""));
    }
}
