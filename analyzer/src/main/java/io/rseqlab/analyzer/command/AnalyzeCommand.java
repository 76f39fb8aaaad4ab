package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.TraceException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code analyze}. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        header = "Compute every metric of traces",
        description = {
            "",
            "Reads simulated and recorded traces and prints what they hold: throughput, latencies, fast-path hits,"
                    + " aborts by cause and place, preemptions, migrations. What a trace does not know is no data"
                    + " (– in tables, null in JSON), never 0.",
            ""
        },
        footer = {"", "Example: rseqlab analyze out/trace --format json | jq '.runs[0].aborts'"})
public final class AnalyzeCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "TRACE|DIR", description = "traces, or directories that hold traces")
    private List<Path> places;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, json or csv (default: ${DEFAULT-VALUE})")
    private Format format;

    @Option(names = "--out", paramLabel = "FILE", description = "write to this file instead of standard output")
    private Path out;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "host threads; they change no number (default: all processors)")
    private Integer threads;

    @Option(
            names = "--counters-only",
            description = "do not read events: fast for any size, without run times, off-CPU times and wasted cycles")
    private boolean countersOnly;

    @Option(names = "--timeline", description = "put a short timeline of each trace into the JSON")
    private boolean timeline;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        AnalyzerOptions options = new AnalyzerOptions(checkedThreads(spec, threads), !countersOnly, timeline);
        List<Path> traces = Traces.find(places);
        try (Output output = Output.open(out, spec.commandLine().getOut())) {
            AnalysisDocument document = Analyzer.analyze(traces, options);
            requireContent(document);
            output.write(
                    switch (format) {
                        case JSON -> ResultJson.write(document);
                        case CSV -> AnalysisText.csv(document);
                        case TABLE -> AnalysisText.table(document);
                    });
        }
        spec.commandLine().getErr().println(next(traces));
        return 0;
    }

    /** A run cut short before anything was measured is one of many, or there is nothing to say. */
    private static void requireContent(AnalysisDocument document) {
        List<RunResult> runs = document.runs();
        if (runs.stream().allMatch(run -> run.windowSeconds() <= 0 && "partial".equals(run.state()))) {
            String why = runs.get(0).notes().stream()
                    .filter(note -> note.startsWith("partial"))
                    .findFirst()
                    .orElse("partial");
            throw new TraceException("nothing to analyze: '" + runs.get(0).trace() + "' is " + why);
        }
    }

    /** Host threads asked for, all processors by default. */
    static int checkedThreads(CommandSpec spec, Integer threads) {
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, not " + threads);
        }
        return threads;
    }

    private String next(List<Path> traces) {
        return traces.size() == 1
                ? "Next: rseqlab view " + traces.get(0) + " --kind abort --limit 20"
                : "Next: rseqlab compare " + places.get(0) + " --baseline STRATEGY";
    }
}
