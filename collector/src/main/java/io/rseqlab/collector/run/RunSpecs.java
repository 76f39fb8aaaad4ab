package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import io.rseqlab.collector.strategy.StrategyContext;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.workload.Workload;
import io.rseqlab.collector.workload.WorkloadContext;
import io.rseqlab.collector.workload.WorkloadInstance;
import io.rseqlab.collector.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns what users write into specifications. Every default of a run stands here. */
public final class RunSpecs {
    public static final String DEFAULT_MACHINE = "zen5-vm-2";
    public static final String DEFAULT_KERNEL = "linux-6.18";
    public static final String DEFAULT_WARMUP = "2ms";
    public static final String DEFAULT_DURATION = "10ms";

    /** By how much seeds may move everything, and a page for what a run needs besides. */
    private static final long LAYOUT_SLACK_BYTES = 64 * Layout.LINE + 4096;

    private static final double GIB = 1L << 30;

    private static final int MOST_SEEDS = 100_000;

    private RunSpecs() {}

    /** Resolves a request for one seed. */
    public static RunSpec resolve(RunRequest request, long seed) {
        AllocatorStrategy strategy = Strategies.byId(Settings.nameOf(request.strategy));
        Workload unbound = Workloads.byId(Settings.nameOf(request.workload));
        Settings workloadSettings = Settings.parse(request.workload, unbound.parameters());
        unbound.check(workloadSettings);
        Settings strategySettings = Settings.parse(request.strategy, strategy.parameters());
        strategy.check(strategySettings);
        Workload workload = unbound.bind(workloadSettings);
        MachineProfile machine = CostDraw.of(machine(request.machine), request.costDraw);
        MachineProfile sized = request.cpus == null ? machine : machine.withCpus(request.cpus);
        RseqPolicy policy = Kernels.policy(request.kernel);
        List<Injection> injections =
                request.injections.stream().map(Injection::parse).toList();
        if (strategy.usesTransactions(strategySettings)) {
            checkInjectionsIntoTransactions(injections, strategy, sized);
        } else {
            checkInjections(injections, strategy, policy);
        }
        RunSpec spec = new RunSpecBuilder()
                .strategy(strategy, strategySettings)
                .workload(workload, workload.identity(workloadSettings))
                .machine(sized)
                .kernel(request.kernel)
                .threads(threads(request, workload, sized))
                .times(request.warmupSeconds, request.durationSeconds)
                .seed(seed)
                .ops(request.ops)
                .injections(injections)
                .pinned(request.pinned)
                .noise(request.noise)
                .oracle(request.oracle)
                .slackCycles(request.slackCycles)
                .tickSeconds(request.tickSeconds)
                .costDraw(request.costDraw)
                .details(request.details)
                .quota(request.quota)
                .build();
        KernelShare.check(spec, checkMemory(spec).signalHz());
        return spec;
    }

    private static int threads(RunRequest request, Workload workload, MachineProfile machine) {
        if (request.threads != null) {
            return request.threads;
        }
        return workload.ownThreads() > 0 ? workload.ownThreads() : machine.cpus();
    }

    /** Refuses what does not fit into the memory that programs can address, before anything is run. */
    private static WorkloadInstance checkMemory(RunSpec spec) {
        Layout layout = new Layout(0);
        long[] seeds = new long[spec.threads()];
        WorkloadInstance workload = spec.workload()
                .build(
                        spec.workloadSettings(),
                        new WorkloadContext(
                                spec.threads(),
                                layout,
                                seeds,
                                0,
                                spec.machine().clockHz(),
                                spec.machine().cycles("kernel.wake_idle")));
        requireReach(spec, layout);
        try {
            build(spec, workload, layout);
        } catch (ArithmeticException e) {
            throw beyondReach(spec, layout);
        }
        requireReach(spec, layout);
        return workload;
    }

    private static void build(RunSpec spec, WorkloadInstance workload, Layout layout) {
        spec.strategy()
                .build(
                        spec.strategySettings(),
                        new StrategyContext(
                                spec.machine().cpus(),
                                spec.machine().cpusPerCluster(),
                                spec.threads(),
                                spec.sizes(),
                                workload.padTurns(),
                                workload.callEvery(),
                                spec.machine().cyclesOf(workload.callSleepSeconds()),
                                spec.rseq(),
                                spec.concurrencyIds(),
                                spec.machine().offersTransactions(),
                                spec.workload().threadsEnd(spec.workloadSettings()),
                                0,
                                spec.machine().clockHz(),
                                layout));
    }

    private static void requireReach(RunSpec spec, Layout layout) {
        if (layout.top() + LAYOUT_SLACK_BYTES > Static.REACH_BYTES) {
            throw beyondReach(spec, layout);
        }
    }

    private static UsageException beyondReach(RunSpec spec, Layout layout) {
        return new UsageException(String.format(
                Locale.ROOT,
                "%d threads of %s need %.1f GiB before the first block, and programs reach %.0f GiB: fewer threads,"
                        + " or fewer live objects of each",
                spec.threads(),
                spec.workloadSettings(),
                layout.top() / GIB,
                Static.REACH_BYTES / GIB));
    }

    private static void checkInjectionsIntoTransactions(
            List<Injection> injections, AllocatorStrategy strategy, MachineProfile machine) {
        if (!injections.isEmpty() && !machine.offersTransactions()) {
            throw new UsageException("--inject " + injections.get(0) + " needs transactions to inject it into: machine "
                    + machine.name() + " has no hardware transactions, and " + strategy.id() + " runs "
                    + strategy.withoutTransactions());
        }
        if (injections.size() > 1 || !injections.stream().allMatch(Injection::interrupts)) {
            throw new UsageException("into transactions one of abort-storm and preempt-in-section can be injected");
        }
    }

    private static void checkInjections(List<Injection> injections, AllocatorStrategy strategy, RseqPolicy policy) {
        if (injections.stream().anyMatch(injection -> injection.kind() == Injection.Kind.NO_REGISTRATION)) {
            if (injections.size() > 1) {
                throw new UsageException("--inject no-registration stands alone: without rseq there is no section to"
                        + " inject anything else into");
            }
            if (!policy.offersRseq()) {
                throw new UsageException(
                        "--inject no-registration needs a kernel with rseq; --kernel " + policy.id() + " has none");
            }
            return;
        }
        long interruptions = injections.stream().filter(Injection::interrupts).count();
        if (interruptions > 1) {
            throw new UsageException("only one of abort-storm and preempt-in-section can be injected into a run");
        }
        if (!injections.isEmpty() && !strategy.usesRseq()) {
            throw new UsageException("--inject " + injections.get(0) + " needs a strategy with sections; "
                    + strategy.id() + " has none");
        }
        if (!injections.isEmpty() && !policy.offersRseq()) {
            throw new UsageException("--inject " + injections.get(0) + " needs a kernel with rseq; with --kernel "
                    + policy.id() + " " + strategy.id() + " runs its fallback " + strategy.fallback()
                    + ", which has no sections");
        }
    }

    /** A machine by shipped name, or from a file of that path. */
    public static MachineProfile machine(String name) {
        MachineProfile shipped = ProfileReader.shipped(name);
        if (shipped != null) {
            return shipped;
        }
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new UsageException("no machine is called '" + name + "' and no file has that name"
                    + Nearest.hint(name, ProfileReader.SHIPPED));
        }
        try {
            MachineProfile profile = ProfileReader.read(file);
            if (profile.facts().stream().allMatch(MachineProfile.Fact::assumed)) {
                throw new UsageException("machine profile '" + name + "' states no figure of its own: see rseqlab list"
                        + " machines for what profiles say");
            }
            return profile;
        } catch (IOException e) {
            throw new UsageException("cannot read machine profile '" + name + "': " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** Reads {@code 1..10}, {@code 3} or {@code 1,2,5..7}. */
    public static List<Long> seeds(String text) {
        List<Long> seeds = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("\\.\\.", -1);
            try {
                long first = Long.parseLong(ends[0].replace("_", ""));
                long last = ends.length == 1 ? first : Long.parseLong(ends[1].replace("_", ""));
                if (ends.length > 2 || first < 0 || last < 0) {
                    throw new NumberFormatException();
                }
                if (last < first) {
                    throw new UsageException("seeds: '" + part + "' ends before it begins");
                }
                if (last - first >= MOST_SEEDS) {
                    throw new UsageException("seeds: '" + part + "' are more than " + MOST_SEEDS);
                }
                for (long seed = first; seed <= last; seed++) {
                    seeds.add(seed);
                }
            } catch (NumberFormatException e) {
                throw new UsageException("seeds: '" + part + "' is neither a whole number nor a range such as 1..10");
            }
        }
        if (seeds.stream().distinct().count() != seeds.size()) {
            throw new UsageException("seeds: '" + text + "' names one twice");
        }
        return seeds;
    }
}
