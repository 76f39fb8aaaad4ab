package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rseqlab collect}: runs strategies on the kernel model and writes their traces. */
@Command(
        name = "collect",
        header = "Run workloads under strategies on the kernel model; write traces.",
        description = {
            "",
            "One run per strategy and seed. A single run's trace is --out itself; several runs go into"
                    + " --out/STRATEGY/seed-N. The memory oracle runs beside; a violation ends with exit code 4."
                    + " Interrupted by Ctrl-C, runs close their traces with what was simulated so far, as partial.",
            ""
        },
        footer = {
            "",
            "Example:",
            "  rseqlab collect --strategy rseq-freelist --workload churn:handoff=0.5 \\",
            "                  --threads 8 --duration 20ms --seeds 1..10 --out traces"
        },
        mixinStandardHelpOptions = true)
public final class CollectCommand implements Callable<Integer> {
    private static final int VIOLATION = 4;

    /** What a shell says of a process that a Ctrl-C ended; the JVM itself ends it with the signal's number. */
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec command;

    @Option(
            names = "--strategy",
            required = true,
            paramLabel = "NAME[:KEY=VALUE,...]",
            description = "What allocates; may be given several times. See rseqlab list strategies.")
    private List<String> strategies;

    @Option(
            names = "--workload",
            defaultValue = "churn",
            paramLabel = "NAME[:KEY=VALUE,...]",
            description = "What is run (default: ${DEFAULT-VALUE}). See rseqlab list workloads.")
    private String workload;

    @Option(
            names = "--machine",
            defaultValue = RunSpecs.DEFAULT_MACHINE,
            paramLabel = "NAME|FILE",
            description = "Hardware profile, shipped or a TOML file (default: ${DEFAULT-VALUE}).")
    private String machine;

    @Option(names = "--cpus", paramLabel = "N", description = "Number of CPUs (default: the machine's).")
    private Integer cpus;

    @Option(names = "--threads", paramLabel = "N", description = "Number of threads (default: one per CPU).")
    private Integer threads;

    @Option(
            names = "--kernel",
            defaultValue = RunSpecs.DEFAULT_KERNEL,
            paramLabel = "NAME",
            completionCandidates = Kernels.Names.class,
            description = "Rules of the kernel: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). See rseqlab list"
                    + " kernels.")
    private String kernel;

    @Option(
            names = "--duration",
            defaultValue = RunSpecs.DEFAULT_DURATION,
            paramLabel = "TIME",
            description = "Simulated time measured, after warm-up (default: ${DEFAULT-VALUE}).")
    private String duration;

    @Option(
            names = "--warmup",
            defaultValue = RunSpecs.DEFAULT_WARMUP,
            paramLabel = "TIME",
            description = "Simulated time before it (default: ${DEFAULT-VALUE}); threads take quick turns in it.")
    private String warmup;

    @Option(
            names = "--seeds",
            defaultValue = "1",
            paramLabel = "N|A..B",
            description = "Root seeds, one run each: N is the one seed N, A..B are all from A to B; several with"
                    + " commas, as in 1,5..7 (default: ${DEFAULT-VALUE}).")
    private String seeds;

    @Option(
            names = "--ops",
            defaultValue = "slow",
            paramLabel = "all|1/N|slow|none",
            description = "Which operations become rows (default: ${DEFAULT-VALUE}); totals do not depend on it.")
    private String ops;

    @Option(
            names = "--inject",
            paramLabel = "FAULT",
            description =
                    "A fault to inject: no-abort, abort-storm:P, preempt-in-section:P or no-registration; may be given"
                            + " several times.")
    private List<String> injections = List.of();

    @Option(names = "--pin", description = "Thread i stays on CPU i modulo the CPUs.")
    private boolean pinned;

    @Option(
            names = "--no-noise",
            description = "No background kernel threads, and no CPUs taken away by the host (steal in a profile).")
    private boolean noNoise;

    @Option(names = "--no-oracle", description = "Leave the memory oracle out: for speed measurements only.")
    private boolean noOracle;

    @Option(
            names = "--slack-cycles",
            defaultValue = "" + RunSpec.DEFAULT_SLACK_CYCLES,
            paramLabel = "N",
            description =
                    "How far cores may run ahead of each other in private work (default: ${DEFAULT-VALUE}; 0: not).")
    private long slackCycles;

    @Option(names = "--tick", paramLabel = "TIME", description = "Time between ticks (default: the machine's).")
    private String tick;

    @Option(
            names = "--cost-draw",
            paramLabel = "N",
            description = "Costs that the machine's profile knows as ranges are those of this draw"
                    + " (default: ${DEFAULT-VALUE}: as the profile states them).")
    private int costDraw = CostDraw.NONE;

    @Option(
            names = "--details",
            description = "Count more: blocks per refill and flush, stranded memory over time. The simulated run is the"
                    + " same; its trace has more counts.")
    private boolean details;

    @Option(
            names = "--quota",
            paramLabel = "TIME[/PERIOD]",
            description = "CPU time that all threads together may use of every period, as a container's cpu.max"
                    + " (default: no limit; period: 100ms).")
    private String quota;

    @Option(names = "--jobs", paramLabel = "N", description = "Runs at the same time (default: the host's processors).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--precision",
            paramLabel = "SHARE",
            description =
                    "More seeds until the interval of each strategy's throughput ratio to the first one reaches no"
                            + " farther than this from the ratio, as 2%%.")
    private String precision;

    @Option(
            names = "--max-seeds",
            paramLabel = "N",
            description = "With --precision: seeds at which to stop anyway (default: ${DEFAULT-VALUE}).")
    private int mostSeeds = SeedRule.MOST_SEEDS;

    @Option(names = "--dry-run", description = "Print the resolved runs and stop.")
    private boolean dryRun;

    @Option(names = "--out", paramLabel = "DIR", description = "Where traces go; must not exist, or be empty.")
    private Path out;

    private final RatioOfRuns ratios;

    /**
     * The verb.
     *
     * @param ratios says what runs show of strategies, for {@code --precision}
     */
    public CollectCommand(RatioOfRuns ratios) {
        this.ratios = ratios;
    }

    @Override
    public Integer call() {
        List<Long> seeds = new ArrayList<>(RunSpecs.seeds(this.seeds));
        List<RunSpec> specs = new ArrayList<>(specs(seeds));
        SeedRule rule = rule(seeds);
        RunSpec any = specs.get(0);
        String remark = any.workload().remark(any.workloadSettings(), any.threads());
        if (remark != null) {
            command.commandLine().getErr().println("note: " + any.workload().id() + ": " + remark);
        }
        PrintWriter stdout = command.commandLine().getOut();
        if (dryRun) {
            specs.forEach(spec -> stdout.println(spec.command()));
            return 0;
        }
        if (out == null) {
            throw new UsageException("--out DIR is missing: where should the trace go?");
        }
        TraceDirectory.refuseOccupied(out);
        StopFlag stop = new StopFlag();
        RunSet set = new RunSet(out, jobs, stop, command.commandLine().getErr());
        List<Collector.Outcome> outcomes = new ArrayList<>(set.run(specs));
        if (rule != null) {
            runMore(rule, seeds, specs, outcomes, set, stop);
        }
        return stop.isRaised() ? INTERRUPTED : report(specs, outcomes, stdout);
    }

    /** Null where the seeds are those that are named. */
    private SeedRule rule(List<Long> seeds) {
        if (precision == null) {
            SeedRule.refuseWithoutPrecision(command.commandLine().getParseResult());
            return null;
        }
        double share = SeedRule.parse(precision);
        if (strategies.size() < 2) {
            throw new UsageException("--precision is that of ratios: name two strategies or more by --strategy");
        }
        if (mostSeeds < seeds.size()) {
            throw new UsageException("--max-seeds " + mostSeeds + " is below the " + seeds.size() + " of --seeds");
        }
        return new SeedRule(share, mostSeeds, ratios);
    }

    /** Runs further seeds, those that follow the greatest, until the rule has enough; adds to what is there. */
    private void runMore(
            SeedRule rule,
            List<Long> seeds,
            List<RunSpec> specs,
            List<Collector.Outcome> outcomes,
            RunSet set,
            StopFlag stop) {
        SeedRule.Watch watch = rule.new Watch();
        while (!stop.isRaised() && !watch.enough(byStrategy(specs)) && watch.next(seeds.size()) > seeds.size()) {
            long last = Collections.max(seeds);
            List<Long> more = LongStream.rangeClosed(last + 1, last + watch.next(seeds.size()) - seeds.size())
                    .boxed()
                    .toList();
            List<RunSpec> next = specs(more);
            outcomes.addAll(set.run(next));
            seeds.addAll(more);
            specs.addAll(next);
        }
        if (!stop.isRaised()) {
            command.commandLine()
                    .getErr()
                    .println(String.format(
                            Locale.ROOT,
                            "collect: %d seeds; %s, asked for: %s",
                            seeds.size(),
                            Double.isNaN(watch.reach())
                                    ? "too few for an interval"
                                    : String.format(
                                            Locale.ROOT,
                                            "the widest interval reaches %.3g%% from its ratio",
                                            100 * watch.reach()),
                            precision));
        }
    }

    private List<List<Path>> byStrategy(List<RunSpec> specs) {
        Map<String, List<Path>> traces = new LinkedHashMap<>();
        for (RunSpec spec : specs) {
            traces.computeIfAbsent(spec.strategySettings().toString(), any -> new ArrayList<>())
                    .add(out.resolve(RunSet.place(spec)));
        }
        return List.copyOf(traces.values());
    }

    private List<RunSpec> specs(List<Long> seeds) {
        List<RunSpec> specs = new ArrayList<>();
        Set<String> places = new HashSet<>();
        for (String strategy : strategies) {
            for (long seed : seeds) {
                RunSpec spec = RunSpecs.resolve(request(strategy), seed);
                if (!places.add(RunSet.place(spec).toString())) {
                    throw new UsageException("--strategy " + strategy + " is given twice");
                }
                specs.add(spec);
            }
        }
        return specs;
    }

    private RunRequest request(String strategy) {
        RunRequest request = RunRequest.of(strategy, workload)
                .machine(machine)
                .cpus(cpus)
                .threads(threads)
                .kernel(kernel)
                .warmup(Durations.parse(warmup))
                .window(Durations.parse(duration))
                .tick(tickSeconds())
                .details(details)
                .quota(quota == null ? null : Quota.parse(quota))
                .ops(OpsMode.parse(ops))
                .pinned(pinned)
                .noise(!noNoise)
                .oracle(!noOracle)
                .slackCycles(slackCycles)
                .costDraw(costDraw);
        for (String injection : injections) {
            request = request.inject(injection);
        }
        return request;
    }

    /** 0 for the machine's, which is what not saying it means; 0 itself is no time between ticks. */
    private double tickSeconds() {
        double seconds = tick == null ? 0 : Durations.parse(tick);
        if (tick != null && seconds == 0) {
            throw new UsageException("--tick " + tick + ": must be from 1us to 1s");
        }
        return seconds;
    }

    private int report(List<RunSpec> specs, List<Collector.Outcome> outcomes, PrintWriter stdout) {
        boolean clean = true;
        NotesOfRuns notes = new NotesOfRuns();
        for (int i = 0; i < specs.size(); i++) {
            Collector.Outcome outcome = outcomes.get(i);
            Path directory = specs.size() == 1 ? out : out.resolve(RunSet.place(specs.get(i)));
            stdout.println(directory + "  " + outcome.info().contentHash());
            notes.add(directory, RunNotes.of(specs.get(i), outcome));
            for (String violation : outcome.violations()) {
                clean = false;
                command.commandLine().getErr().println("rseqlab: violation in " + directory + ": " + violation);
            }
        }
        notes.lines().forEach(command.commandLine().getErr()::println);
        if (clean) {
            command.commandLine().getErr().println(next(specs));
        }
        return clean ? 0 : VIOLATION;
    }

    /** Several strategies are there to be compared, with the first as the baseline. */
    private String next(List<RunSpec> specs) {
        Settings first = specs.get(0).strategySettings();
        Set<String> settings = new HashSet<>();
        Set<String> settingsOfFirst = new HashSet<>();
        for (RunSpec spec : specs) {
            settings.add(spec.strategySettings().toString());
            if (spec.strategySettings().name().equals(first.name())) {
                settingsOfFirst.add(spec.strategySettings().toString());
            }
        }
        return settings.size() == 1
                ? Hint.next("analyze", out)
                : Hint.next("compare", out, "--baseline", settingsOfFirst.size() == 1 ? first.name() : first);
    }
}
