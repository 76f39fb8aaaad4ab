package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.kernel.EventLog;
import io.rseqlab.collector.kernel.Kernel;
import io.rseqlab.collector.kernel.KernelListener;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqStatistics;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.ThreadContext;
import io.rseqlab.collector.oracle.Injector;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.collector.oracle.Ownership;
import io.rseqlab.collector.strategy.Place;
import io.rseqlab.collector.strategy.StrategyContext;
import io.rseqlab.collector.strategy.StrategyInstance;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.workload.WorkloadContext;
import io.rseqlab.collector.workload.WorkloadInstance;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.EventSink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** One run: composes program, machine, kernel and books from a specification, and lets simulated time pass. */
public final class Simulation {
    private static final int RSEQ_AREA_BYTES = 64;
    /** Simulated time between two looks at how far the run is, and the least number of such steps in a window. */
    private static final double MOST_STEP_SECONDS = 100e-6;

    private static final int STEPS = 20;
    private static final Place IDEAL_POOL = Place.pool("ideal pool");

    private final RunSpec spec;
    private final StrategyInstance strategy;
    private final WorkloadInstance workload;
    private final Program program;
    private final Machine machine;
    private final Kernel kernel;
    private final EventLog log;
    private final Event violation = new Event();
    private final Ownership ownership;
    private final OperationBooks books;
    private final IdealPool ideal;
    private final List<String> background;
    private final long stopFlag;
    private final HeapPages heap;
    private final long stepCycles;
    private long lastWorkCycle;
    private Watcher watcher = (cycle, settled) -> true;

    /** Watches simulated time pass, in small steps. */
    @FunctionalInterface
    interface Watcher {
        /**
         * Hears how far the run is.
         *
         * @param cycle the cycle that all cores have reached
         * @param settled the cycle before which all events are known; they are about to be released
         * @return false to end {@link #runTo} here, where it has not come to its end anyway
         */
        boolean reached(long cycle, long settled);
    }

    /**
     * @param spec what to run
     * @param events takes kernel events in order
     * @param ops takes operations as they end, null for none
     */
    public Simulation(RunSpec spec, EventSink events, OperationBooks.OperationSink ops) {
        this.spec = spec;
        Streams streams = new Streams(spec.seed());
        int cpus = spec.machine().cpus();
        Layout layout = new Layout((int) Long.remainderUnsigned(streams.seed("layout"), 64));
        stopFlag = layout.reserve(Layout.LINE, Layout.LINE);
        long[] seeds = new long[spec.threads()];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = streams.seed("workload/" + i) | 1;
        }
        workload = spec.workload()
                .build(
                        spec.workloadSettings(),
                        new WorkloadContext(
                                spec.threads(),
                                layout,
                                seeds,
                                stopFlag,
                                spec.machine().clockHz(),
                                spec.machine().cycles("kernel.wake_idle")));
        strategy = spec.strategy()
                .build(
                        spec.strategySettings(),
                        new StrategyContext(
                                cpus,
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
                                stopFlag,
                                spec.machine().clockHz(),
                                layout));
        background = strategy.background();
        int threads = spec.threads() + background.size();
        long rseqAreas = layout.reserve((long) RSEQ_AREA_BYTES * threads, RSEQ_AREA_BYTES);
        Assembler assembler = new Assembler();
        workload.emit(assembler);
        strategy.emit(assembler);
        program = assembler.link();
        workload.linked(program);
        log = new EventLog(events);
        ideal = new IdealPool(cpus, spec.sizes());
        Listener listener = new Listener();
        kernel = new Kernel(spec.kernelOptions(workload.signalHz()), log, listener, this::hostCall);
        Injector injector = injector(streams);
        long heapBase = (layout.top() + 4095) & -4096;
        ownership = spec.oracle() ? new Ownership(heapBase, spec.sizes()) : null;
        if (ownership != null) {
            ownership.listen(this::violated);
        }
        books = new OperationBooks(threads, cpus, program, ownership, ops, injector);
        machine = new Machine(spec.machine(), program, layout, kernel, books, spec.slackCycles());
        heap = new HeapPages(machine.memory, heapBase, ownership, spec.machine().clockHz());
        strategy.warm(machine.memory);
        machine.varyTransfers(streams.stream("transfers"));
        machine.placeCode(streams.stream("places of code"));
        if (spec.details()) {
            books.countChains(first -> Details.chainLength(machine.memory, first));
        }
        kernel.boot(machine);
        begin(rseqAreas);
        stepCycles = Math.max(1, spec.machine().cyclesOf(Math.min(MOST_STEP_SECONDS, spec.durationSeconds() / STEPS)));
        machine.pauseFrom(stepCycles, this::pause);
    }

    private Injector injector(Streams streams) {
        for (Injection injection : spec.injections()) {
            if (injection.interrupts()) {
                LongSupplier random = streams.stream("inject");
                return new Injector(program, injection.probability(), random);
            }
        }
        return null;
    }

    private void violated(String what, int thread, long block, long cycle) {
        violation.kind(EventKind.FAULT).clear();
        violation.set(Column.CYCLE, cycle).set(Column.THREAD, thread);
        log.add(violation.set(Column.ADDRESS, block).set(Column.DETAIL, what));
    }

    private void begin(long rseqAreas) {
        List<ThreadContext> contexts = new ArrayList<>();
        long[] areas = new long[spec.threads()];
        boolean registers = !spec.injects(Injection.Kind.NO_REGISTRATION);
        for (int thread = 0; thread < areas.length; thread++) {
            contexts.add(context(thread, workload.entry(thread), workload.threadBase(thread), rseqAreas));
            areas[thread] = registers ? contexts.get(thread).regs[Reg.RSEQ] : 0;
        }
        kernel.begin(contexts, areas, Program.SIGNATURE);
        for (int i = 0; i < background.size(); i++) {
            ThreadContext context = context(spec.threads() + i, background.get(i), 0, rseqAreas);
            kernel.spawn(context, registers ? context.regs[Reg.RSEQ] : 0, Program.SIGNATURE);
        }
    }

    private ThreadContext context(int thread, String entry, long workloadBase, long rseqAreas) {
        ThreadContext context = new ThreadContext(thread, program.position(entry));
        context.regs[Reg.WORKLOAD] = workloadBase;
        context.regs[Reg.TLS] = strategy.threadBase(thread);
        long area = rseqAreas + (long) RSEQ_AREA_BYTES * thread;
        machine.memory.write64(context.regs[Reg.TLS] + ThreadAreas.RSEQ_POINTER, area);
        context.regs[Reg.RSEQ] = area;
        if (spec.injects(Injection.Kind.NO_REGISTRATION)) {
            machine.memory.write32(area + RseqArea.CPU_ID, RseqArea.REGISTRATION_FAILED);
        }
        return context;
    }

    private long hostCall(ThreadContext thread, int cpu, int number) {
        long[] regs = thread.regs;
        switch (number) {
            case HostCall.HOST_IDEAL_POP -> {
                regs[Reg.A0] = ideal.pop(cpu, (int) regs[Reg.A0], machine.memory);
                machine.kernelTouch(machine.cores[cpu], regs[Reg.A0], true);
                return IdealPool.CYCLES;
            }
            case HostCall.HOST_IDEAL_PUSH -> {
                ideal.push(cpu, regs[Reg.A0]);
                return IdealPool.CYCLES;
            }
            case HostCall.HOST_GETCPU, HostCall.HOST_CLOCK -> { // a coarse clock costs as much as the CPU's number
                regs[Reg.A0] = number == HostCall.HOST_GETCPU ? cpu : machine.cores[cpu].clock();
                return Math.round(spec.machine()
                        .costOr("kernel.getcpu", GETCPU_SECONDS * spec.machine().clockHz()));
            }
            case HostCall.HOST_NEXT, HostCall.HOST_LEAVE -> {
                regs[Reg.A0] = machine.cores[cpu].clock();
                lastWorkCycle = Math.max(lastWorkCycle, regs[Reg.A0]);
                return workload.hostCall(number, thread.id, regs);
            }
            case HostCall.HOST_ARRIVAL, HostCall.HOST_LOOK_ON -> {
                regs[Reg.A0] = machine.cores[cpu].clock();
                regs[Reg.A1] = kernel.queued(cpu);
                return workload.hostCall(number, thread.id, regs);
            }
            default -> {
                return heap.hostCall(number, regs, machine.cores[cpu].clock());
            }
        }
    }

    /**
     * getcpu by the vDSO with RDPID where the profile does not say, the bare read of a word taken off: 2.51 ns less
     * 0.28 (ClickHouse PR 109283).
     */
    private static final double GETCPU_SECONDS = 2.2e-9;

    private final class Listener implements KernelListener {
        @Override
        public void aborted(int thread, int section) {
            books.aborted(section);
        }

        @Override
        public void abortSuppressed(int thread, int section, int position, long cycle) {
            if (ownership != null) {
                io.rseqlab.collector.isa.Section one = program.sections().get(section);
                ownership.suppressed(thread, one.name(), position - one.start(), cycle);
            }
        }

        @Override
        public void killed(int thread, String reason, long address, long cycle) {
            if (ownership != null) {
                ownership.violate(
                        "thread " + thread + " killed: " + reason + " at address 0x" + Long.toHexString(address),
                        cycle);
            }
        }
    }

    // ---- letting time pass

    /** Has the time watched from now on; what is simulated does not depend on that. */
    void watch(Watcher newWatcher) {
        watcher = newWatcher;
    }

    private long pause(long cycle) {
        long settled = machine.settled();
        if (!watcher.reached(cycle, settled)) {
            return cycle;
        }
        log.release(settled);
        return cycle + stepCycles;
    }

    /**
     * Runs to a cycle and releases the events before it. Events are also released on the way, in small steps, so that
     * the memory they take does not grow with the way.
     */
    public void runTo(long cycle) {
        machine.run(cycle);
        long settled = Math.min(cycle, machine.settled());
        watcher.reached(cycle, settled);
        log.release(settled);
    }

    /** Lets threads take turns quickly, every few microseconds, until restored: for warm-up and shut-down only. */
    public void quickTurns(double seconds) {
        kernel.setTickPeriod(spec.machine().cyclesOf(seconds));
    }

    /** Back to the normal tick, with new phases; {@code seconds} is the time between ticks, 0 for the machine's. */
    public void normalTurns(double seconds) {
        kernel.restoreTicks(spec.machine().cyclesOf(seconds));
    }

    /** Tells all threads to end after their current operation. */
    public void requestStop() {
        machine.hostWrite(stopFlag, 1);
    }

    /** The kernel. */
    Kernel kernel() {
        return kernel;
    }

    /** The workload. */
    WorkloadInstance workload() {
        return workload;
    }

    /** When a thread last asked its workload what to do; 0 for workloads whose threads never ask. */
    long lastWorkCycle() {
        return lastWorkCycle;
    }

    /** Threads that have not ended. */
    public int alive() {
        return kernel.alive();
    }

    /** Threads of the allocator's own, which do not end with the workload. */
    int backgroundThreads() {
        return background.size();
    }

    /** Holds the strategy's free blocks against the books; what is wrong stands in the oracle's violations. */
    public void audit() {
        Ownership.Audit audit = ownership.audit(machine.now() == Long.MAX_VALUE ? 0 : machine.now());
        try {
            strategy.audit(machine.memory, (block, place) -> audit.visit(block, place.words()));
            ideal.forEach(block -> audit.visit(block, IDEAL_POOL.words()));
            audit.finish();
        } catch (StrategyInstance.AuditException e) {
            ownership.violate("audit: " + e.getMessage(), 0);
        }
    }

    /** Visits the free blocks as they lie now, in the midst of the run; needs the oracle to know which are live. */
    void census(FreeBlocks visitor) {
        SizeClasses sizes = spec.sizes(); // some workloads have to work them out, and there are many blocks
        strategy.census(machine.memory, (block, place) -> {
            if (!ownership.isLive(block)) {
                visitor.visit(place, sizes.bytes(strategy.sizeClass(machine.memory, block)));
            }
        });
        ideal.forEach(block -> visitor.visit(IDEAL_POOL, sizes.bytes(ideal.sizeClass(block))));
    }

    /** The heap's pages. */
    HeapPages heap() {
        return heap;
    }

    /** The kernel's own counters of restartable sequences. */
    RseqStatistics rseqStatistics() {
        return kernel.rseqStatistics();
    }

    /** Where events wait for their order. */
    EventLog log() {
        return log;
    }

    public Machine machine() {
        return machine;
    }

    public Program program() {
        return program;
    }

    public OperationBooks books() {
        return books;
    }

    /** The memory oracle, null without. */
    public Ownership ownership() {
        return ownership;
    }

    public RunSpec spec() {
        return spec;
    }
}
