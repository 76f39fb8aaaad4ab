package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.sweep.PlannedSweep;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab study}: a question with its experiments and its page. */
@Command(
        name = "study",
        header = "Answer a question of allocator design: experiments and one page.",
        description = {
            "",
            "message-passing: where does message passing win, where do caches per CPU, by how much, and why? Runs"
                    + " snmalloc, SuperMalloc with and without rseq, TCMalloc per CPU and per thread, mimalloc and"
                    + " points of the factorial on producer-consumer and symmetric with 2 to 64 threads, and pairs of"
                    + " them on churn, by hand-off and 1 to 64 threads, on 4 CPUs, and on the first two with a CPU for"
                    + " each of up to 64 threads. Experiments are files for rseqlab sweep: print, change and run them"
                    + " as you like.",
            ""
        },
        footer = {
            "",
            "Example: rseqlab study message-passing --quick",
            "         rseqlab study message-passing --print handoff > handoff.toml"
        },
        mixinStandardHelpOptions = true)
public final class StudyCommand implements Callable<Integer> {
    private static final String MESSAGE_PASSING = "message-passing";
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "STUDY", description = "Which: " + MESSAGE_PASSING + ".")
    private String study;

    @Option(names = "--quick", description = "Fewer points, shorter runs, and the least seeds that make intervals.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where page and traces go; must not exist, or be empty, but for --resume (default: out/STUDY, or"
                            + " out/STUDY-quick).")
    private Path out;

    @Option(names = "--jobs", paramLabel = "N", description = "Runs at the same time (default: the host's processors).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--resume", description = "Go on in --out: what is complete there is not repeated.")
    private boolean resume;

    @Option(
            names = "--cost-draws",
            paramLabel = "N",
            description = "Run every point N times more with costs drawn from the ranges of the machine's profile, and"
                    + " say how often the winner flips (default: ${DEFAULT-VALUE}).")
    private int costDraws;

    @Option(
            names = "--print",
            paramLabel = "EXPERIMENT",
            description = "Print the file of an experiment (" + StudyExperiment.EXCHANGE + ", "
                    + StudyExperiment.MANY_CPUS + " or " + StudyExperiment.HANDOFF + ") and stop.")
    private String print;

    @Override
    public Integer call() throws IOException {
        if (!study.equals(MESSAGE_PASSING)) {
            throw usage("no study '" + study + "'" + Nearest.hint(study, List.of(MESSAGE_PASSING)));
        }
        if (jobs < 1) {
            throw usage("--jobs must be at least 1, not " + jobs);
        }
        if (costDraws < 0) {
            throw usage("--cost-draws must be 0 (none) or more, not " + costDraws);
        }
        List<StudyExperiment> experiments = StudyExperiment.messagePassing(quick).stream()
                .map(experiment -> experiment.withCostDraws(costDraws))
                .toList();
        if (print != null) {
            command.commandLine().getOut().print(experiment(experiments).text());
            return ExitCodes.DONE;
        }
        if (out == null) {
            out = Path.of("out", study + (quick ? "-quick" : ""));
        }
        if (!resume) {
            OutFolder.requireFree(out);
        }
        return run(experiments);
    }

    private StudyExperiment experiment(List<StudyExperiment> experiments) {
        List<String> names = experiments.stream().map(StudyExperiment::name).toList();
        return experiments.stream()
                .filter(experiment -> experiment.name().equals(print))
                .findFirst()
                .orElseThrow(() -> usage("--print: no experiment '" + print + "'" + Nearest.hint(print, names)));
    }

    private int run(List<StudyExperiment> experiments) throws IOException {
        PrintWriter err = command.commandLine().getErr();
        long started = System.nanoTime();
        Map<StudyExperiment, PlannedSweep> plans = new LinkedHashMap<>();
        experiments.forEach(experiment -> plans.put(experiment, experiment.plan()));
        double cpuSeconds =
                plans.values().stream().mapToDouble(PlannedSweep::cpuSeconds).sum();
        int size = plans.values().stream().mapToInt(PlannedSweep::size).sum();
        err.printf(Locale.ROOT, "study: %d runs, %.2f simulated CPU-seconds, %d at a time%n", size, cpuSeconds, jobs);
        Map<String, List<RunResult>> results = new LinkedHashMap<>();
        List<String> violations = new ArrayList<>();
        for (Map.Entry<StudyExperiment, PlannedSweep> entry : plans.entrySet()) {
            String name = entry.getKey().name();
            Path folder = out.resolve(name);
            boolean begun = resume && Files.exists(folder);
            PlannedSweep.Outcome outcome;
            try {
                outcome = entry.getValue().run(folder, begun, jobs, err, this::resumption);
            } catch (RuntimeException | Error failure) {
                if (!results.isEmpty() && !Files.exists(folder)) {
                    err.println("note: the runs of " + String.join(", ", results.keySet()) + " are complete; "
                            + resumption());
                }
                throw failure;
            }
            if (outcome.interrupted()) {
                return INTERRUPTED;
            }
            if (outcome.auditNote() != null) {
                err.println(outcome.auditNote());
            }
            keep(entry.getKey());
            violations.addAll(outcome.violations());
            err.println("study: reading the traces of " + name);
            results.put(
                    name, Analyzer.analyze(Traces.find(List.of(outcome.runs()))).runs());
        }
        ReportModel model = StudyPage.of(Hint.commandLine(words()), results);
        Path page = OutFolder.page(out, model);
        model.verdicts().forEach(command.commandLine().getOut()::println);
        command.commandLine().getOut().println(model.comparison().modelError());
        command.commandLine().getOut().println(page);
        err.printf(Locale.ROOT, "%d runs in %.0f s of host time%n", size, (System.nanoTime() - started) / 1e9);
        violations.forEach(violation -> err.println("rseqlab: violation in " + violation));
        return violations.isEmpty() ? ExitCodes.DONE : ExitCodes.VIOLATION;
    }

    /** The experiment beside its runs, for whoever wants to change it. */
    private void keep(StudyExperiment experiment) {
        try {
            Files.writeString(out.resolve(experiment.name() + ".toml"), experiment.text());
        } catch (IOException e) {
            throw OutputException.cannotWrite(out, e);
        }
    }

    private List<String> words() {
        List<String> words = new ArrayList<>(List.of("study", study));
        if (quick) {
            words.add("--quick");
        }
        if (costDraws > 0) {
            words.addAll(List.of("--cost-draws", Integer.toString(costDraws)));
        }
        return words;
    }

    private String resumption() {
        List<String> words = words();
        words.addAll(List.of("--out", out.toString(), "--resume"));
        return "go on with: " + Hint.commandLine(words);
    }

    private ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
