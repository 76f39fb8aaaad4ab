package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Runs by cell, strategy and seed; what cannot be placed is skipped with the reason. Runs whose costs were drawn from
 * their ranges stand apart: they are no further seeds.
 *
 * @param cells strategy label to seed to run, by cell
 * @param draws the same of each draw of costs
 * @param skipped what was left out, and why
 */
record Grouping(
        Map<CellKey, Map<String, TreeMap<Long, RunResult>>> cells,
        SortedMap<Integer, Map<CellKey, Map<String, TreeMap<Long, RunResult>>>> draws,
        List<String> skipped) {
    /** Entries of a specification that make runs incomparable, besides their coordinates. */
    private static final List<String> VARIANT_KEYS =
            List.of("warmup_s", "duration_s", "pinned", "noise", "slack_cycles", "machine_digest", "model_version");

    /** Which draw of its machine's costs a run had; absent where it had none. */
    private static final String COST_DRAW = "cost_draw";

    private static final Comparator<Integer> NUMBERS = Comparator.nullsFirst(Comparator.naturalOrder());
    private static final Comparator<String> TEXTS = Comparator.nullsFirst(Comparator.naturalOrder());
    private static final Comparator<CellKey> ORDER = Comparator.comparing(CellKey::machine, TEXTS)
            .thenComparing(CellKey::kernel, TEXTS)
            .thenComparing(CellKey::workload, TEXTS)
            .thenComparing(CellKey::cpus, NUMBERS)
            .thenComparing(CellKey::threads, NUMBERS)
            .thenComparing(CellKey::inject, TEXTS)
            .thenComparing(CellKey::variant, TEXTS);

    static Grouping of(List<RunResult> runs) {
        List<String> skipped = new ArrayList<>();
        List<RunResult> placed = new ArrayList<>();
        for (RunResult run : runs) {
            String reason = reasonToSkip(run);
            if (reason == null) {
                placed.add(run);
            } else {
                skipped.add(run.trace() + ": " + reason);
            }
        }
        StrategyLabels labels = StrategyLabels.of(placed);
        Map<CellKey, Set<Map<String, Object>>> variants = placed.stream()
                .filter(run -> draw(run) == 0)
                .collect(Collectors.groupingBy(
                        run -> run.key().cell(), Collectors.mapping(Grouping::variant, Collectors.toSet())));
        Map<CellKey, Map<String, TreeMap<Long, RunResult>>> cells = new TreeMap<>(ORDER);
        SortedMap<Integer, Map<CellKey, Map<String, TreeMap<Long, RunResult>>>> draws = new TreeMap<>();
        for (RunResult run : placed) {
            CellKey key = withVariant(run, variants.getOrDefault(run.key().cell(), Set.of()));
            RunResult other = (draw(run) == 0 ? cells : draws.computeIfAbsent(draw(run), any -> new TreeMap<>(ORDER)))
                    .computeIfAbsent(key, any -> new LinkedHashMap<>())
                    .computeIfAbsent(labels.of(run), any -> new TreeMap<>())
                    .putIfAbsent(run.key().seed(), run);
            if (other != null) {
                skipped.add(run.trace() + ": the same strategy and seed as " + other.trace());
            }
        }
        return new Grouping(cells, draws, skipped);
    }

    /** 0 for the costs as the profile states them. */
    private static int draw(RunResult run) {
        return run.spec().get(COST_DRAW) instanceof Number number ? number.intValue() : 0;
    }

    /** The full settings of each strategy, by the label it goes under. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        cells.values()
                .forEach(cell -> cell.forEach((label, bySeed) -> settings.putIfAbsent(
                        label, StrategyLabels.settings(bySeed.firstEntry().getValue()))));
        return settings;
    }

    private static String reasonToSkip(RunResult run) {
        if (!"complete".equals(run.state())) {
            return "the run was cut short";
        }
        if (run.violated()) {
            return "the memory oracle found something wrong in it (violations: " + run.violations()
                    + "), so that none of its figures can be relied on";
        }
        if (run.key().strategy() == null) {
            return "a recorded trace has no strategy to compare";
        }
        return run.key().comparable() ? null : "its specification lacks workload or seed";
    }

    private static Map<String, Object> variant(RunResult run) {
        Map<String, Object> variant = new LinkedHashMap<>();
        VARIANT_KEYS.forEach(key -> variant.put(key, run.spec().get(key)));
        return variant;
    }

    private static CellKey withVariant(RunResult run, Set<Map<String, Object>> variants) {
        CellKey key = run.key().cell();
        List<String> differing = VARIANT_KEYS.stream()
                .filter(name -> variants.stream()
                                .map(variant -> variant.get(name))
                                .distinct()
                                .count()
                        > 1)
                .map(name -> name + "=" + run.spec().get(name))
                .toList();
        String variant = differing.isEmpty() ? null : String.join(", ", differing);
        return new CellKey(
                key.workload(), key.machine(), key.kernel(), key.cpus(), key.threads(), key.inject(), variant);
    }
}
