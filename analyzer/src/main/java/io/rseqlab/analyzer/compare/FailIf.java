package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.analyzer.stats.MeanInterval;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on a comparison that makes the command fail: terms joined by {@code and}, each {@code [NAME:]FIELD OP
 * NUMBER}. Fields {@code ratio}, {@code low}, {@code high}, {@code p} and {@code p_holm} speak of the contrasts with
 * the baseline (NAME is a metric, the headline by default); any other field is a metric whose mean is meant (NAME is a
 * strategy, any by default). It trips where one strategy of one cell meets all terms; what has no data meets none.
 */
public final class FailIf {
    /** The grammar in one line, for help and messages. */
    public static final String GRAMMAR = "[METRIC:](ratio|low|high|p|p_holm) (<|<=|>|>=) NUMBER, or [STRATEGY:]METRIC"
            + " (<|<=|>|>=) NUMBER, joined by 'and'";

    private static final Pattern TERM =
            Pattern.compile("\\s*(?:([A-Za-z0-9_.-]+)\\s*:\\s*)?([a-z0-9_.]+)\\s*(<=|>=|<|>)\\s*"
                    + "(-?[0-9][0-9_]*(?:\\.[0-9]+)?(?:[eE]-?[0-9]+)?)(%?)\\s*");
    private static final Set<String> CONTRAST_FIELDS = Set.of("ratio", "low", "high", "p", "p_holm");

    private final String text;
    private final List<Term> terms;

    private record Term(String name, String field, String operator, double number) {
        boolean onContrast() {
            return CONTRAST_FIELDS.contains(field);
        }

        boolean holds(Double value) {
            if (value == null) {
                return false;
            }
            return switch (operator) {
                case "<" -> value < number;
                case "<=" -> value <= number;
                case ">" -> value > number;
                default -> value >= number;
            };
        }
    }

    private FailIf(String text, List<Term> terms) {
        this.text = text;
        this.terms = terms;
    }

    /**
     * Reads a condition.
     *
     * @throws IllegalArgumentException if it is none; the message shows the grammar
     */
    public static FailIf parse(String text) {
        List<Term> terms = new ArrayList<>();
        for (String part : text.split("\\s+and\\s+|&&")) {
            Matcher matcher = TERM.matcher(part);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("'" + part.strip() + "' is no condition: write " + GRAMMAR);
            }
            double number = Double.parseDouble(matcher.group(4).replace("_", ""));
            double scale = matcher.group(5).isEmpty() ? 1 : 0.01;
            terms.add(new Term(matcher.group(1), matcher.group(2), matcher.group(3), number * scale));
        }
        return new FailIf(text, terms);
    }

    /** Where it trips among runs: one line each, empty if nowhere. */
    public List<String> trippedIn(AnalysisDocument document) {
        return document.runs().stream()
                .filter(run -> terms.stream()
                        .allMatch(term -> (term.name() == null
                                        || term.name().equals(run.key().strategy()))
                                && term.holds(run.number(term.field()))))
                .map(run -> text.strip() + ": " + run.trace())
                .toList();
    }

    /** Names in the condition that no run has, and fields that only a comparison has. */
    public List<String> unknownIn(AnalysisDocument document) {
        List<String> unknown = new ArrayList<>();
        for (Term term : terms) {
            if (term.onContrast()) {
                unknown.add("'" + term.field() + "' is of a comparison: give it to compare");
            } else if (document.runs().stream().noneMatch(run -> run.number(term.field()) != null)) {
                unknown.add(unknown(term, document));
            }
            boolean nobody = term.name() != null
                    && document.runs().stream()
                            .noneMatch(run -> term.name().equals(run.key().strategy()));
            if (nobody && !term.onContrast()) {
                unknown.add("no strategy '" + term.name() + "'");
            }
        }
        return unknown;
    }

    private static String unknown(Term term, AnalysisDocument document) {
        MetricValue value = document.runs().stream()
                .map(run -> run.metric(term.field()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (value == null) {
            return "no metric is called '" + term.field() + "'";
        }
        return value.isGroup()
                ? "'" + term.field() + "' has parts; choose one: " + term.field() + "."
                        + String.join(", " + term.field() + ".", value.parts().keySet())
                : "no run has data for '" + term.field() + "'";
    }

    /** Where it trips: one line each, empty if nowhere. */
    public List<String> trippedIn(ComparisonDocument document) {
        List<String> tripped = new ArrayList<>();
        for (Cell cell : document.cells()) {
            for (StrategyResult strategy : cell.strategies()) {
                if (terms.stream().allMatch(term -> term.holds(value(term, document, cell, strategy)))) {
                    tripped.add(text.strip() + ": " + strategy.strategy() + " in " + cell.label());
                }
            }
        }
        return tripped;
    }

    private static Double value(Term term, ComparisonDocument document, Cell cell, StrategyResult strategy) {
        if (term.onContrast()) {
            String metric = Objects.requireNonNullElse(term.name(), document.metric());
            return cell.contrasts().stream()
                    .filter(contrast -> contrast.strategy().equals(strategy.strategy()))
                    .filter(contrast -> contrast.metric().equals(metric))
                    .findFirst()
                    .map(field(term.field()))
                    .orElse(null);
        }
        boolean meant = term.name() == null || term.name().equals(strategy.strategy());
        Estimate estimate = meant ? strategy.metrics().get(term.field()) : null;
        return estimate == null ? null : estimate.mean();
    }

    private static Function<Contrast, Double> field(String field) {
        return switch (field) {
            case "ratio" -> Contrast::ratio;
            case "low" ->
                contrast ->
                        contrast.interval() == null ? null : contrast.interval().low();
            case "high" ->
                contrast ->
                        contrast.interval() == null ? null : contrast.interval().high();
            case "p" -> Contrast::p;
            default -> Contrast::pHolm;
        };
    }

    /** Names in the condition that the comparison does not have, in the form "no such metric: x". */
    public List<String> unknownIn(ComparisonDocument document) {
        List<String> unknown = new ArrayList<>();
        for (Term term : terms) {
            if (term.onContrast() && term.name() != null && !hasContrast(document, term.name())) {
                unknown.add("no contrast in metric '" + term.name() + "'");
            }
            if (term.onContrast() && unknown.isEmpty() && !decides(document, term)) {
                unknown.add("no comparison has '" + term.field() + "': with fewer than " + MeanInterval.LEAST_N
                        + " seeds there is no interval and no p");
            }
            if (!term.onContrast() && !hasMetric(document, term.field())) {
                unknown.add("no estimate of '" + term.field() + "'");
            }
            if (!term.onContrast() && term.name() != null && !hasStrategy(document, term.name())) {
                unknown.add("no strategy '" + term.name() + "'");
            }
        }
        return unknown;
    }

    private static boolean decides(ComparisonDocument document, Term term) {
        String metric = Objects.requireNonNullElse(term.name(), document.metric());
        return document.cells().stream()
                .flatMap(cell -> cell.contrasts().stream())
                .filter(contrast -> contrast.metric().equals(metric))
                .anyMatch(contrast -> field(term.field()).apply(contrast) != null);
    }

    private static boolean hasContrast(ComparisonDocument document, String metric) {
        return document.cells().stream()
                .flatMap(cell -> cell.contrasts().stream())
                .anyMatch(contrast -> contrast.metric().equals(metric));
    }

    private static boolean hasMetric(ComparisonDocument document, String path) {
        return document.cells().stream()
                .flatMap(cell -> cell.strategies().stream())
                .anyMatch(strategy -> strategy.metrics().containsKey(path));
    }

    private static boolean hasStrategy(ComparisonDocument document, String name) {
        return document.cells().stream()
                .flatMap(cell -> cell.strategies().stream())
                .anyMatch(strategy -> strategy.strategy().equals(name));
    }
}
