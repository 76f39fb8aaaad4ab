package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.ComparisonOptions;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.Interruption;
import io.rseqlab.collector.run.ParallelRuns;
import io.rseqlab.collector.run.Progress;
import io.rseqlab.collector.run.StopFlag;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.trace.NewFolder;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rseqlab demo}: one command from nothing to a page with the verdict. */
@Command(
        name = "demo",
        header = "One command, one page: rseq freelists against message passing.",
        description = {
            "",
            "Runs rseq-freelist against message-passing (with rseq-message, percpu-lock, global-mutex and ideal as"
                    + " context) on churn with hand-off 0, 0.1, 0.5 and 1 and on producer-consumer, with 8 threads on 2"
                    + " CPUs and with 32 on 16 (not with hand-off 0, where CPUs share nothing); the two also with 2 to"
                    + " 16 threads on 2 CPUs; a few runs are long enough"
                    + " for a hundred natural preemptions. Writes the traces, analyzes them, and leaves a"
                    + " self-contained page.",
            ""
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    private static final int VIOLATION = 4;

    /** What a shell says of a process that a Ctrl-C ended; the JVM itself ends it with the signal's number. */
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec command;

    @Option(
            names = "--out",
            defaultValue = "out/demo",
            paramLabel = "DIR",
            description = "Where page and traces go; must not exist, or be empty (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(names = "--jobs", paramLabel = "N", description = "Runs at the same time (default: the host's processors).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() throws IOException {
        if (jobs < 1) {
            throw new ParameterException(command.commandLine(), "--jobs must be at least 1, not " + jobs);
        }
        NewFolder folder = NewFolder.at(out);
        OutFolder.requireFree(out);
        long started = System.nanoTime();
        List<DemoPlan.Run> runs = DemoPlan.runs();
        announce(runs);
        StopFlag stop = new StopFlag();
        List<Made> made = simulate(runs, folder, stop);
        if (stop.isRaised()) {
            return INTERRUPTED;
        }
        double hostSeconds = (System.nanoTime() - started) / 1e9;
        AnalysisDocument analysis =
                new AnalysisDocument(made.stream().map(Made::result).toList());
        ReportModel model = model(runs, analysis, out);
        Path page = OutFolder.page(out, model);
        List<Collector.Outcome> outcomes = made.stream().map(Made::outcome).toList();
        return report(outcomes, model.verdicts(), page, hostSeconds, analysis);
    }

    /**
     * A run that was made.
     *
     * @param outcome what came of it
     * @param result what its trace says, null if it is partial
     */
    private record Made(Collector.Outcome outcome, RunResult result) {}

    /** Says what will be done before it takes its time. */
    private void announce(List<DemoPlan.Run> runs) {
        Map<DemoPlan.Kind, Long> counts = runs.stream()
                .collect(Collectors.groupingBy(
                        DemoPlan.Run::kind, () -> new EnumMap<>(DemoPlan.Kind.class), Collectors.counting()));
        double simulated = runs.stream()
                .mapToDouble(run ->
                        run.spec().durationSeconds() * run.spec().machine().cpus())
                .sum();
        command.commandLine()
                .getErr()
                .printf(
                        Locale.ROOT,
                        "demo: %d runs, %.2f simulated CPU-seconds, %d at a time: %d short ones that are compared, %d"
                                + " with short ticks, %d long ones for natural preemptions and signals%n",
                        runs.size(),
                        simulated,
                        jobs,
                        counts.get(DemoPlan.Kind.SHORT),
                        counts.get(DemoPlan.Kind.INTERRUPTED),
                        counts.get(DemoPlan.Kind.NATURAL) + counts.get(DemoPlan.Kind.SIGNALS));
    }

    /**
     * Makes the runs and analyzes each at once, so that nobody waits for the last run with that. Interrupted, the runs
     * close their traces, as those of collect do; there is no page then. Should one fail, nothing stays.
     */
    @SuppressWarnings("try") // what is watched needs no name
    private List<Made> simulate(List<DemoPlan.Run> runs, NewFolder folder, StopFlag stop) {
        AtomicInteger complete = new AtomicInteger();
        List<ParallelRuns.Job<Made>> work = new ArrayList<>();
        for (DemoPlan.Run run : runs) {
            work.add(() -> {
                Collector.Written written = Collector.write(run.spec(), run.trace(out), stop);
                if (!RunInfo.COMPLETE.equals(written.outcome().info().state())) {
                    return new Made(written.outcome(), null);
                }
                complete.incrementAndGet();
                return new Made(written.outcome(), Analyzer.analyze(written.trace()));
            });
        }
        PrintWriter err = command.commandLine().getErr();
        folder.create();
        try (Interruption watched = Interruption.watch(
                stop,
                err,
                () -> complete + " of " + runs.size() + " runs are complete, and there is no page: remove '" + out
                        + "' before demo is run again")) {
            return ParallelRuns.run(work, jobs, new Progress("demo", runs.size(), err), stop);
        } catch (RuntimeException | Error failure) {
            folder.undo();
            throw failure;
        }
    }

    /** What the page says of runs whose traces lie in a folder. */
    static ReportModel model(List<DemoPlan.Run> runs, AnalysisDocument analysis, Path out) {
        SplitEstimate estimate = new SplitEstimate(runs.get(0).spec().machine());
        List<RunResult> compared = new ArrayList<>();
        Map<String, DemoPlan.Kind> kinds = new HashMap<>();
        runs.forEach(run -> kinds.put(run.trace(out).toString(), run.kind()));
        for (int i = 0; i < runs.size(); i++) {
            RunResult result = analysis.runs().get(i);
            estimate.add(runs.get(i).kind(), result);
            if (runs.get(i).kind() == DemoPlan.Kind.SHORT) {
                compared.add(result);
            }
        }
        ComparisonDocument comparison =
                Comparison.compare(compared, ComparisonOptions.against(DemoPlan.STRATEGIES.get(0)));
        AnalysisDocument longRuns = new AnalysisDocument(analysis.formatVersion(), estimate.longRuns());
        ReportModel model = ReportModel.of("rseq freelists against message passing");
        for (String sentence : DemoVerdict.of(comparison)) {
            model = model.withVerdict(sentence);
        }
        return model.withCommand("rseqlab demo")
                .withComparison(comparison)
                .withRuns(longRuns)
                .withTable(estimate.table())
                .withTable(estimate.againstLongRuns())
                .withNote("Short windows see the threads that run then, not a whole rotation of all threads; what needs"
                        + " long real runs (lock holders switched out, caches and lists that grow while a thread"
                        + " waits) is not in them. Causes and places of aborts and the timelines come from the"
                        + " long runs.")
                .withNotModelled("Costs of page faults, TLB misses and memory bandwidth.")
                .withNotModelled("Signal handlers run no program; they cost time.")
                .withNotModelled("DELAY_DEQUEUE of the scheduler; the host moving virtual CPUs (FAR state).");
    }

    private int report(
            List<Collector.Outcome> outcomes,
            List<String> verdicts,
            Path page,
            double hostSeconds,
            AnalysisDocument analysis) {
        PrintWriter stdout = command.commandLine().getOut();
        PrintWriter stderr = command.commandLine().getErr();
        double simulated = analysis.runs().stream()
                .mapToDouble(run -> run.windowSeconds() * run.cpus())
                .sum();
        verdicts.forEach(stdout::println);
        stdout.println(page);
        stderr.printf(
                Locale.ROOT,
                "%d runs, %.4f simulated CPU-seconds in %.0f s of host time: 1 to %.0f%n",
                outcomes.size(),
                simulated,
                hostSeconds,
                hostSeconds / simulated);
        int violations = 0;
        for (Collector.Outcome outcome : outcomes) {
            for (String violation : outcome.violations()) {
                violations++;
                stderr.println("rseqlab: violation in " + outcome.info().spec().get("command") + ": " + violation);
            }
        }
        return violations == 0 ? 0 : VIOLATION;
    }
}
