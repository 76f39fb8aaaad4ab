package io.rseqlab.collector.run;

import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import io.rseqlab.collector.strategy.TightSettings;
import io.rseqlab.collector.workload.SmallMallocTrace;
import io.rseqlab.collector.workload.SmallWorkloads;
import io.rseqlab.trace.parquet.TraceCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is asked of every strategy under every workload on every kernel: eight threads on 2 or on 16 CPUs, signals,
 * ticks every 10 us, and faults injected into sections where there are any; no violation, books that balance in the
 * end, a trace that keeps its contract, and the same trace from the same specification, whichever engine runs it.
 */
final class Acceptance {
    static final int THREADS = 8;
    private static final double MICROSECOND = 1e-6;
    private static final int REPLAYED_CALLS = 400;

    private final Path folder;
    private final List<String> workloads = new ArrayList<>(SmallWorkloads.all());
    private int runs;

    /** The usual one, and the one whose stores are not seen at once. */
    private static final List<String> MACHINES = List.of(RunSpecs.DEFAULT_MACHINE, "zen4-vm-2");

    /** @param folder for traces; each run leaves one */
    Acceptance(Path folder) {
        this.folder = folder;
        Path recorded = folder.resolve("recorded");
        SmallMallocTrace.write(recorded, THREADS, REPLAYED_CALLS, 1);
        workloads.add("replay:window=500,think=2,touch=900,trace=" + recorded);
    }

    /** All workloads, with settings in which little time reaches every corner. */
    List<String> workloads() {
        return workloads;
    }

    /**
     * One case.
     *
     * @param strategy with settings
     * @param workload with settings
     * @param injection a fault, null for none
     */
    record Case(
            String strategy, String workload, String kernel, String machine, int cpus, String injection, long seed) {
        RunSpec spec() {
            // as many as leave the threads time to run
            int signalHz = cpus < THREADS ? 8_000 : 50_000;
            String signals = (workload.endsWith(":") ? "" : ",") + "signal_hz=" + signalHz;
            RunRequest request = RunRequest.of(strategy, workload + signals)
                    .kernel(kernel)
                    .machine(machine)
                    .cpus(cpus)
                    .threads(THREADS)
                    .warmup(20 * MICROSECOND)
                    .window(30 * MICROSECOND)
                    .ops(OpsMode.parse("all"))
                    .tick(10 * MICROSECOND);
            return RunSpecs.resolve(injection == null ? request : request.inject(injection), seed);
        }
    }

    /**
     * The case of a strategy, a workload, a kernel and a seed; the rest follows from them, so that all combinations
     * come up: odd seeds have 2 CPUs and even ones 16, unless the turn says otherwise.
     *
     * @param turn shifts CPUs, machines, faults and tightness against the seed
     */
    static Case of(AllocatorStrategy strategy, String workload, RseqPolicy kernel, long seed, int turn) {
        long at = seed + turn;
        String settings = at % 3 == 0 ? TightSettings.tight(strategy) : strategy.id();
        List<String> faults = List.of("abort-storm:0.3", "preempt-in-section:0.1", "");
        String fault = faults.get((int) (at / 2 % faults.size()));
        boolean sections = strategy.usesRseq() && kernel.offersRseq();
        return new Case(
                settings.endsWith(":") ? strategy.id() : settings,
                workload,
                kernel.id(),
                MACHINES.get((int) (at / 6 % MACHINES.size())),
                at % 2 == 1 ? 2 : 16,
                sections && !fault.isEmpty() ? fault : null,
                seed);
    }

    /** What is wrong with a case, run by these engines; null if nothing is. */
    String fault(Case one, List<Engine> engines) {
        RunSpec spec = one.spec();
        String expected = null;
        for (Engine engine : engines) {
            Path directory = folder.resolve("run" + runs++);
            Collector.Outcome outcome =
                    Collector.collect(spec, directory, engine, new StopFlag(), Checkpoints.WORK_MICRO_OPS);
            List<String> violations = new ArrayList<>(outcome.violations());
            if (outcome.unaudited() != null) {
                violations.add(outcome.unaudited());
            }
            if (expected == null) {
                TraceCheck.of(directory).violations().forEach(violation -> violations.add(violation.toString()));
                expected = outcome.info().contentHash();
            }
            if (!outcome.info().contentHash().equals(expected)) {
                violations.add("the trace is another than with " + engines.get(0));
            }
            if (outcome.allocated() == 0) {
                violations.add("nothing was allocated");
            }
            TraceFiles.delete(directory);
            if (!violations.isEmpty()) {
                return one + ", " + engine + ": " + violations;
            }
        }
        return null;
    }

    /** All strategies whose name matches one of the patterns, separated by commas: those of the first pattern first. */
    static List<AllocatorStrategy> strategies(String patterns) {
        return Arrays.stream(patterns.split(","))
                .flatMap(pattern ->
                        Strategies.ALL.stream().filter(strategy -> strategy.id().matches(pattern)))
                .distinct()
                .toList();
    }
}
