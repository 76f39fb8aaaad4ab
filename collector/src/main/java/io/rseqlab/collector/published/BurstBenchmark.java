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
import io.rseqlab.collector.kernel.Linux618Policy;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ThreadContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Bursts on the model: threads, each on a CPU of its own, take turns with long pauses between them, in an order that is
 * new in each round; in its turn a thread adds 1 to every byte of an area of 16 KiB. Which area decides whose caches it
 * is in. The bytes are added to sixteen at a time, as compilers do it with vectors.
 */
public final class BurstBenchmark {
    private static final int AREA_BYTES = 16384;
    private static final int VECTOR_BYTES = 16;
    private static final int WARMUP_ROUNDS = 1;
    private static final int ROUNDS = 2;
    private static final long SLACK_CYCLES = 1000;

    /** Host call: A0 = cycles to sleep until the thread's next turn. */
    private static final int UNTIL_TURN = 100;
    /** Host call: A0 = address of the thread's area. */
    private static final int AREA = 101;

    private static final int ADDRESS = Reg.T0;
    private static final int LEFT = Reg.T1;
    private static final int VALUE = Reg.T2;

    private final MachineProfile profile;
    private final List<Integer> cpus;
    private final long pauseCycles;
    private final ConcurrencyIds ids;
    private final Machine machine;
    private final EventLog log = new EventLog(event -> {});
    private final long areas;
    /** Cycle of each thread's turn, per round. */
    private final List<long[]> turns = new ArrayList<>();

    private final int[] round;
    private final long[] begun;
    private long bursts;
    private long cycles;

    private BurstBenchmark(
            MachineProfile profile, List<Integer> cpus, ConcurrencyIds.Form form, double pauseSeconds, long seed) {
        this.profile = profile;
        this.cpus = cpus;
        pauseCycles = profile.cyclesOf(pauseSeconds);
        ids = new ConcurrencyIds(form, profile.cpus(), cpus.size(), profile.clockHz());
        round = new int[cpus.size()];
        begun = new long[cpus.size()];
        plan(seed);
        Layout layout = new Layout(0);
        areas = layout.reserve((long) AREA_BYTES * profile.cpus(), AREA_BYTES);
        Program program = program();
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom transfers = random.split();
        KernelOptions options =
                new KernelOptions(new Linux618Policy(), false, false, 0, false, false, random::nextLong);
        Kernel kernel = new Kernel(options, log, new Unharmed(), this::host);
        machine = new Machine(profile, program, layout, kernel, this::mark, SLACK_CYCLES);
        machine.varyTransfers(transfers::nextLong);
        kernel.boot(machine);
        for (int i = 0; i < cpus.size(); i++) {
            kernel.spawn(new ThreadContext(i, program.position("thread")), 0, Program.SIGNATURE, 0, cpus.get(i));
        }
    }

    private void plan(long seed) {
        Random random = new Random(seed);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < cpus.size(); i++) {
            order.add(i);
        }
        for (int r = 0; r < WARMUP_ROUNDS + ROUNDS; r++) {
            Collections.shuffle(order, random);
            long[] at = new long[cpus.size()];
            for (int slot = 0; slot < at.length; slot++) {
                at[order.get(slot)] = ((long) r * at.length + slot + 1) * pauseCycles;
            }
            turns.add(at);
        }
    }

    private static Program program() {
        Assembler a = new Assembler();
        a.place(a.label("thread"));
        Assembler.Label turn = a.here();
        a.host(UNTIL_TURN);
        a.syscall(HostCall.SYS_NANOSLEEP);
        a.host(AREA);
        a.mov(ADDRESS, Reg.A0);
        a.li(LEFT, AREA_BYTES / VECTOR_BYTES);
        a.mark(Mark.OP_BEGIN, 0);
        Assembler.Label step = a.here();
        a.ld64(VALUE, ADDRESS, 0);
        a.addi(VALUE, VALUE, 1);
        a.st64(ADDRESS, 0, VALUE);
        a.addi(ADDRESS, ADDRESS, VECTOR_BYTES);
        a.djnz(LEFT, step);
        a.mark(Mark.OP_END, 0);
        a.jmp(turn);
        return a.link();
    }

    private long host(ThreadContext thread, int cpu, int number) {
        long now = machine.cores[cpu].retireCycle();
        if (number == UNTIL_TURN) {
            int next = round[thread.id]++;
            long at = next < turns.size() ? turns.get(next)[thread.id] : Long.MAX_VALUE / 4;
            thread.regs[Reg.A0] = Math.max(1, at - now);
        } else {
            thread.regs[Reg.A0] = areas + (long) AREA_BYTES * ids.enter(cpu, now);
        }
        return 1;
    }

    private boolean mark(Core core, int kind, int argument, long value, long cycle) {
        int thread = core.thread.id;
        if (kind == Mark.OP_BEGIN) {
            begun[thread] = cycle;
        } else if (round[thread] > WARMUP_ROUNDS) {
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
     * @param form what an area is chosen by
     * @param pauseSeconds from one thread's turn to the next thread's
     * @param seed of the order of turns, and of how long line transfers take
     * @return nanoseconds of a burst, on average
     */
    public static double nsPerBurst(
            MachineProfile profile, List<Integer> cpus, ConcurrencyIds.Form form, double pauseSeconds, long seed) {
        BurstBenchmark benchmark = new BurstBenchmark(profile, cpus, form, pauseSeconds, seed);
        long turns = (long) (WARMUP_ROUNDS + ROUNDS) * cpus.size();
        for (long turn = 1; turn <= turns + 1; turn++) {
            long cycle = turn * benchmark.pauseCycles + benchmark.pauseCycles / 2;
            benchmark.machine.run(cycle);
            benchmark.log.release(Math.min(cycle, benchmark.machine.settled()));
        }
        return (double) benchmark.cycles / benchmark.bursts * 1e9 / benchmark.profile.clockHz();
    }
}
