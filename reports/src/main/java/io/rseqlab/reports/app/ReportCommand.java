package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.Baseline;
import io.rseqlab.analyzer.compare.BaselineName;
import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.ComparisonOptions;
import io.rseqlab.analyzer.compare.Crossovers;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Coordinates;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab report}: a result, or the traces of a folder, as one page. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        header = "Make one self-contained page of traces or of a result.",
        description = {
            "",
            "Takes what compare or analyze wrote as JSON, or analyzes the traces of a folder itself. Runs that can be"
                    + " compared are held against the baseline; others, such as recordings, are shown by themselves."
                    + " Ten strategies or more are ranked, all in one picture; curves name the baseline, ideal,"
                    + " rseq-freelist, message-passing and the best, and leave the others grey.",
            ""
        },
        footer = {"", "Example: rseqlab report out/study --baseline rseq-freelist --out out/page"})
public final class ReportCommand implements Callable<Integer> {
    /** The strategy in question; others are held against it unless one is named. */
    private static final String USUAL_BASELINE = "rseq-freelist";

    @Parameters(arity = "1", paramLabel = "DIR|RESULT", description = "A folder of runs, a trace, or a result in JSON.")
    private Path source;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Where the page goes; must not exist, or be empty.")
    private Path out;

    @Option(
            names = "--baseline",
            paramLabel = "STRATEGY",
            description = "The strategy to hold against (default: " + USUAL_BASELINE + " if it ran, else the first).")
    private String baseline;

    @Option(
            names = "--map",
            paramLabel = "X[,Y]",
            split = ",",
            hideParamSyntax = true,
            description =
                    "Show where the better strategy changes over one axis or two, as threads,handoff (default: the"
                            + " two with the most values, three at least, where the runs are a full grid; 'none' for no"
                            + " map).")
    private List<String> map;

    @Option(names = "--title", paramLabel = "TEXT", description = "Heading of the page (default: names the source).")
    private String title;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        OutFolder.requireFree(out);
        String heading = title == null ? "rseqlab report: " + source : title;
        ReportModel model = ReportModel.of(heading)
                .withCommand(
                        Hint.commandLine(spec.commandLine().getParseResult().originalArgs()));
        model = Files.isRegularFile(source) ? fromResult(model) : fromTraces(model);
        model = mapped(model);
        spec.commandLine().getOut().println(OutFolder.page(out, model));
        return ExitCodes.DONE;
    }

    /** With maps of the axes asked for, else of those that a full grid has. */
    private ReportModel mapped(ReportModel model) {
        ComparisonDocument document = model.comparison();
        if (document == null || map == null && document.crossovers() != null) {
            return model;
        }
        List<String> axes = map != null
                ? List.of("none").equals(map) ? List.of() : map
                : Coordinates.axes(document.cells().stream().map(Cell::key).toList());
        if (axes.size() > 2 || axes.size() == 2 && axes.get(0).equals(axes.get(1))) {
            throw usage("--map takes one axis, or two different ones, as threads,handoff; not '"
                    + String.join(",", axes) + "'");
        }
        try {
            return model.withComparison(axes.isEmpty() ? Crossovers.best(document) : Crossovers.in(document, axes));
        } catch (IllegalArgumentException e) {
            throw usage("--map: " + e.getMessage());
        }
    }

    private ReportModel fromResult(ReportModel model) throws IOException {
        String json = text();
        String kind = ResultJson.kindOf(json);
        try {
            if (ComparisonDocument.KIND.equals(kind)) {
                if (baseline != null) {
                    throw usage("--baseline: '" + source + "' is a comparison and has its baseline already");
                }
                return model.withComparison(ResultJson.readComparison(json));
            }
            if (AnalysisDocument.KIND.equals(kind)) {
                return fromRuns(model, ResultJson.readAnalysis(json));
            }
        } catch (IllegalArgumentException invalid) {
            throw new TraceException("'" + source + "': " + invalid.getMessage(), invalid);
        }
        throw neither(null);
    }

    private String text() throws IOException {
        try {
            return Files.readString(source);
        } catch (CharacterCodingException binary) {
            throw neither(binary);
        }
    }

    private TraceException neither(Exception cause) {
        return new TraceException(
                "'" + source + "' is neither a trace nor a result: a trace is a folder with a run.json, which collect"
                        + " and record make; analyze or compare with --format json make a result",
                cause);
    }

    private ReportModel fromTraces(ReportModel model) {
        return fromRuns(model, Analyzer.analyze(Traces.find(List.of(source))));
    }

    /** Compares what can be compared; the rest stands by itself. */
    private ReportModel fromRuns(ReportModel model, AnalysisDocument analysis) {
        List<RunResult> runs = analysis.runs();
        List<RunResult> comparable = runs.stream()
                .filter(run -> run.key().comparable() && "complete".equals(run.state()) && !run.violated())
                .toList();
        List<String> strategies = Comparison.strategies(comparable);
        if (baseline == null && strategies.size() < 2) {
            return model.withRuns(analysis);
        }
        ComparisonOptions options = ComparisonOptions.against(chosenBaseline(comparable, strategies))
                .withErrors(new MachineFacts(null));
        List<RunResult> others =
                runs.stream().filter(run -> !comparable.contains(run)).toList();
        ReportModel compared = WhyTables.on(
                model.withComparison(Comparison.compare(comparable, options)),
                comparable,
                options.baseline(),
                options.confidence());
        return others.isEmpty() ? compared : compared.withRuns(new AnalysisDocument(others));
    }

    private String chosenBaseline(List<RunResult> runs, List<String> strategies) {
        if (baseline != null) {
            return Baseline.among(runs, baseline, spec);
        }
        List<String> usual = BaselineName.fitting(USUAL_BASELINE, runs);
        return usual.isEmpty() ? strategies.get(0) : usual.get(0);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
