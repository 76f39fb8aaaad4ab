package io.rseqlab.collector.published;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.EventLog;
import io.rseqlab.collector.kernel.Kernel;
import io.rseqlab.collector.kernel.KernelOptions;
import io.rseqlab.collector.kernel.Linux612Policy;
import io.rseqlab.collector.kernel.Linux618Policy;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ThreadContext;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Bursts on the model, as librseq's test of intermittent workloads makes them. All threads, each bound to a CPU, meet;
 * then they take turns, with a pause from one thread's turn to the next, in a random order that stays. In its first
 * turn a thread goes over an area of 16 KiB twenty thousand times, some milliseconds, and once more by the clock; in
 * its next four once by the clock. Each time it adds 1 to every byte; sixteen at a time, as compilers do it with
 * vectors. Its area is that of the CPU or of the concurrency id that it reads from its rseq area before the clock
 * starts, and the id is the modelled kernel's: it is lost to the scan that a tick hands to a running thread.
 *
 * <p>The areas are private copies of the pages of a file (librseq's pools, unless told otherwise): who loads from one
 * that nobody has used yet faults once, for the kernel maps the file's four pages then, and at the first store to each
 * of the pages again, which copies it. Such a fault costs what the profile says ({@code kernel.page_fault}); behind it
 * the page's lines are in the caches of the CPU. Of the twenty thousand rounds two are made, and computing of one cycle
 * a turn stands for the others.
 */
public final class BurstBenchmark {
    /** What an area is chosen by. */
    public enum Index {
        /** The number of the CPU. */
        CPU(Linux618Policy::new, RseqArea.CPU_ID_START),
        /** The concurrency id of Linux 6.4 to 6.12. */
        MM_CID(Linux612Policy::new, RseqArea.MM_CID),
        /** The concurrency id from 6.13 on, which CPUs get back. */
        CACHE_LOCAL(Linux618Policy::new, RseqArea.MM_CID);

        private final Supplier<RseqPolicy> policy;
        private final int field;

        Index(Supplier<RseqPolicy> policy, int field) {
            this.policy = policy;
            this.field = field;
        }
    }

    /**
     * What bursts took.
     *
     * @param ns nanoseconds of one, on average
     * @param newAreas share of them that found an area which nobody had used
     */
    public record Bursts(double ns, double newAreas) {}

    private static final int AREA_BITS = 14;
    private static final int AREA_BYTES = 1 << AREA_BITS;
    private static final int VECTOR_BYTES = 16;
    private static final int PAGE_BYTES = 4096;
    /** One that maps the pages, and one to copy each. */
    private static final int FAULTS = 1 + AREA_BYTES / PAGE_BYTES;

    private static final int ROUNDS_AHEAD = 20_000;
    private static final int ROUNDS_MADE = 2;
    /** Rounds that one micro-operation stands for. */
    private static final int ROUNDS_AT_ONCE = 18;

    private static final int BURSTS = 5;
    private static final int THREAD_AREA_BYTES = 128;
    private static final long SLACK_CYCLES = 1000;

    /** Host call: A0 = cycles to sleep until the thread's next turn. */
    private static final int UNTIL_TURN = 100;
    /** Host call: A0 = address of the area that is about to be used. */
    private static final int USE = 101;

    private static final int ADDRESS = Reg.T0;
    private static final int LEFT = Reg.T1;
    private static final int VALUE = Reg.T2;
    private static final int ROUNDS = Reg.T3;

    private final MachineProfile profile;
    private final int threads;
    private final long pauseCycles;
    private final Machine machine;
    private final EventLog log = new EventLog(event -> {});
    private final long areas;
    private final BitSet used = new BitSet();
    /** Each thread's place in the order of turns. */
    private final List<Integer> order = new ArrayList<>();

    private final int[] turn;
    private final long[] begun;
    private long bursts;
    private long cycles;
    private long newAreas;

    private BurstBenchmark(MachineProfile profile, List<Integer> cpus, Index index, double pauseSeconds, long seed) {
        this.profile = profile;
        threads = cpus.size();
        pauseCycles = profile.cyclesOf(pauseSeconds);
        turn = new int[threads];
        begun = new long[threads];
        for (int i = 0; i < threads; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(seed));
        Layout layout = new Layout(0);
        areas = layout.reserve((long) AREA_BYTES * profile.cpus(), AREA_BYTES);
        long threadAreas = layout.reserve((long) THREAD_AREA_BYTES * threads, THREAD_AREA_BYTES);
        Program program = program(index.field);
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom transfers = random.split();
        KernelOptions options = new KernelOptions(index.policy.get(), false, false, 0, false, false, random::nextLong);
        Kernel kernel = new Kernel(options, log, new Unharmed(), this::host);
        machine = new Machine(profile, program, layout, kernel, this::mark, SLACK_CYCLES);
        machine.varyTransfers(transfers::nextLong);
        kernel.boot(machine);
        for (int i = 0; i < threads; i++) {
            ThreadContext thread = new ThreadContext(i, program.position("thread"));
            thread.regs[Reg.RSEQ] = threadAreas + (long) THREAD_AREA_BYTES * i;
            thread.regs[Reg.WORKLOAD] = areas;
            kernel.spawn(thread, thread.regs[Reg.RSEQ], Program.SIGNATURE, 0, cpus.get(i));
        }
    }

    private static Program program(int field) {
        Assembler a = new Assembler();
        a.place(a.label("thread"));
        sleep(a);
        chooseArea(a, field);
        a.host(USE);
        a.li(ROUNDS, ROUNDS_MADE);
        Assembler.Label made = a.here();
        addToAll(a);
        a.djnz(ROUNDS, made);
        a.li(ROUNDS, (ROUNDS_AHEAD - ROUNDS_MADE) / ROUNDS_AT_ONCE);
        Assembler.Label computed = a.here();
        a.work(ROUNDS_AT_ONCE * AREA_BYTES / VECTOR_BYTES);
        a.djnz(ROUNDS, computed);
        a.li(ROUNDS, BURSTS);
        Assembler.Label next = a.here();
        chooseArea(a, field);
        a.mark(Mark.OP_BEGIN, 0);
        a.host(USE);
        addToAll(a);
        a.mark(Mark.OP_END, 0);
        sleep(a);
        a.djnz(ROUNDS, next);
        a.syscall(HostCall.SYS_EXIT);
        return a.link();
    }

    private static void sleep(Assembler a) {
        a.host(UNTIL_TURN);
        a.syscall(HostCall.SYS_NANOSLEEP);
    }

    /** A0 = address of the thread's area. */
    private static void chooseArea(Assembler a, int field) {
        a.ld32(VALUE, Reg.RSEQ, field);
        a.shli(VALUE, VALUE, AREA_BITS);
        a.add(Reg.A0, VALUE, Reg.WORKLOAD);
    }

    private static void addToAll(Assembler a) {
        a.mov(ADDRESS, Reg.A0);
        a.li(LEFT, AREA_BYTES / VECTOR_BYTES);
        Assembler.Label step = a.here();
        a.ld64(VALUE, ADDRESS, 0);
        a.addi(VALUE, VALUE, 1);
        a.st64(ADDRESS, 0, VALUE);
        a.addi(ADDRESS, ADDRESS, VECTOR_BYTES);
        a.djnz(LEFT, step);
    }

    private long host(ThreadContext thread, int cpu, int number) {
        if (number == UNTIL_TURN) {
            long pauses = turn[thread.id]++ == 0 ? order.get(thread.id) : threads;
            thread.regs[Reg.A0] = Math.max(1, pauses * pauseCycles);
            return 1;
        }
        return use(thread.regs[Reg.A0], machine.cores[cpu]);
    }

    /** Cycles that page faults take. */
    private long use(long area, Core core) {
        int number = Math.toIntExact(area - areas >> AREA_BITS);
        if (used.get(number)) {
            return 0;
        }
        used.set(number);
        newAreas += turn[core.thread.id] > 1 ? 1 : 0;
        for (long line = area; line < area + AREA_BYTES; line += Layout.LINE) {
            machine.kernelTouch(core, line, true);
        }
        return FAULTS * profile.cycles("kernel.page_fault");
    }

    private boolean mark(Core core, int kind, int argument, long value, long cycle) {
        int thread = core.thread.id;
        if (kind == Mark.OP_BEGIN) {
            begun[thread] = cycle;
        } else {
            bursts++;
            cycles += cycle - begun[thread];
        }
        return false;
    }

    /**
     * Runs bursts.
     *
     * @param profile the machine
     * @param cpus a thread on each
     * @param index what an area is chosen by
     * @param pauseSeconds from one thread's turn to the next thread's
     * @param seed of the order of turns, of the phase of ticks, and of how long line transfers take
     * @return what they took
     */
    public static Bursts run(MachineProfile profile, List<Integer> cpus, Index index, double pauseSeconds, long seed) {
        BurstBenchmark benchmark = new BurstBenchmark(profile, cpus, index, pauseSeconds, seed);
        long all = (long) BURSTS * cpus.size();
        for (long pause = 1; benchmark.bursts < all; pause++) {
            long cycle = pause * benchmark.pauseCycles;
            benchmark.machine.run(cycle);
            benchmark.log.release(Math.min(cycle, benchmark.machine.settled()));
        }
        double seconds = (double) benchmark.cycles / benchmark.bursts / benchmark.profile.clockHz();
        return new Bursts(1e9 * seconds, (double) benchmark.newAreas / benchmark.bursts);
    }
}
