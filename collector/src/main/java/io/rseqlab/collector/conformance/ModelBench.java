package io.rseqlab.collector.conformance;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.EventLog;
import io.rseqlab.collector.kernel.Kernel;
import io.rseqlab.collector.kernel.KernelListener;
import io.rseqlab.collector.kernel.KernelOptions;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.Memory;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.machine.ThreadContext;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A machine with a kernel for one small program. Each thread starts at a label, with an rseq area of its own in
 * {@link Reg#RSEQ} and 256 bytes of its own at {@link Reg#WORKLOAD}; what it wants known it writes there.
 */
final class ModelBench {
    /** Offsets in a thread's data: how the section ended, and what else the program saw. */
    static final int COMMITTED = 0;

    static final int ABORTED = 8;
    static final int FINISHED = 16;
    static final int SEEN = 24;
    static final int SEEN_TOO = 32;

    /** Turns of a loop that takes a cycle a turn: 2.7 ms, so that at 1 kHz two signals fall inside. */
    static final long SIGNALLED_TURNS = 10_000_000;

    /**
     * Turns of such a loop for 200 ms: longer than any slice, and than the 100 ms after which a thread of 6.18 is asked
     * to look for concurrency ids that nobody uses.
     */
    static final long LONG_TURNS = 730_000_000;

    static final double SIGNAL_HZ = 1000;

    private static final String PROFILE = "zen5-vm-2";
    /** How far a core may run ahead in private work; with less, two cores take turns after every micro-operation. */
    private static final long SLACK_CYCLES = 1000;

    /** Bytes of each thread's data, one thread's behind the other's. */
    static final int DATA_BYTES = 256;

    private static final int AREA_BYTES = 64;
    static final int PAGE = 4096;

    final Machine machine;
    final Program program;
    private final EventLog log;
    private final List<Event> events = new ArrayList<>();
    private final Map<Integer, String> killed = new HashMap<>();
    /** Threads at the start: children are numbered from there. */
    private final int threads;

    private final long data;
    private final long areas;

    /**
     * @param cpus CPUs of the machine
     * @param signalHz rate of a timer signal per thread, 0 for none
     * @param code writes the program
     * @param threads the label at which each thread starts
     */
    ModelBench(RseqPolicy policy, int cpus, double signalHz, Consumer<Assembler> code, String... threads) {
        this(policy, cpus, signalHz, true, code, threads);
    }

    /** One thread on one CPU that nobody registered an area for. */
    static ModelBench unregistered(RseqPolicy policy, Consumer<Assembler> code) {
        return new ModelBench(policy, 1, 0, false, code, "main");
    }

    private ModelBench(
            RseqPolicy policy,
            int cpus,
            double signalHz,
            boolean registered,
            Consumer<Assembler> code,
            String... starts) {
        threads = starts.length;
        Layout layout = new Layout(0);
        data = layout.reserve((long) DATA_BYTES * threads, PAGE);
        areas = layout.reserve(Math.max(PAGE, AREA_BYTES * threads), PAGE);
        Assembler assembler = new Assembler();
        code.accept(assembler);
        program = assembler.link();
        log = new EventLog(event -> {
            Event copy = new Event();
            copy.copyFrom(event);
            events.add(copy);
        });
        KernelOptions options = new KernelOptions(policy, false, false, signalHz, false, false, random());
        Kernel kernel = new Kernel(options, log, new Listener(), (thread, cpu, number) -> 0);
        MachineProfile profile = ProfileReader.shipped(PROFILE).withCpus(cpus);
        machine = new Machine(
                profile,
                program,
                layout,
                kernel,
                (Core core, int kind, int argument, long value, long cycle) -> false,
                SLACK_CYCLES);
        kernel.boot(machine);
        for (int i = 0; i < threads; i++) {
            ThreadContext context = new ThreadContext(i, program.position(starts[i]));
            context.regs[Reg.RSEQ] = areas + (long) AREA_BYTES * i;
            context.regs[Reg.WORKLOAD] = data + (long) DATA_BYTES * i;
            kernel.spawn(context, registered ? context.regs[Reg.RSEQ] : 0, Program.SIGNATURE);
        }
    }

    /** The same numbers each time: a table that changed from run to run would be no evidence. */
    private static LongSupplier random() {
        long[] state = {42};
        return () -> {
            state[0] = state[0] * 6364136223846793005L + 1442695040888963407L;
            return state[0] >>> 1 ^ state[0] << 20;
        };
    }

    private final class Listener implements KernelListener {
        @Override
        public void aborted(int thread, int section) {}

        @Override
        public void abortSuppressed(int thread, int section, int position, long cycle) {}

        @Override
        public void killed(int thread, String reason, long address, long cycle) {
            killed.put(thread, reason);
        }
    }

    /** The program's descriptor of its only section: a probe may spoil it before the run. */
    static long descriptor() {
        return Program.descriptor(0);
    }

    /** The first thread's rseq area. */
    long area() {
        return areas;
    }

    Memory memory() {
        return machine.memory;
    }

    /** Runs for a time of the simulated machine, in seconds. */
    ModelBench run(double seconds) {
        machine.run(machine.profile.cyclesOf(seconds));
        log.release(Long.MAX_VALUE);
        return this;
    }

    /** A word that a thread wrote. */
    long word(int thread, int offset) {
        return machine.memory.read64(data + (long) DATA_BYTES * thread + offset);
    }

    /** Whether a thread was killed with SIGSEGV: for what the kernel found of rseq, or by the program's own access. */
    boolean killed(int thread) {
        String reason = killed.getOrDefault(thread, "");
        return reason.startsWith("rseq: ") || reason.equals("wild access");
    }

    /** What is to be said of a program of which nothing else is known. */
    Observation unfinished() {
        return Observation.cannot(
                killed.isEmpty() ? "the program did not come to an end" : "the model kills: " + killed.values());
    }

    long count(EventKind kind) {
        return events.stream().filter(event -> event.kind() == kind).count();
    }

    /** Cycle of the first thread's first event of a kind, -1 if there is none. */
    long firstCycle(EventKind kind) {
        return events.stream()
                .filter(event -> event.kind() == kind && event.number(Column.THREAD) == 0)
                .mapToLong(Event::cycle)
                .findFirst()
                .orElse(-1);
    }

    /** Switches of a thread for a reason, in the words of the trace. */
    long switches(int thread, String state) {
        return events.stream()
                .filter(event -> event.kind() == EventKind.SWITCH && event.number(Column.THREAD) == thread)
                .filter(event -> state.equals(event.text(Column.STATE)))
                .count();
    }

    /** What became of the first thread's section, as the program itself saw it. */
    Observation section() {
        return section(0);
    }

    /** The same of the first thread's first child, which shares its data. */
    Observation sectionOfChild() {
        return section(threads);
    }

    private Observation section(int thread) {
        if (killed(thread)) {
            return Observation.of(Observation.SIGSEGV);
        }
        boolean committed = word(0, COMMITTED) != 0;
        boolean aborted = word(0, ABORTED) != 0;
        if (committed == aborted) {
            return unfinished();
        }
        return Observation.of(committed ? Observation.COMMITS : Observation.ABORTS);
    }

    /** What became of the pointer in rseq_cs that the first thread read at its end. */
    Observation pointer() {
        if (killed(0)) {
            return Observation.of(Observation.SIGSEGV);
        }
        if (word(0, FINISHED) == 0) {
            return unfinished();
        }
        return Observation.of(word(0, SEEN) == 0 ? Observation.CLEARED : Observation.KEPT);
    }

    // ---- pieces of programs

    /** Where the code that is written first stands: signal handlers, and programs that are executed. */
    static final long FIRST_CODE = Program.CODE_BASE;

    static final int SIGSEGV = 11;
    /** Number of the timer signal. */
    static final int SIGALRM = 14;

    /** The code that was written first handles a signal. */
    static void handle(Assembler a, int signal) {
        a.li(Reg.A0, signal);
        a.li(Reg.A1, FIRST_CODE);
        a.syscall(HostCall.SYS_SIGACTION);
    }

    /** The thread itself may run on one CPU only. */
    static void pin(Assembler a, int cpu) {
        a.li(Reg.A0, -1);
        a.li(Reg.A1, 1L << cpu);
        a.syscall(HostCall.SYS_SETAFFINITY);
    }

    /** Stores 1 at an offset of the thread's data. */
    static void say(Assembler a, int offset) {
        a.li(Reg.T0, 1);
        a.st64(Reg.WORKLOAD, offset, Reg.T0);
    }

    /** Spins for a number of turns. */
    static void spin(Assembler a, long turns) {
        spinIn(a, Reg.T1, turns);
    }

    /** Spins for a number of turns that a register counts. */
    static void spinIn(Assembler a, int register, long turns) {
        a.li(register, turns);
        Assembler.Label loop = a.here();
        a.djnz(register, loop);
    }

    /** A system call with one argument. */
    static void call(Assembler a, int number, long argument) {
        a.li(Reg.A0, argument);
        a.syscall(number);
    }

    /**
     * A program that runs one section once and writes down whether it was committed or aborted.
     *
     * @param before what stands between arming and start
     * @param inside what stands inside before the commit
     */
    static void sectionOnce(Assembler a, Consumer<Assembler> before, Consumer<Assembler> inside) {
        Assembler.Label aborted = a.label();
        Assembler.SectionLabel section = a.section("probe", aborted);
        a.li(Reg.T9, 1);
        a.arm(section, Reg.T8);
        before.accept(a);
        a.start(section);
        inside.accept(a);
        a.st64(Reg.WORKLOAD, COMMITTED, Reg.T9);
        a.commit(section);
        a.syscall(HostCall.SYS_EXIT);
        a.place(aborted);
        say(a, ABORTED);
        a.syscall(HostCall.SYS_EXIT);
    }

    /** Code of a section that is never run, only its descriptor or handler is used. It lies behind all other code. */
    static void unusedSection(Assembler a) {
        Assembler.Label resume = a.label();
        Assembler.SectionLabel section = a.section("unused", resume);
        a.start(section);
        a.st64(Reg.WORKLOAD, COMMITTED, Reg.T9);
        a.commit(section);
        a.place(resume);
        say(a, ABORTED);
        a.syscall(HostCall.SYS_EXIT);
    }

    /** Reads rseq_cs into the thread's data and ends it. */
    static void tellPointer(Assembler a) {
        a.ld64(Reg.T3, Reg.RSEQ, 8);
        a.st64(Reg.WORKLOAD, SEEN, Reg.T3);
        say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }

    /** A thread that computes for ever. */
    static void rival(Assembler a) {
        a.place(a.label("rival"));
        Assembler.Label again = a.here();
        spin(a, 1_000_000);
        a.jmp(again);
    }
}
