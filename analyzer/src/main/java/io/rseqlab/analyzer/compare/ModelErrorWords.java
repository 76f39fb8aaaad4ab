package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is not inside the intervals of a comparison, in sentences: the error of the model. */
final class ModelErrorWords {
    private static final String STAYS = "Intervals narrow with seeds; the error of the model is not inside them";

    private ModelErrorWords() {}

    /**
     * The sentences.
     *
     * @param runs one of each cell
     */
    static String of(List<Cell> cells, ComparisonOptions options, Map<CellKey, RunResult> runs) {
        if (options.modelError() != null) {
            return STAYS + ": ratios were validated to within ±" + percent(options.modelError()) + ".";
        }
        Map<String, ModelError> validated = new TreeMap<>();
        Map<String, Set<Integer>> larger = new TreeMap<>();
        Set<String> never = new TreeSet<>();
        for (Cell cell : cells) {
            RunResult run = runs.get(cell.key());
            String machine = String.valueOf(cell.key().machine());
            ModelError error = options.errors().of(run);
            Integer from = options.errors().extrapolatedFrom(run);
            if (error != null) {
                validated.put(machine, error);
            } else if (from != null) {
                larger.computeIfAbsent(machine + " was validated on " + from + " CPUs", any -> new TreeSet<>())
                        .add(run.key().cpus());
            } else if (cell.strategies().stream().anyMatch(ModelErrorWords::neverValidated)) {
                never.add(machine);
            }
        }
        List<String> sentences = new ArrayList<>();
        validated.forEach((machine, error) ->
                sentences.add("On " + machine + " half of the throughputs were within ±" + percent(error.unshared())
                        + " where threads share nothing and ±" + percent(error.shared()) + " where they share lines ("
                        + error.source() + ")."));
        larger.forEach((machine, cpus) -> sentences.add("Extrapolated: " + machine
                + (validated.isEmpty() && never.isEmpty() ? ", these runs have " : ", some of these runs have ")
                + join(cpus) + "."));
        if (!never.isEmpty()) {
            sentences.add("Extrapolated, since not validated (never held against a real machine of as many CPUs): "
                    + String.join(", ", never) + ".");
        }
        return sentences.isEmpty()
                ? STAYS + "; validate says how large it is."
                : STAYS + ". " + String.join(" ", sentences);
    }

    private static String join(Set<Integer> cpus) {
        return cpus.stream().map(String::valueOf).collect(Collectors.joining(" or "));
    }

    private static boolean neverValidated(StrategyResult strategy) {
        return !Boolean.TRUE.equals(strategy.spec().get("machine_validated"));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }
}
