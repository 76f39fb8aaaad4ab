package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.ComparisonOptions;
import io.rseqlab.analyzer.compare.Crossovers;
import io.rseqlab.analyzer.compare.FailIf;
import io.rseqlab.analyzer.compare.ModelError;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.trace.TraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The verb {@code compare}. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        header = "Hold strategies against a baseline, with intervals.",
        description = {
            "",
            "Groups simulated runs by workload, machine, kernel, CPUs and threads, pairs them by seed, and says for"
                    + " each strategy: lower, higher, no difference detected, or equivalent. Below 6 shared seeds there"
                    + " is no interval and no p.",
            ""
        },
        footer = {
            "",
            "Example: rseqlab compare out/study --baseline ideal --fail-if 'high<0.95'",
            "",
            FailIf.HELP,
            FailIf.HELP_OF_CONTRASTS
        })
public final class CompareCommand implements Callable<Integer> {
    private static final int TRIPPED = 5;

    @Mixin
    private AnalysisOptions shared;

    @Option(
            names = "--baseline",
            required = true,
            paramLabel = "STRATEGY",
            description = "The strategy to hold against: by its name, with some of its parameters where"
                    + " several settings of it ran.")
    private String baseline;

    @Option(
            names = "--metric",
            paramLabel = "ID",
            defaultValue = ComparisonOptions.DEFAULT_METRIC,
            description = "The headline metric, or a part of one as in latency_cycles.malloc.p99"
                    + " (default: ${DEFAULT-VALUE}).")
    private String metric;

    @Option(
            names = "--margin",
            paramLabel = "SHARE",
            description = "The largest difference that does not matter, as 0.05 or 5%%; makes 'equivalent' possible.")
    private String margin;

    @Option(
            names = "--model-error",
            paramLabel = "SHARE",
            description = "The error of ratios that validate found; smaller differences are marked"
                    + " (default: that of throughputs which the machine's profile documents, if it does).")
    private String modelError;

    @Option(
            names = "--confidence",
            paramLabel = "SHARE",
            defaultValue = "0.95",
            description = "Coverage of intervals (default: ${DEFAULT-VALUE}).")
    private String confidence;

    @Option(
            names = "--axis",
            paramLabel = "NAME",
            description = "Show where the better strategy changes along this, as threads or handoff, instead of a table"
                    + " for each cell.")
    private String axis;

    @Option(
            names = "--map",
            paramLabel = "X,Y",
            split = ",",
            hideParamSyntax = true,
            description = "The same over two axes, as a map: threads,handoff.")
    private List<String> map;

    @Option(
            names = "--shifts",
            description = "Add how latencies differ quantile by quantile, deciles and tails, with intervals"
                    + " (JSON always has it).")
    private boolean shifts;

    @Option(names = "--fail-if", paramLabel = "COND", description = "Exit with 5 where this holds; see below.")
    private String failIf;

    @Spec
    private CommandSpec spec;

    private final ModelError.Lookup errors;

    /**
     * The verb.
     *
     * @param errors knows the errors of the model that machines' profiles document
     */
    public CompareCommand(ModelError.Lookup errors) {
        this.errors = errors;
    }

    @Override
    public Integer call() {
        ComparisonOptions options = options();
        FailIf condition = condition();
        checkAxes();
        AnalyzerOptions analysis = analysis();
        List<Path> traces = shared.traces();
        ComparisonDocument document;
        try (Output output = shared.open()) {
            document = mapped(compare(Analyzer.analyze(traces, analysis).runs(), options));
            if (condition != null && !condition.unknownIn(document).isEmpty()) {
                throw usage("--fail-if: " + String.join(", ", condition.unknownIn(document)));
            }
            ComparisonText.write(document, shared.format(), shifts, output);
        }
        spec.commandLine().getErr().println(next(document));
        return condition == null ? 0 : judged(condition.trippedIn(document));
    }

    private ComparisonDocument mapped(ComparisonDocument document) {
        List<String> axes = axis != null ? List.of(axis) : map;
        try {
            return axes == null ? Crossovers.best(document) : Crossovers.in(document, axes);
        } catch (IllegalArgumentException e) {
            throw usage((axis != null ? "--axis: " : "--map: ") + e.getMessage());
        }
    }

    private void checkAxes() {
        if (axis != null && map != null) {
            throw usage("--axis and --map: one of them");
        }
        if (map != null && (map.size() != 2 || map.get(0).equals(map.get(1)))) {
            throw usage(
                    "--map needs two different axes, as in --map threads,handoff, not '" + String.join(",", map) + "'");
        }
    }

    /** A page of the same comparison. Report takes one place: several go into a result first. */
    private String next(ComparisonDocument document) {
        return shared.places().size() > 1
                ? "Next: compare with --format json --out FILE, and rseqlab report FILE --out REPORT"
                : Hint.next(words(document).toArray());
    }

    private List<Object> words(ComparisonDocument document) {
        List<Object> words =
                new ArrayList<>(List.of("report", shared.places().get(0), "--baseline", document.baseline()));
        if (document.crossovers() != null) {
            words.addAll(List.of("--map", axis != null ? axis : String.join(",", map)));
        }
        words.addAll(List.of("--out", "REPORT"));
        return words;
    }

    /** Events are read only where the answer shows what they alone know. */
    private AnalyzerOptions analysis() {
        boolean document = shared.format() == Format.JSON;
        boolean events = document || Metrics.of(root(metric)).fromEvents();
        return new AnalyzerOptions(shared.threads(), events, document);
    }

    /** The metric of a path. */
    private static String root(String path) {
        return path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
    }

    private int judged(List<String> tripped) {
        tripped.forEach(line -> spec.commandLine().getErr().println("--fail-if tripped: " + line));
        return tripped.isEmpty() ? 0 : TRIPPED;
    }

    private ComparisonDocument compare(List<RunResult> runs, ComparisonOptions options) {
        checkMetricIsNumber(runs, options.metric());
        boolean comparable = !Comparison.strategies(runs).isEmpty();
        try {
            return Comparison.compare(
                    runs, comparable ? options.withBaseline(Baseline.among(runs, options.baseline(), spec)) : options);
        } catch (IllegalArgumentException e) {
            throw new TraceException(e.getMessage(), e);
        }
    }

    private void checkMetricIsNumber(List<RunResult> runs, String path) {
        for (RunResult run : runs) {
            MetricValue value = run.metric(path);
            if (value != null && value.isGroup()) {
                throw usage("--metric " + path + " has parts; choose one: " + path + "."
                        + String.join(", " + path + ".", value.parts().keySet()));
            }
        }
        boolean known = runs.stream().anyMatch(run -> run.metric(path) != null);
        if (!runs.isEmpty() && !known) {
            Set<String> parts = new TreeSet<>();
            runs.forEach(run -> addParts(root(path), run.metric(root(path)), parts));
            throw usage("--metric " + path + ": no run has such a part" + Nearest.hint(path, List.copyOf(parts)));
        }
    }

    private static void addParts(String path, MetricValue value, Set<String> parts) {
        if (value == null || !value.isGroup()) {
            parts.add(path);
        } else {
            value.parts().forEach((name, part) -> addParts(path + "." + name, part, parts));
        }
    }

    private ComparisonOptions options() {
        if (Metrics.of(root(metric)) == null) {
            throw usage("no metric is called '" + root(metric) + "'"
                    + Nearest.hint(
                            root(metric),
                            Metrics.ALL.stream().map(MetricInfo::id).toList()));
        }
        Double level = share("--confidence", confidence);
        if (level >= 1) {
            throw usage("--confidence must be below 1 (100%), not " + confidence);
        }
        return new ComparisonOptions(
                baseline, metric, share("--margin", margin), share("--model-error", modelError), level, errors);
    }

    private FailIf condition() {
        try {
            return failIf == null ? null : FailIf.parse(failIf);
        } catch (IllegalArgumentException e) {
            throw usage("--fail-if: " + e.getMessage());
        }
    }

    private Double share(String option, String text) {
        if (text == null) {
            return null;
        }
        boolean percent = text.endsWith("%");
        try {
            double number = Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
            double share = percent ? number / 100 : number;
            if (share > 0 && Double.isFinite(share)) {
                return share;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same message.
        }
        throw usage(option + " must be a share above 0, as 0.05 or 5%, not '" + text + "'");
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
