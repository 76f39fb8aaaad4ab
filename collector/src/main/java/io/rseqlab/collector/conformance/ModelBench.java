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
import java.util.List;
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

    static final double SIGNAL_HZ = 1000;

    private static final String PROFILE = "zen5-vm-2";
    /** How far a core may run ahead in private work; with less, two cores take turns after every micro-operation. */
    private static final long SLACK_CYCLES = 1000;

    private static final int DATA_BYTES = 256;
    private static final int AREA_BYTES = 64;
    private static final int PAGE = 4096;

    final Machine machine;
    final Program program;
    private final EventLog log;
    private final List<Event> events = new ArrayList<>();
    private final boolean[] killed;
    private final long data;
    private final long areas;

    /**
     * @param cpus CPUs of the machine
     * @param signalHz rate of a timer signal per thread, 0 for none
     * @param code writes the program
     * @param threads the label at which each thread starts
     */
    ModelBench(RseqPolicy policy, int cpus, double signalHz, Consumer<Assembler> code, String... threads) {
        Layout layout = new Layout(0);
        data = layout.reserve((long) DATA_BYTES * threads.length, PAGE);
        areas = layout.reserve((long) AREA_BYTES * threads.length, PAGE);
        Assembler assembler = new Assembler();
        code.accept(assembler);
        program = assembler.link();
        killed = new boolean[threads.length];
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
        for (int i = 0; i < threads.length; i++) {
            ThreadContext context = new ThreadContext(i, program.position(threads[i]));
            context.regs[Reg.RSEQ] = areas + (long) AREA_BYTES * i;
            context.regs[Reg.WORKLOAD] = data + (long) DATA_BYTES * i;
            kernel.spawn(context, context.regs[Reg.RSEQ], Program.SIGNATURE);
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
            killed[thread] = true;
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

    boolean killed(int thread) {
        return killed[thread];
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
        if (killed(0)) {
            return Observation.of(Observation.SIGSEGV);
        }
        boolean committed = word(0, COMMITTED) != 0;
        boolean aborted = word(0, ABORTED) != 0;
        if (committed == aborted) {
            return Observation.cannot("the program did not come to an end");
        }
        return Observation.of(committed ? Observation.COMMITS : Observation.ABORTS);
    }

    /** What became of the pointer in rseq_cs that the first thread read at its end. */
    Observation pointer() {
        if (killed(0)) {
            return Observation.of(Observation.SIGSEGV);
        }
        if (word(0, FINISHED) == 0) {
            return Observation.cannot("the program did not come to an end");
        }
        return Observation.of(word(0, SEEN) == 0 ? Observation.CLEARED : Observation.KEPT);
    }

    // ---- pieces of programs

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

    /** Code of a section that is never run; only its descriptor is used. It lies behind all other code. */
    static Assembler.SectionLabel unusedSection(Assembler a) {
        Assembler.Label resume = a.label();
        Assembler.SectionLabel section = a.section("unused", resume);
        a.start(section);
        a.st64(Reg.WORKLOAD, COMMITTED, Reg.T9);
        a.commit(section);
        a.place(resume);
        a.syscall(HostCall.SYS_EXIT);
        return section;
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
