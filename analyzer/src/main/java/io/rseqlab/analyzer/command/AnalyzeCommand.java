package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.FailIf;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.engine.PartialFile;
import io.rseqlab.analyzer.engine.PartialRun;
import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.trace.TraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
        footer = {
            "",
            "Examples:",
            "  rseqlab analyze out/trace --format json | jq '.runs[0].aborts'",
            "  rseqlab analyze out/trace --fail-if 'aborts_per_mop > 5'",
            "",
            FailIf.HELP
        })
public final class AnalyzeCommand implements Callable<Integer> {
    private static final Pattern SHARD = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

    @Mixin
    private AnalysisOptions shared;

    @Option(
            names = "--counters-only",
            description = "Do not read events: fast for any size, without run times, off-CPU times and wasted cycles.")
    private boolean countersOnly;

    @Option(
            names = "--metrics",
            paramLabel = "ID[,ID...]",
            split = ",",
            hideParamSyntax = true,
            description = "Compute these metrics alone. Columns, row groups and events that only others need are not"
                    + " read, none at all where counters tell; rseqlab list metrics names them.")
    private List<String> metrics;

    @Option(names = "--timeline", description = "Put a short timeline of each trace into the JSON.")
    private boolean timeline;

    @Mixin
    private RunFailIf failIf;

    @Option(
            names = "--partial",
            paramLabel = "FILE",
            description = "Write what was found to FILE, to be put together by merge, and print nothing.")
    private Path partial;

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description = "With --partial: only the I-th of N shards of each trace, for N processes side by side.")
    private String shard;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        failIf.requireGrammar();
        AnalyzerOptions options = options();
        if (partial != null || shard != null) {
            return writePartial(options);
        }
        AnalysisDocument document;
        List<Path> traces = shared.traces();
        try (Output output = shared.open()) {
            document = Analyzer.analyze(traces, options);
            requireContent(document);
            failIf.check(document);
            AnalysisText.write(document, shared.format(), output);
        }
        spec.commandLine().getErr().println(next(document.runs()));
        return failIf.judge(document);
    }

    private AnalyzerOptions options() {
        if (metrics == null) {
            return new AnalyzerOptions(shared.threads(), !countersOnly, timeline);
        }
        for (String id : metrics) {
            if (Metrics.of(id) == null) {
                List<String> known = Metrics.ALL.stream().map(MetricInfo::id).toList();
                throw usage("--metrics: no metric is called '" + id + "'" + Nearest.hint(id, known));
            }
        }
        return new AnalyzerOptions(shared.threads(), !countersOnly, timeline, new HashSet<>(metrics));
    }

    private Integer writePartial(AnalyzerOptions options) {
        if (partial == null) {
            throw usage("--shard goes with --partial FILE");
        }
        if (failIf.given()) {
            throw usage("--fail-if needs the whole: give it to merge");
        }
        List<Path> traces = shared.traces();
        try (Output output = Output.open(partial, spec.commandLine().getOut())) {
            List<PartialRun> runs = Analyzer.partial(traces, options, shard());
            output.bytes(stream -> PartialFile.write(runs, stream));
        }
        spec.commandLine().getErr().println(Hint.next("merge", partial, "..."));
        return 0;
    }

    private Shard shard() {
        Matcher matcher = SHARD.matcher(shard == null ? "1/1" : shard);
        if (!matcher.matches()) {
            throw usage("--shard must be I/N, as 2/3, not '" + shard + "'");
        }
        int index = Integer.parseInt(matcher.group(1));
        int count = Integer.parseInt(matcher.group(2));
        if (index < 1 || index > count) {
            throw usage("--shard " + shard + ": the first must be from 1 to the second");
        }
        return new Shard(index - 1, count);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
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
            RunResult run = runs.get(0);
            Double aborts = run.number("aborts");
            return aborts == null || aborts == 0
                    ? Hint.next("view", run.trace(), "--limit", 20)
                    : Hint.next("view", run.trace(), "--kind", "abort", "--limit", 20);
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
