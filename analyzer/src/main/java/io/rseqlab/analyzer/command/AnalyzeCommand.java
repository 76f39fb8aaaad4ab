package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.trace.TraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The verb {@code analyze}. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        header = "Compute every metric of traces.",
        description = {
            "",
            "Reads simulated and recorded traces and prints what they hold: throughput, latencies, fast-path hits,"
                    + " aborts by cause and place, preemptions, migrations. What a trace does not know is no data"
                    + " (– in tables, null in JSON), never 0.",
            ""
        },
        footer = {"", "Example: rseqlab analyze out/trace --format json | jq '.runs[0].aborts'"})
public final class AnalyzeCommand implements Callable<Integer> {
    @Mixin
    private AnalysisOptions shared;

    @Option(
            names = "--counters-only",
            description = "Do not read events: fast for any size, without run times, off-CPU times and wasted cycles.")
    private boolean countersOnly;

    @Option(names = "--timeline", description = "Put a short timeline of each trace into the JSON.")
    private boolean timeline;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        AnalyzerOptions options = new AnalyzerOptions(shared.threads(), !countersOnly, timeline);
        AnalysisDocument document;
        List<Path> traces = shared.traces();
        try (Output output = shared.open()) {
            document = Analyzer.analyze(traces, options);
            requireContent(document);
            output.write(
                    switch (shared.format()) {
                        case JSON -> ResultJson.write(document);
                        case CSV -> AnalysisText.csv(document);
                        case TABLE -> AnalysisText.table(document);
                    });
        }
        spec.commandLine().getErr().println(next(document.runs()));
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

    private String next(List<RunResult> runs) {
        if (runs.size() == 1) {
            return Hint.next("view", runs.get(0).trace(), "--kind", "abort", "--limit", 20);
        }
        List<String> strategies = Comparison.strategies(runs);
        List<Object> words = new ArrayList<>(shared.places());
        if (strategies.size() < 2) {
            return Hint.next("report", shared.places().get(0), "--out", "REPORT");
        }
        words.add(0, "compare");
        words.addAll(List.of("--baseline", strategies.get(0)));
        return Hint.next(words.toArray());
    }
}
