package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.kernel.KernelOptions;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.SchedulerKind;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.workload.Workload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that determines a run: same specification, same trace. Validated when made.
 *
 * @param strategy what allocates
 * @param strategySettings its parameters
 * @param workload what is run
 * @param workloadSettings its parameters
 * @param machine the hardware, with the number of CPUs asked for
 * @param kernel name of the kernel's rules
 * @param threads number of threads
 * @param warmupSeconds simulated time before the measured window
 * @param durationSeconds simulated time of the measured window
 * @param seed root of all random streams
 * @param ops which allocator operations become rows
 * @param injections faults to inject
 * @param pinned thread i stays on CPU i modulo the CPUs
 * @param noise background kernel threads run
 * @param oracle the memory oracle runs beside
 * @param slackCycles how far a core may run ahead of the others in private work
 * @param tickSeconds time between ticks in the measured window, 0 for the machine's
 * @param costDraw which draw of the machine's costs from their ranges {@code machine} is, 0 for the profile as it is
 * @param details more is counted: {@link Details}
 * @param quota CPU time that the process may use, null for no limit
 */
public record RunSpec(
        AllocatorStrategy strategy,
        Settings strategySettings,
        Workload workload,
        Settings workloadSettings,
        MachineProfile machine,
        String kernel,
        int threads,
        double warmupSeconds,
        double durationSeconds,
        long seed,
        OpsMode ops,
        List<Injection> injections,
        boolean pinned,
        boolean noise,
        boolean oracle,
        long slackCycles,
        double tickSeconds,
        int costDraw,
        boolean details,
        Quota quota) {

    /** Version of the simulator's rules and timing: raised whenever the same specification may give another trace. */
    public static final String MODEL_VERSION = "23";

    /** Which draw of its machine's costs a run had, where it had one, in {@code run.json} and in paths of data sets. */
    public static final String COST_DRAW = "cost_draw";

    /** The {@link #mode} of a run with hardware transactions. */
    static final String TRANSACTIONS = "transactions";

    /** Most CPUs and threads that the model is made for. */
    public static final int MOST_CPUS = 1024;

    public static final int MOST_THREADS = 16384;

    /** How far cores may run ahead of each other in private work unless asked otherwise. */
    public static final long DEFAULT_SLACK_CYCLES = 1000;

    public RunSpec {
        injections = List.copyOf(injections);
        require(
                machine.cpus() >= 1 && machine.cpus() <= MOST_CPUS,
                "cpus: " + machine.cpus() + " is not from 1 to " + MOST_CPUS);
        require(threads >= 1 && threads <= MOST_THREADS, "threads: " + threads + " is not from 1 to " + MOST_THREADS);
        require(durationSeconds > 0 && durationSeconds <= 1000, "duration must be above 0 and at most 1000 s");
        require(
                machine.cyclesOf(durationSeconds) > 0,
                "duration is shorter than a cycle of the machine: nothing would happen");
        require(
                warmupSeconds == 0 || machine.cyclesOf(warmupSeconds) > 0,
                "warm-up is shorter than a cycle of the machine: 0ms is none");
        require(warmupSeconds >= 0 && warmupSeconds <= 1000, "warm-up must be from 0 to 1000 s");
        require(
                warmupSeconds == 0 || !workload.ends(workloadSettings),
                workload.id() + " that runs once is measured from its beginning: say --warmup 0ms");
        require(slackCycles >= 0, "slack must not be negative");
        require(tickSeconds == 0 || (tickSeconds >= 1e-6 && tickSeconds <= 1), "tick must be from 1us to 1s");
        if (quota != null) {
            require(
                    Kernels.policy(kernel).scheduler() == SchedulerKind.EEVDF,
                    "quota: --kernel " + kernel + " has no cgroups; Linux kernels do");
            quota.check(machine.cpus());
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new UsageException(message);
        }
    }

    /** The sizes of blocks that the workload asks for. */
    SizeClasses sizes() {
        return workload.sizes(workloadSettings);
    }

    /** True if the threads have registered areas, so that sections may be used. */
    boolean rseq() {
        return Kernels.policy(kernel).offersRseq() && !injects(Injection.Kind.NO_REGISTRATION);
    }

    /** True if the kernel writes concurrency ids into the area of a thread. */
    boolean concurrencyIds() {
        return rseq() && Kernels.policy(kernel).featureBytes() > RseqArea.MM_CID;
    }

    /**
     * What the strategy really ran as: {@code rseq}, {@code transactions}, {@code fallback percpu-lock}, or {@code no
     * sections}.
     */
    public String mode() {
        boolean byConcurrencyId = strategySettings.chooses("index", "cid");
        String index = byConcurrencyId && !concurrencyIds() ? ", by cpu: the kernel gives no concurrency ids" : "";
        if (strategy.usesTransactions(strategySettings)) {
            return whyNoTransactions() == null ? TRANSACTIONS : "fallback " + strategy.withoutTransactions();
        }
        if (!strategy.usesRseq()) {
            return "no sections" + index;
        }
        return rseq() ? "rseq" + index : "fallback " + strategy.fallback();
    }

    /** Why the strategy runs without the hardware transactions that it asks for; null where it has or wants none. */
    String whyNoTransactions() {
        return strategy.usesTransactions(strategySettings) && !machine.offersTransactions()
                ? "machine " + machine.name() + " has no hardware transactions"
                : null;
    }

    /** Why the threads have no registered areas; null where they have. */
    String whyNoRseq() {
        if (rseq()) {
            return null;
        }
        return injects(Injection.Kind.NO_REGISTRATION)
                ? "registration failed (--inject " + Injection.Kind.NO_REGISTRATION.id + ")"
                : "kernel " + kernel + " offers no rseq";
    }

    /** Number of CPUs. */
    public int cpus() {
        return machine.cpus();
    }

    /** A builder that holds what this specification says: for the same run but for some of it. */
    public RunSpecBuilder toBuilder() {
        return new RunSpecBuilder()
                .strategy(strategy, strategySettings)
                .workload(workload, workloadSettings)
                .machine(machine)
                .kernel(kernel)
                .threads(threads)
                .times(warmupSeconds, durationSeconds)
                .seed(seed)
                .ops(ops)
                .injections(injections)
                .pinned(pinned)
                .noise(noise)
                .oracle(oracle)
                .slackCycles(slackCycles)
                .tickSeconds(tickSeconds)
                .costDraw(costDraw)
                .details(details)
                .quota(quota);
    }

    /** True if a fault of that kind is injected. */
    public boolean injects(Injection.Kind kind) {
        return injections.stream().anyMatch(injection -> injection.kind() == kind);
    }

    /** The specification as it stands in {@code run.json}. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("strategy", strategySettings.name());
        map.put("strategy_settings", strategySettings.toString());
        map.put("workload", workloadSettings.toString());
        map.put("machine", machine.name());
        map.put("machine_validated", machine.validated());
        map.put("machine_digest", machineDigest(machine));
        map.put("kernel", kernel);
        map.put("mode", mode());
        map.put("cpus", machine.cpus());
        map.put("threads", threads);
        if (sizes().single()) {
            map.put("block_bytes", sizes().bytes(0));
        } else {
            map.put("block_sizes", sizes().toString());
        }
        map.put("seed", seed);
        map.put("warmup_s", warmupSeconds);
        map.put("duration_s", durationSeconds);
        map.put("ops", ops.toString());
        map.put(
                "inject",
                String.join(",", injections.stream().map(Injection::toString).toList()));
        map.put("pinned", pinned);
        map.put("noise", noise);
        map.put("oracle", oracle);
        map.put("slack_cycles", slackCycles);
        map.put("tick_s", tickSeconds);
        if (costDraw != CostDraw.NONE) {
            map.put(COST_DRAW, costDraw);
        }
        if (details) {
            map.put("details", true);
        }
        if (quota != null) {
            map.put("quota", quota.toString());
        }
        map.put("command", command());
        return map;
    }

    /** The command that makes this run. */
    public String command() {
        StringBuilder line = new StringBuilder("rseqlab collect");
        line.append(" --strategy ").append(strategySettings);
        line.append(" --workload ").append(workloadSettings);
        line.append(" --machine ").append(machine.name());
        line.append(" --cpus ").append(machine.cpus());
        line.append(" --threads ").append(threads);
        line.append(" --kernel ").append(kernel);
        line.append(" --warmup ").append(Durations.format(warmupSeconds));
        line.append(" --duration ").append(Durations.format(durationSeconds));
        line.append(" --seeds ").append(seed);
        line.append(" --ops ").append(ops);
        injections.forEach(injection -> line.append(" --inject ").append(injection));
        line.append(pinned ? " --pin" : "");
        line.append(noise ? "" : " --no-noise");
        line.append(oracle ? "" : " --no-oracle");
        line.append(slackCycles == DEFAULT_SLACK_CYCLES ? "" : " --slack-cycles " + slackCycles);
        line.append(tickSeconds == 0 ? "" : " --tick " + Durations.format(tickSeconds));
        line.append(costDraw == CostDraw.NONE ? "" : " --cost-draw " + costDraw);
        line.append(details ? " --details" : "");
        line.append(quota == null ? "" : " --quota " + quota);
        return line.append(" --out DIR").toString();
    }

    /** What tells a profile from another of its name: a digest of its costs, as in {@code run.json}. */
    public static String machineDigest(MachineProfile machine) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((machine.name() + machine.clockHz()).getBytes(StandardCharsets.UTF_8));
            machine.costs().forEach((key, value) -> digest.update((key + value).getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Options of the simulated kernel. */
    KernelOptions kernelOptions(double signalHz) {
        Streams streams = new Streams(seed);
        return new KernelOptions(
                Kernels.policy(kernel),
                pinned,
                noise,
                signalHz,
                injects(Injection.Kind.NO_ABORT),
                injects(Injection.Kind.PREEMPT_IN_SECTION),
                streams.stream("kernel"),
                quota == null ? null : quota.limit(machine));
    }
}
