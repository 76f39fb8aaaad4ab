package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Goodness;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The answer in sentences, made only of the fixed verdict phrases. */
final class Wording {
    private Wording() {}

    /** One sentence on a cell's headline metric. */
    static String ofCell(List<StrategyResult> strategies, List<Contrast> headline, String metric) {
        List<String> clauses = new ArrayList<>();
        for (Contrast contrast : headline) {
            clauses.add(contrast.strategy() + " " + contrast.verdict() + " (n=" + contrast.n() + ")");
        }
        String against = headline.isEmpty()
                ? "only the baseline ran here"
                : metric + " against " + headline.get(0).baseline() + ": " + String.join("; ", clauses);
        String best = highest(strategies, metric);
        return best == null || headline.isEmpty() ? against + "." : against + ". Highest mean: " + best + ".";
    }

    private static String highest(List<StrategyResult> strategies, String metric) {
        return strategies.stream()
                .filter(strategy -> !Bounds.isBound(strategy.strategy()))
                .filter(strategy -> strategy.mean(metric) != null)
                .max(Comparator.comparing(strategy -> strategy.mean(metric)))
                .map(StrategyResult::strategy)
                .orElse(null);
    }

    /** One sentence per strategy over all cells, those first that come off best against the baseline. */
    static List<String> ofDocument(List<Cell> cells, String metric) {
        Set<String> strategies = new LinkedHashSet<>();
        cells.forEach(cell -> cell.contrasts().forEach(contrast -> strategies.add(contrast.strategy())));
        double sign = Goodness.moreIsBetter(metric) ? -1 : 1;
        return strategies.stream()
                .sorted(Comparator.comparing((String strategy) -> sign * meanLogRatio(strategy, cells, metric))
                        .thenComparing(strategy -> sign * mean(strategy, cells, metric)))
                .map(strategy -> ofStrategy(strategy, cells, metric))
                .toList();
    }

    /** NaN, which sorts last, where no cell has a ratio. */
    private static double meanLogRatio(String strategy, List<Cell> cells, String metric) {
        return cells.stream()
                .map(cell -> cell.contrast(strategy, metric))
                .filter(contrast -> contrast != null && contrast.ratio() != null)
                .mapToDouble(contrast -> Math.log(contrast.ratio()))
                .average()
                .orElse(Double.NaN);
    }

    /** What is left to go by where there are no ratios, as of counts of which some are 0; NaN where there is none. */
    private static double mean(String strategy, List<Cell> cells, String metric) {
        return cells.stream()
                .flatMap(cell -> cell.strategies().stream())
                .filter(result -> result.strategy().equals(strategy) && result.mean(metric) != null)
                .mapToDouble(result -> result.mean(metric))
                .average()
                .orElse(Double.NaN);
    }

    private static String ofStrategy(String strategy, List<Cell> cells, String metric) {
        Map<String, List<Contrast>> byOutcome = new LinkedHashMap<>();
        List<String> labels = new ArrayList<>();
        Contrast any = null;
        for (Cell cell : cells) {
            for (Contrast contrast : cell.contrasts()) {
                if (contrast.strategy().equals(strategy) && contrast.metric().equals(metric)) {
                    labels.add(cell.label());
                    any = contrast;
                    byOutcome
                            .computeIfAbsent(kind(contrast), outcome -> new ArrayList<>())
                            .add(contrast);
                }
            }
        }
        Objects.requireNonNull(any, strategy);
        String subject = strategy + " against " + any.baseline() + ", " + metric + ": ";
        if (labels.size() == 1) {
            return subject + any.verdict() + " (" + labels.get(0) + ", n=" + any.n() + ").";
        }
        List<String> clauses = new ArrayList<>();
        byOutcome.forEach((outcome, contrasts) -> clauses.add(clause(outcome, contrasts)));
        return subject + String.join(", ", clauses) + "; " + labels.size() + " cells in all.";
    }

    /** Where there are values and no ratio, data are what there is. */
    private static String kind(Contrast contrast) {
        return contrast.verdict().startsWith(Contrasts.NO_RATIO) ? "no ratio, since runs have 0," : contrast.outcome();
    }

    private static String clause(String outcome, List<Contrast> contrasts) {
        String words = outcome.replace('_', ' ') + " in " + contrasts.size();
        double[] ratios = contrasts.stream()
                .map(Contrast::ratio)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        boolean sized = Set.of("higher", "lower", "too_few_seeds").contains(outcome);
        if (!sized || ratios.length == 0) {
            return words;
        }
        String from = Verdict.change(ratios[0]);
        String to = Verdict.change(ratios[ratios.length - 1]);
        return words + (from.equals(to) ? " (by " + from + ")" : " (from " + from + " to " + to + ")");
    }
}
