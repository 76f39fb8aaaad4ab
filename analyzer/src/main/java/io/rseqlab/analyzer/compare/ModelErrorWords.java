package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is not inside the intervals of a comparison, in sentences: the error of the model. */
final class ModelErrorWords {
    private static final String STAYS = "Intervals narrow with seeds; the error of the model is not inside them";

    private ModelErrorWords() {}

    /**
     * The sentences.
     *
     * @param machines what profiles document, by the names of the machines that ran; null values where that is nothing
     */
    static String of(List<Cell> cells, ComparisonOptions options, Map<String, ModelError> machines) {
        if (options.modelError() != null) {
            return STAYS + ": ratios were validated to within ±" + percent(options.modelError()) + ".";
        }
        List<String> sentences = new ArrayList<>();
        machines.forEach((machine, error) -> {
            if (error != null) {
                sentences.add("On " + machine + " half of the throughputs were within ±" + percent(error.unshared())
                        + " where threads share nothing and ±" + percent(error.shared()) + " where they share lines ("
                        + error.source() + ").");
            }
        });
        List<String> extrapolated = cells.stream()
                .filter(cell -> machines.get(cell.key().machine()) == null)
                .filter(cell -> cell.strategies().stream().anyMatch(ModelErrorWords::neverValidated))
                .map(cell -> cell.key().machine())
                .distinct()
                .toList();
        if (!extrapolated.isEmpty()) {
            sentences.add("Extrapolated, since not validated (never held against a real machine): "
                    + String.join(", ", extrapolated) + ".");
        }
        return sentences.isEmpty()
                ? STAYS + "; validate says how large it is."
                : STAYS + ". " + String.join(" ", sentences);
    }

    private static boolean neverValidated(StrategyResult strategy) {
        return !Boolean.TRUE.equals(strategy.spec().get("machine_validated"));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }
}
