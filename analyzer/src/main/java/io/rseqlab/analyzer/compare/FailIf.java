package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
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
 * A condition on a result that makes the command fail: terms joined by {@code and}, each {@code [NAME:]FIELD OP
 * NUMBER}. Fields {@code ratio}, {@code low}, {@code high}, {@code p} and {@code p_holm} speak of the contrasts with
 * the baseline (NAME is a metric, the headline by default, or a strategy, any by default, or both as STRATEGY:METRIC);
 * any other field is a metric whose mean is meant (NAME is a strategy). A strategy is named with as many of its
 * parameters as tell it from others. It trips where one strategy of one cell meets all terms; what has no data meets
 * none.
 */
public final class FailIf {
    /** The grammar in one line, for messages. */
    public static final String GRAMMAR = "[STRATEGY:]METRIC (<|<=|>|>=) NUMBER, or in compare"
            + " [STRATEGY:][METRIC:](ratio|low|high|p|p_holm) (<|<=|>|>=) NUMBER, joined by 'and'";

    /** What every verb with conditions takes, for its help: {@code %n} ends a line. */
    public static final String HELP = "A condition for --fail-if is one term, or several joined by 'and': the exit%n"
            + "code is 5 where one strategy meets them all in one place, and 2 if a name%n"
            + "in it is none or nobody has figures for it. Terms, with >, >=, < or <=, and 5%% for 0.05:%n"
            + "  METRIC > NUMBER           a figure, as aborts_per_mop > 5%n"
            + "  STRATEGY:METRIC > NUMBER  that of one strategy; where several settings of%n"
            + "                            it ran, with what tells them apart, as%n"
            + "                            rseq-freelist:cap=64:aborts_per_mop > 5";

    /** What compare takes besides. */
    public static final String HELP_OF_CONTRASTS =
            "  ratio > NUMBER            strategy over baseline in --metric; also low and%n"
                    + "                            high, the ends of its interval, p and p_holm,%n"
                    + "                            which are 0 for a difference that is exact%n"
                    + "  METRIC:ratio > NUMBER     in another metric; STRATEGY:ratio and%n"
                    + "                            STRATEGY:METRIC:ratio of one strategy";

    private static final Pattern TERM = Pattern.compile("\\s*(?:([^<>\\s]+)\\s*:\\s*)?([a-z0-9_.]+)\\s*(<=|>=|<|>)\\s*"
            + "(-?[0-9][0-9_]*(?:\\.[0-9]+)?(?:[eE]-?[0-9]+)?)(%?)\\s*");
    private static final Set<String> CONTRAST_FIELDS = Set.of("ratio", "low", "high", "p", "p_holm");

    private final String text;
    private final List<Term> terms;

    private record Term(String name, String field, String operator, double number) {
        boolean onContrast() {
            return CONTRAST_FIELDS.contains(field);
        }

        /** True if it speaks of a strategy with these settings: of any if it names none. */
        boolean means(String strategy, String label, Object settings) {
            return strategy == null
                    || strategy.equals(label)
                    || settings != null && BaselineName.fits(strategy, settings.toString());
        }

        /** The metric that a contrast term names, the headline if it names none. */
        String metric(ComparisonDocument document) {
            String named = name == null ? "" : name.substring(name.lastIndexOf(':') + 1);
            return hasContrast(document, named) ? named : document.metric();
        }

        /** The strategy that a term names, null if it names none. */
        String strategy(ComparisonDocument document) {
            if (name == null || !onContrast()) {
                return name;
            }
            String named = name.substring(name.lastIndexOf(':') + 1);
            boolean alone = named.length() == name.length();
            return !hasContrast(document, named)
                    ? name
                    : alone ? null : name.substring(0, name.length() - named.length() - 1);
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
        for (String part : text.split("(?i)\\s+and\\s+|&&")) {
            Matcher matcher = TERM.matcher(part);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("'" + part.strip() + "' is no condition: write " + GRAMMAR);
            }
            double number = Double.parseDouble(matcher.group(4).replace("_", ""));
            if (Double.isInfinite(number)) {
                throw new IllegalArgumentException("'" + matcher.group(4) + "' is too large a number");
            }
            double scale = matcher.group(5).isEmpty() ? 1 : 0.01;
            terms.add(new Term(matcher.group(1), matcher.group(2), matcher.group(3), number * scale));
        }
        return new FailIf(text, terms);
    }

    /** Where it trips among runs: one line each, empty if nowhere. */
    public List<String> trippedIn(AnalysisDocument document) {
        return document.runs().stream()
                .filter(run -> terms.stream().allMatch(term -> term.holds(value(term, run))))
                .map(run -> text.strip() + ": " + run.trace())
                .toList();
    }

    private static Double value(Term term, RunResult run) {
        return means(term, run) ? run.number(term.field()) : null;
    }

    private static boolean means(Term term, RunResult run) {
        return term.means(term.name(), run.key().strategy(), run.spec().get("strategy_settings"));
    }

    private static boolean means(Term term, ComparisonDocument document, StrategyResult result) {
        return term.means(
                term.strategy(document), result.strategy(), result.spec().get("strategy_settings"));
    }

    /** Names in the condition that no run has, fields that only a comparison has, and what no run has all of. */
    public List<String> unknownIn(AnalysisDocument document) {
        List<String> unknown = new ArrayList<>();
        for (Term term : terms) {
            if (term.onContrast()) {
                unknown.add("'" + term.field() + "' is of a comparison: give it to compare");
            } else if (document.runs().stream().noneMatch(run -> run.number(term.field()) != null)) {
                unknown.add(unknown(term, document));
            }
            if (!term.onContrast() && document.runs().stream().noneMatch(run -> means(term, run))) {
                unknown.add("no strategy '" + term.name() + "'");
            }
        }
        if (unknown.isEmpty() && document.runs().stream().noneMatch(run -> hasAll(term -> value(term, run)))) {
            unknown.add("no run has all of '" + text.strip() + "', so it could never trip");
        }
        return unknown;
    }

    private boolean hasAll(Function<Term, Double> value) {
        return terms.stream().allMatch(term -> value.apply(term) != null);
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
        if (!means(term, document, strategy)) {
            return null;
        }
        if (!term.onContrast()) {
            return strategy.mean(term.field());
        }
        Contrast contrast = cell.contrast(strategy.strategy(), term.metric(document));
        return contrast == null ? null : field(term.field()).apply(contrast);
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
            case "p" -> contrast -> contrast.exact() ? certain(contrast) : contrast.p();
            default -> contrast -> contrast.exact() ? certain(contrast) : contrast.pHolm();
        };
    }

    /** What an exact ratio counts as where a condition asks for p: 0 for a difference, 1 for none. */
    private static double certain(Contrast contrast) {
        return contrast.ratio() == 1 ? 1 : 0;
    }

    /** Names in the condition that the comparison does not have, and what no strategy has all of. */
    public List<String> unknownIn(ComparisonDocument document) {
        List<String> unknown = new ArrayList<>();
        for (Term term : terms) {
            if (term.onContrast() && unknown.isEmpty() && !decides(document, term)) {
                unknown.add("no comparison has '" + term.field() + "': with fewer than " + MeanInterval.LEAST_N
                        + " seeds there is no interval and no p");
            }
            if (!term.onContrast() && !hasMetric(document, term.field())) {
                unknown.add("no estimate of '" + term.field() + "'");
            }
            if (!hasStrategy(document, term)) {
                unknown.add(
                        term.onContrast()
                                ? "'" + term.name() + "' is neither a metric with contrasts nor a strategy"
                                : "no strategy '" + term.name() + "'");
            }
        }
        if (unknown.isEmpty() && !hasAll(document)) {
            unknown.add("no strategy has all of '" + text.strip() + "' in any place, so it could never trip; the"
                    + " baseline has no ratio");
        }
        return unknown;
    }

    private boolean hasAll(ComparisonDocument document) {
        return document.cells().stream()
                .anyMatch(cell -> cell.strategies().stream()
                        .anyMatch(strategy -> hasAll(term -> value(term, document, cell, strategy))));
    }

    private static boolean decides(ComparisonDocument document, Term term) {
        String metric = term.metric(document);
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

    private static boolean hasStrategy(ComparisonDocument document, Term term) {
        return document.cells().stream()
                .flatMap(cell -> cell.strategies().stream())
                .anyMatch(strategy -> means(term, document, strategy));
    }
}
