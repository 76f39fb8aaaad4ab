package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.Memory;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.collector.oracle.Ownership;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import io.rseqlab.trace.parquet.WrittenTrace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Makes one run and writes its trace. */
public final class Collector {
    /** Intervals into which counts of the measured window are cut. */
    private static final int INTERVALS = 20;

    /** Share of the warm-up in which threads take quick turns, so that all of them have run when it ends. */
    private static final double QUICK_SHARE = 0.75;

    static final double QUICK_TURN_SECONDS = 10e-6;

    /** Retirement lags behind dispatch by less than this, and mostly by less than a step. */
    private static final long SETTLING_CYCLES = 20_000;

    private static final long SETTLING_STEP_CYCLES = 500;

    private static final String[] OPS = {"malloc", "free"};

    private final RunSpec spec;
    private final TraceWriter writer;
    private final RunInfo start;
    private Simulation simulation;
    private final Event opRow = new Event();
    private final long[] opCount;
    private final long windowStart;
    private final StopFlag stop;
    private final long checkpointWork;
    private Checkpoints checkpoints;
    private long windowEnd;
    private boolean stopped;
    private long thinkCycles;
    private double passes = 1;

    /**
     * What came of a run.
     *
     * @param info what its trace says of itself
     * @param violations what the memory oracle found first, in words; empty is good
     * @param simulatedCycles cycles that passed, warm-up and shut-down included
     * @param microOps micro-operations executed
     * @param skippedMicroOps how many of them were turns of periods, taken all at once
     * @param allocated blocks handed out, from the beginning to the end; 0 without the oracle
     * @param freed blocks given back; those that are live at the end were not
     * @param thinkCycles cycles of the window that the workload gave its threads to do something else; 0 where none are
     *     counted
     * @param passes how often what the workload has to do was done in the window, as 0.3 for a part; 1 for workloads
     *     that are the same all the time
     * @param unaudited why the memory oracle's books could not be audited though nothing is wrong; null if they were
     */
    public record Outcome(
            RunInfo info,
            List<String> violations,
            long simulatedCycles,
            long microOps,
            long skippedMicroOps,
            long allocated,
            long freed,
            long thinkCycles,
            double passes,
            String unaudited) {}

    /**
     * A run for those who analyze it at once.
     *
     * @param outcome what came of it
     * @param trace what was written
     */
    public record Written(Outcome outcome, WrittenTrace trace) {}

    private Collector(RunSpec spec, Path directory, Engine engine, StopFlag stop, long checkpointWork) {
        this.spec = spec;
        this.stop = stop;
        this.checkpointWork = checkpointWork;
        MachineProfile machine = spec.machine();
        windowStart = machine.cyclesOf(spec.warmupSeconds());
        windowEnd = windowStart + machine.cyclesOf(spec.durationSeconds());
        opCount = new long[spec.threads()];
        simulation = new Simulation(spec, this::kernelEvent, new Operations());
        simulation.machine().use(engine);
        simulation.watch(this::watch);
        start = start();
        writer = TraceWriter.create(directory, start);
    }

    /**
     * Runs a specification; the trace is complete when this returns.
     *
     * @throws UsageException if it needs more memory than there is; nothing is written then
     */
    public static Outcome collect(RunSpec spec, Path directory) {
        return collect(spec, directory, new StopFlag());
    }

    /** The same until a flag is raised: then the trace is partial, and its window ends where the run had come to. */
    public static Outcome collect(RunSpec spec, Path directory, StopFlag stop) {
        return collect(spec, directory, Engine.FASTEST, stop, Checkpoints.WORK_MICRO_OPS);
    }

    /** The same for those who go on with what was written. */
    public static Written write(RunSpec spec, Path directory, StopFlag stop) {
        Collector collector = begin(spec, directory, Engine.FASTEST, stop, Checkpoints.WORK_MICRO_OPS);
        try (collector.writer) {
            Outcome outcome = collector.run();
            return new Written(outcome, collector.writer.written());
        }
    }

    /**
     * The same with an engine of one's choice: the trace does not depend on it.
     *
     * @param checkpointWork micro-operations between checkpoints at least: the cut into parts depends on them
     */
    static Outcome collect(RunSpec spec, Path directory, Engine engine, StopFlag stop, long checkpointWork) {
        Collector collector = begin(spec, directory, engine, stop, checkpointWork);
        try (collector.writer) {
            return collector.run();
        }
    }

    private static Collector begin(RunSpec spec, Path directory, Engine engine, StopFlag stop, long checkpointWork) {
        try {
            return new Collector(spec, directory, engine, stop, checkpointWork);
        } catch (Memory.Full e) {
            throw MemoryNeeds.tooMuch(spec, e);
        } catch (OutOfMemoryError e) {
            throw MemoryNeeds.outgrown(spec, e);
        }
    }

    private Outcome run() {
        try {
            return runToTheEnd();
        } catch (Memory.Full e) {
            writer.discard();
            throw MemoryNeeds.tooMuch(spec, e);
        } catch (OutOfMemoryError e) {
            RuntimeException told = MemoryNeeds.outgrown(spec, e);
            simulation = null; // makes room for what is left to do
            writer.discard();
            throw told;
        }
    }

    private Outcome runToTheEnd() {
        warmUp();
        if (stopped) {
            return interrupted(List.of());
        }
        simulation.books().openWindow(windowStart);
        long thinkBefore = simulation.workload().thinkCycles();
        double passesBefore = simulation.workload().passes();
        long waitedBefore = simulation.workload().orderWaitCycles(windowStart);
        Arrays.fill(simulation.machine().exposureCycles, 0);
        simulation.rseqStatistics().clear();
        if (simulation.kernel().bandwidth() != null) {
            simulation.kernel().bandwidth().clear(windowStart);
        }
        IntervalCounters intervals = new IntervalCounters(simulation, windowStart);
        Details details = new Details(simulation);
        checkpoints = new Checkpoints(simulation, writer, intervals, checkpointWork);
        for (int i = 1; i <= INTERVALS; i++) {
            long to = windowStart + (windowEnd - windowStart) * i / INTERVALS;
            simulation.runTo(to);
            if (stopped) {
                return interrupted(checkpoints.counts(simulation.machine().now()));
            }
            if (ended()) {
                // all CPUs may be idle for long before the next thing that happens at all
                long last = simulation.lastWorkCycle() + SETTLING_CYCLES;
                windowEnd = Math.min(last, simulation.machine().now());
                intervals.cut(windowEnd);
                break;
            }
            details.cut(windowStart + (windowEnd - windowStart) * (i - 1) / INTERVALS, to);
            intervals.cut(to);
        }
        thinkCycles = simulation.workload().thinkCycles() - thinkBefore;
        if (passesBefore >= 0) {
            passes = simulation.workload().passes() - passesBefore;
        }
        writer.counters(intervals.rows());
        writer.counters(details.rows());
        writer.counters(WindowCounters.of(simulation, windowEnd));
        if (waitedBefore >= 0) {
            long waited = simulation.workload().orderWaitCycles(windowEnd) - waitedBefore;
            writer.counters(List.of(Counter.ofWindow(CounterName.ORDER_WAIT_CYCLES, waited)));
        }
        checkpoints = null;
        long microOps = microOps();
        settle();
        String unaudited = simulation.ownership() == null ? null : ShutDown.run(simulation, windowEnd, () -> stopped);
        return outcome(stopped ? RunInfo.PARTIAL : RunInfo.COMPLETE, microOps, unaudited);
    }

    private Outcome outcome(String state, long microOps, String unaudited) {
        Ownership oracle = simulation.ownership();
        RunInfo end = start.withWindowEnd(windowEnd).withEnding(state, Map.of(), null);
        List<String> violations = oracle == null ? List.of() : oracle.violations();
        if (oracle != null) {
            end = end.withViolations(oracle.violationCount(), violations);
        }
        return new Outcome(
                writer.finish(end),
                violations,
                windowEnd,
                microOps,
                simulation.machine().skippedMicroOps(),
                oracle == null ? 0 : oracle.allocations(),
                oracle == null ? 0 : oracle.frees(),
                thinkCycles,
                passes,
                unaudited);
    }

    /** Ends the window here, or leaves it empty, and lets what is under way retire; threads go on, so no audit. */
    private Outcome interrupted(List<Counter> counts) {
        windowEnd = Math.max(windowStart, simulation.machine().now());
        writer.counters(counts);
        long microOps = microOps();
        simulation.watch((cycle, settled) -> true);
        settle();
        return outcome(RunInfo.PARTIAL, microOps, null);
    }

    /** Lets retire what began in the window: then all events of the window are known. */
    private void settle() {
        long to = windowEnd;
        do {
            to += SETTLING_STEP_CYCLES;
            simulation.runTo(to);
        } while (simulation.machine().settled() < windowEnd && to < windowEnd + SETTLING_CYCLES);
    }

    /** True where the workload's threads come to an end by themselves, and all have. */
    private boolean ended() {
        return spec.workload().ends(spec.workloadSettings()) && simulation.alive() <= simulation.backgroundThreads();
    }

    private boolean watch(long cycle, long settled) {
        stopped = stop.isRaised();
        if (checkpoints != null && ended()) {
            return false;
        }
        if (!stopped && checkpoints != null) {
            checkpoints.reached(cycle, settled);
        }
        return !stopped;
    }

    private void warmUp() {
        simulation.quickTurns(QUICK_TURN_SECONDS);
        simulation.runTo((long) (windowStart * QUICK_SHARE));
        simulation.normalTurns(spec.tickSeconds());
        if (!stopped) {
            simulation.runTo(windowStart);
        }
    }

    private long microOps() {
        return Arrays.stream(simulation.machine().cores)
                .mapToLong(core -> core.microOps())
                .sum();
    }

    // ---- events

    private void kernelEvent(Event event) {
        if (event.cycle() < windowEnd) {
            writer.accept(event);
        }
    }

    /** Makes rows of the operations that are wanted as rows. */
    private final class Operations implements OperationBooks.OperationSink {
        @Override
        public boolean hearsAll() {
            return spec.ops().oneIn() > 0;
        }

        @Override
        public void ended(int cpu, int thread, int op, int tier, long start, long end, long block) {
            boolean wanted = tier > 0 && spec.ops().slow();
            int oneIn = spec.ops().oneIn();
            if (oneIn > 0 && opCount[thread]++ % oneIn == 0) {
                wanted = true;
            }
            if (wanted) {
                opRow.reset(EventKind.OP, end, cpu, thread)
                        .set(Column.OP, OPS[op])
                        .set(Column.TIER, tier);
                simulation
                        .log()
                        .add(opRow.set(Column.LATENCY_CYCLES, end - start).set(Column.ADDRESS, block));
            }
        }
    }

    private RunInfo start() {
        List<RunInfo.SectionInfo> sections = new ArrayList<>();
        for (Section section : simulation.program().sections()) {
            sections.add(new RunInfo.SectionInfo(
                    section.name(), section.length(), simulation.program().listing(section)));
        }
        List<RunInfo.ThreadInfo> threads = new ArrayList<>();
        for (int i = 0; i < spec.threads(); i++) {
            threads.add(new RunInfo.ThreadInfo(i, "thread " + i));
        }
        for (int i = 0; i < simulation.backgroundThreads(); i++) {
            threads.add(new RunInfo.ThreadInfo(spec.threads() + i, "allocator " + i));
        }
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                RunSpec.MODEL_VERSION,
                RunInfo.SIMULATED,
                RunInfo.PARTIAL,
                spec.machine().clockHz(),
                spec.machine().cpus(),
                windowStart,
                windowEnd,
                "instructions",
                spec.toMap(),
                sections,
                threads,
                Map.of(),
                null);
    }
}
