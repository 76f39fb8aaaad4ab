package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.collector.run.Interruption;
import io.rseqlab.collector.run.Kernels;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.run.StopFlag;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.Strategies;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.trace.NewFolder;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab advise}: which strategy suits a program. */
@Command(
        name = "advise",
        mixinStandardHelpOptions = true,
        header = "Say which strategy suits a program, by how much, at what cost.",
        description = {
            "",
            "Replays a malloc trace (of rseqlab record malloc or import malloc) under each strategy with the same"
                    + " seeds, and with more and with less work between calls. Answers with the winner, its lead with"
                    + " interval, memory, tail, and where the winner changes; or with 'undecided', also where the trace"
                    + " is too short, or what could be run of it in the time allowed is not like the whole.",
            "",
            "Without a trace it takes figures of the program, runs a sketch of it, and says where the winner changes"
                    + " along work, hand-off and threads.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  rseqlab record malloc --out my.malloc -- ./my-program --threads 8",
            "  rseqlab advise my.malloc --cpus 16",
            "  rseqlab advise --threads 8 --cpus 4 --remote-free 0.3 --sizes 64,256,1024"
        })
public final class AdviseCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;
    private static final double CONFIDENCE = 0.95;
    private static final double MOST_HOST_SECONDS = 1e6;

    @Spec
    private CommandSpec command;

    @Parameters(arity = "0..1", paramLabel = "TRACE", description = "A malloc trace.")
    private Path trace;

    @Option(
            names = "--strategies",
            split = ";",
            hideParamSyntax = true,
            paramLabel = "NAME[;NAME...]",
            defaultValue = "tcmalloc-percpu;tcmalloc-thread;snmalloc;mimalloc;rseq-freelist;message-passing",
            description = "Who is compared, with parameters if need be; separated by semicolons (default:"
                    + " ${DEFAULT-VALUE}).")
    private List<String> strategies;

    @Option(
            names = "--seeds",
            defaultValue = "1..10",
            paramLabel = "A..B",
            description = "Root seeds, the same for each strategy (default: ${DEFAULT-VALUE}).")
    private String seeds;

    @Option(
            names = "--machine",
            defaultValue = RunSpecs.DEFAULT_MACHINE,
            paramLabel = "NAME|FILE",
            description = "Hardware profile (default: ${DEFAULT-VALUE}).")
    private String machine;

    @Option(names = "--cpus", paramLabel = "N", description = "CPUs (default: the machine's).")
    private Integer cpus;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: the trace's; needed without one).")
    private Integer threads;

    @Option(
            names = "--kernel",
            defaultValue = RunSpecs.DEFAULT_KERNEL,
            paramLabel = "NAME",
            completionCandidates = Kernels.Names.class,
            description = "Rules of the kernel (default: ${DEFAULT-VALUE}).")
    private String kernel;

    @Option(
            names = "--think",
            paramLabel = "TURNS",
            description = "The program's own work, where no trace tells it, in turns of an empty loop, about a cycle"
                    + " each: before each call of a trace without time (default: " + AdviceOfTrace.ASSUMED_THINK_TURNS
                    + "); without a trace, between an allocation and the next, so per malloc and free (default: "
                    + FiguresOptions.THINK_TURNS + "). A trace with time has its own. Whatever it is, runs with more"
                    + " and with less of it say whether the answer hangs on it.")
    private Integer think;

    @Option(
            names = "--margin",
            defaultValue = "0.01",
            paramLabel = "SHARE",
            description = "Difference that does not matter (default: ${DEFAULT-VALUE}).")
    private double margin;

    @Option(
            names = "--host-seconds",
            defaultValue = "45",
            paramLabel = "S",
            description = "How long the runs may take, roughly: of a trace that takes longer, windows spread over it"
                    + " are run; without one, windows are shorter (default: ${DEFAULT-VALUE}).")
    private double hostSeconds;

    @Option(names = "--jobs", paramLabel = "N", description = "Runs at the same time (default: the host's processors).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--out",
            defaultValue = "out/advice",
            paramLabel = "DIR",
            description = "Where page and runs go; must not exist, or be empty (default: ${DEFAULT-VALUE}).")
    private Path out;

    private NewFolder folder;

    @Mixin
    private FiguresOptions figures;

    @Mixin
    private TableOrJson format;

    @Override
    @SuppressWarnings("try") // what is watched needs no name
    public Integer call() throws IOException {
        AdviceRuns runs = requested();
        if (trace == null && threads == null) {
            throw usage("what is to be advised on? Name a malloc trace, or describe the program with --threads N,"
                    + " --remote-free SHARE, ...");
        }
        if (trace != null && figures.given()) {
            throw usage("the trace says itself what the program is like: leave out --remote-free, --sizes, --live,"
                    + " --burst, --pause-us and --idle-owners");
        }
        folder = NewFolder.at(out);
        OutFolder.requireFree(out);
        Function<StopFlag, AdviceSubject> pilot = trace == null ? sketched(runs) : traced(runs);
        StopFlag stop = new StopFlag();
        AdviceSubject subject;
        try (Interruption watched = Interruption.watch(
                stop,
                command.commandLine().getErr(),
                () -> "the pilot runs were not done, no run of the advice had"
                        + " begun, and nothing is left of them: ask again")) {
            subject = piloted(pilot, runs, stop);
        }
        return subject == null ? INTERRUPTED : advise(runs, subject);
    }

    /** The subject as there is time to run it; null if interrupted. Then, and where it is refused, nothing is left. */
    private AdviceSubject piloted(Function<StopFlag, AdviceSubject> pilot, AdviceRuns runs, StopFlag stop) {
        folder.create();
        boolean done = false;
        try {
            AdviceSubject subject = pilot.apply(stop);
            if (!stop.isRaised()) {
                runs.plan(runs.experiment(subject));
                done = true;
                return subject;
            }
            return null;
        } finally {
            if (!done) {
                folder.undo();
            }
        }
    }

    private Function<StopFlag, AdviceSubject> traced(AdviceRuns runs) {
        AdviceOfTrace read = new AdviceOfTrace(trace, runs.cpus());
        read.subject(read.whole(), threads, think); // refuses before anything is written
        return stop -> {
            long events = runs.affordableEvents(read, threads, out, stop);
            if (stop.isRaised()) {
                return null;
            }
            TraceSample sample = read.sample(out.resolve("replayed.malloc"), events);
            AdviceSubject subject =
                    read.subject(sample, threads, think).withLikeness(read.likeness(sample, threads, hostSeconds));
            String map = read.onTheMap(RunSpecs.machine(machine).clockHz());
            return map == null ? subject : subject.withNote(map);
        };
    }

    private Function<StopFlag, AdviceSubject> sketched(AdviceRuns runs) {
        AdviceOfFigures program = figures.program(threads, runs.cpus(), think);
        AdviceSubject subject = program.subject();
        runs.check(subject);
        return stop -> runs.affordableWindows(subject, program.leastWindowSeconds(), out, stop);
    }

    private AdviceRuns requested() {
        if (!(margin > 0 && margin < 1)) {
            throw usage("--margin must lie between 0 and 1, not " + margin);
        }
        if (!(hostSeconds > 0 && hostSeconds <= MOST_HOST_SECONDS)) {
            throw usage("--host-seconds must be above 0 and at most 1000000, not " + hostSeconds);
        }
        if (jobs < 1) {
            throw usage("--jobs must be at least 1, not " + jobs);
        }
        if (think != null && think < 0) {
            throw usage("--think must be at least 0, not " + think);
        }
        if (out.toString().matches(".*[,\"\\\\].*")) {
            throw usage("--out: a path with a comma, quote or backslash cannot be part of a workload's settings");
        }
        if (strategies.size() < 2 || new HashSet<>(strategies).size() != strategies.size()) {
            throw usage("--strategies: at least two different ones, as in snmalloc;tcmalloc-percpu");
        }
        for (String strategy : strategies) {
            Settings.parse(strategy, Strategies.byId(Settings.nameOf(strategy)).parameters());
        }
        RunSpecs.seeds(seeds);
        Kernels.policy(kernel);
        return new AdviceRuns(
                strategies,
                machine,
                cpus != null ? cpus : RunSpecs.machine(machine).cpus(),
                kernel,
                seeds,
                jobs,
                hostSeconds);
    }

    private int advise(AdviceRuns runs, AdviceSubject subject) throws IOException {
        PrintWriter err = command.commandLine().getErr();
        long started = System.nanoTime();
        int size = runs.strategies().size() * subject.points().size() * runs.seedCount();
        err.printf(Locale.ROOT, "advise: %s, %d runs, %d at a time%n", subject.part(), size, jobs);
        String experiment = runs.experiment(subject);
        write(out.resolve("experiment.toml"), experiment);
        AdviceRuns.Results results = results(runs, experiment, err);
        if (results.interrupted()) {
            return INTERRUPTED;
        }
        results.violations().forEach(violation -> err.println("rseqlab: violation in " + violation));
        if (!results.violations().isEmpty()) {
            return ExitCodes.VIOLATION;
        }
        MachineFacts machines = new MachineFacts(RunSpecs.machine(machine));
        AdviceBuilder builder = new AdviceBuilder(subject, results.runs(), margin, CONFIDENCE, machines);
        AdviceDocument advice = builder.build();
        String line = Hint.commandLine(command.commandLine().getParseResult().originalArgs());
        ReportModel model = AdvicePage.of(line, advice, subject, builder.asItIs(), machines);
        Path page = OutFolder.page(out, model);
        write(out.resolve("advice.json"), ResultJson.write(advice));
        PrintWriter stdout = command.commandLine().getOut();
        stdout.print(format.json() ? ResultJson.write(advice) : AdviceTable.of(advice, subject));
        stdout.flush();
        err.println("Page: " + page);
        err.printf(Locale.ROOT, "%d runs in %.0f s of host time%n", size, (System.nanoTime() - started) / 1e9);
        return ExitCodes.DONE;
    }

    /** Where no run was complete when one failed, nothing is of use. */
    private AdviceRuns.Results results(AdviceRuns runs, String experiment, PrintWriter err) {
        Path place = out.resolve("runs");
        try {
            return runs.run(experiment, place, err);
        } catch (RuntimeException | Error failure) {
            if (!Files.exists(place)) {
                folder.undo();
            }
            throw failure;
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
