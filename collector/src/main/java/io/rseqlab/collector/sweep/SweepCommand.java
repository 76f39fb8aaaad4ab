package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.Durations;
import io.rseqlab.collector.run.RatioOfRuns;
import io.rseqlab.collector.run.SeedRule;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.UsageException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab sweep}: all runs of an experiment as one data set. */
@Command(
        name = "sweep",
        header = "Run an experiment: all combinations, as one data set.",
        description = {
            "",
            "FILE says in TOML what varies: lists in [grid] are combined each with each, those of a [[zip]] go"
                    + " together, [run] is what all runs share, [refine] says along which axes to look between points"
                    + " where the better strategy changes, [costs] how often to draw what the machine's profile knows"
                    + " as ranges. Seeds are the same for every point, so that strategies"
                    + " are paired. Traces go into --out/runs/KEY=VALUE/.../seed=N, which DuckDB, Spark and pandas read"
                    + " as one table. A sweep that was interrupted or killed goes on with --resume.",
            ""
        },
        footer = {
            "",
            "Example of a FILE:",
            "  seeds = \"1..10\"",
            "  [run]",
            "  workload = \"churn\"",
            "  cpus = 2",
            "  warmup = \"400us\"",
            "  duration = \"200us\"",
            "  [grid]",
            "  strategy = [\"rseq-freelist\", \"message-passing\"]",
            "  threads = [2, 4, 8]",
            "  handoff = [0, 0.1, 0.5, 1]",
            "",
            "Keys: strategy, workload, their parameters (see rseqlab list), machine, kernel,",
            "cpus, threads, duration, warmup, tick, ops, inject, pinned, noise, oracle,",
            "slack_cycles, cost_draw; docs/sweeps.md explains them."
        },
        mixinStandardHelpOptions = true)
public final class SweepCommand implements Callable<Integer> {
    private static final int VIOLATION = 4;
    private static final int INTERRUPTED = 130;
    private static final List<String> COORDINATES = List.of("threads", "cpus", "machine", "kernel");

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "FILE", description = "The experiment.")
    private Path file;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the data set goes; must not exist, or be empty, but for --resume.")
    private Path out;

    @Option(names = "--jobs", paramLabel = "N", description = "Runs at the same time (default: the host's processors).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--resume", description = "Go on in --out: what is complete there is not repeated.")
    private boolean resume;

    @Option(
            names = "--dry-run",
            description = "Print the plan, with host time and disk space as a few trials show them, and stop.")
    private boolean dryRun;

    @Option(
            names = "--precision",
            paramLabel = "SHARE",
            description =
                    "More seeds for strategies whose throughput ratio to the first one of the file has an interval"
                            + " that reaches farther than this from the ratio, as 2%%.")
    private String precision;

    @Option(
            names = "--max-seeds",
            paramLabel = "N",
            description = "With --precision: seeds at which to stop anyway (default: ${DEFAULT-VALUE}).")
    private int mostSeeds = SeedRule.MOST_SEEDS;

    private final RatioOfRuns ratios;

    /**
     * The verb.
     *
     * @param ratios says what runs show of strategies, for sweeps that adapt to it
     */
    public SweepCommand(RatioOfRuns ratios) {
        this.ratios = ratios;
    }

    @Override
    public Integer call() {
        if (jobs < 1) {
            throw new UsageException("--jobs must be at least 1, not " + jobs);
        }
        Experiment experiment = ExperimentReader.read(file);
        Plan plan = Planner.plan(experiment);
        SeedRule rule = rule(plan);
        if (dryRun) {
            print(plan);
            printAdaptation(experiment, stdout());
            return 0;
        }
        if (out == null) {
            throw new UsageException("--out DIR is missing: where should the data set go?");
        }
        Refinement refinement = experiment.refine().isEmpty() ? null : new Refinement(experiment);
        return run(plan, new PlannedSweep(plan, file.toString(), refinement, rule, ratios));
    }

    private PrintWriter stdout() {
        return command.commandLine().getOut();
    }

    /** Null where every point has the plan's seeds. */
    private SeedRule rule(Plan plan) {
        if (precision == null) {
            SeedRule.refuseWithoutPrecision(command.commandLine().getParseResult());
            return null;
        }
        double share = SeedRule.parse(precision);
        if (mostSeeds < plan.seeds().size()) {
            throw new UsageException(
                    "--max-seeds " + mostSeeds + " is below the " + plan.seeds().size() + " seeds of the file");
        }
        if (plan.points().stream().map(Point::conditions).distinct().count()
                == plan.points().size()) {
            throw new UsageException("--precision is that of ratios: the file must have two strategies to compare");
        }
        return new SeedRule(share, mostSeeds, ratios);
    }

    private int run(Plan plan, PlannedSweep sweep) {
        PrintWriter err = command.commandLine().getErr();
        PlannedSweep.Outcome outcome = sweep.run(out, resume, jobs, err, this::resumption);
        if (outcome.interrupted()) {
            return INTERRUPTED;
        }
        if (resume) {
            err.println("sweep: " + outcome.before() + " of " + outcome.complete() + " runs were there already");
        }
        boolean adapted = !outcome.adapted().isEmpty();
        stdout().println(outcome.runs() + "  " + outcome.complete() + " runs"
                + (adapted ? "" : " of " + plan.points().size() + " points"));
        outcome.adapted().forEach(words -> err.println("sweep: " + words));
        if (outcome.auditNote() != null) {
            err.println(outcome.auditNote());
        }
        outcome.violations().forEach(violation -> err.println("rseqlab: violation in " + violation));
        if (!outcome.violations().isEmpty()) {
            return VIOLATION;
        }
        err.println(next(plan, outcome.runs()));
        return 0;
    }

    /** Where the better strategy changes, over the first axes that comparisons know as coordinates. */
    private static String next(Plan plan, Path runs) {
        Point first = plan.points().get(0);
        List<String> axes = plan.axes().stream()
                .filter(axis -> COORDINATES.contains(axis)
                        || first.spec().workload().parameters().stream()
                                .anyMatch(parameter -> parameter.name().equals(axis)))
                .filter(axis -> plan.points().stream()
                                .map(point -> point.coordinates().get(axis))
                                .distinct()
                                .count()
                        > 1)
                .limit(2)
                .toList();
        List<Object> words = new ArrayList<>(List.of("compare", runs, "--baseline"));
        words.add(first.spec().strategySettings().name());
        if (!axes.isEmpty()) {
            words.addAll(List.of(axes.size() == 1 ? "--axis" : "--map", String.join(",", axes)));
        }
        return Hint.next(words.toArray());
    }

    private String resumption() {
        List<String> words = new ArrayList<>(List.of("sweep", file.toString(), "--out", out.toString(), "--resume"));
        if (precision != null) {
            words.addAll(List.of("--precision", precision, "--max-seeds", Integer.toString(mostSeeds)));
        }
        return "go on with: " + Hint.commandLine(words);
    }

    /** What may come on top of the plan, which nobody knows before. */
    private void printAdaptation(Experiment experiment, PrintWriter stdout) {
        if (precision != null) {
            stdout.println("with --precision " + precision + " up to " + mostSeeds + " seeds a point");
        }
        experiment
                .refine()
                .forEach((axis, times) -> stdout.println("refined along " + axis + ": the interval in which"
                        + " the better strategy changes is halved " + times + (times == 1 ? " time" : " times")));
    }

    /** The plan for people: what varies, what it will cost, and the points. */
    private void print(Plan plan) {
        PrintWriter stdout = command.commandLine().getOut();
        HostMemory memory = new HostMemory(Runtime.getRuntime().maxMemory());
        int fitting = plan.points().stream()
                .mapToInt(point -> memory.fitting(point.spec()))
                .min()
                .orElseThrow();
        Trial trial = Trial.of(plan);
        int atATime = Math.min(jobs, fitting);
        stdout.printf(
                Locale.ROOT,
                "%d runs: %d points (%s), %d seeds each%n",
                plan.size(),
                plan.points().size(),
                String.join(", ", plan.axes()),
                plan.seeds().size());
        if (!plan.drawn().isEmpty()) {
            stdout.printf(
                    Locale.ROOT,
                    "of these %d with costs drawn from their ranges: %d draws of each point, %d seeds each%n",
                    plan.drawn().size() * plan.drawnSeeds().size(),
                    plan.drawn().size() / plan.points().size(),
                    plan.drawnSeeds().size());
        }
        stdout.printf(Locale.ROOT, "simulated: %.4g CPU-seconds, warm-up included%n", plan.cpuSeconds());
        stdout.printf(
                Locale.ROOT,
                "host time: about %s, %d at a time (by trial of %d points)%n",
                Durations.rough(trial.hostSeconds() / atATime),
                atATime,
                trial.points());
        stdout.printf(Locale.ROOT, "disk: about %.1f MiB%n", trial.diskBytes() / (1 << 20));
        stdout.println("points:");
        for (Point point : plan.points()) {
            stdout.println("  " + point.words());
        }
        stdout.println("the first run: " + plan.points().get(0).spec().command());
    }
}
