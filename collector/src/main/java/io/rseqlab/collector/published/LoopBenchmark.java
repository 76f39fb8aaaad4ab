package io.rseqlab.collector.published;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
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
import java.util.List;
import java.util.SplittableRandom;

/** A loop on the model: a thread on each of some CPUs, which it does not leave, repeats one operation. */
public final class LoopBenchmark {
    private static final double WARMUP_SECONDS = 0.2e-3;
    private static final double WINDOW_SECONDS = 2e-3;
    private static final long SLACK_CYCLES = 1000;
    private static final int THREAD_AREA_BYTES = 256;
    private static final long MANY_TURNS = 1L << 62;

    /** getcpu where a profile does not say: 2.51 ns less the bare read's 0.28 (ClickHouse PR 109283). */
    private static final double GETCPU_SECONDS = 2.2e-9;

    private final Machine machine;
    private final EventLog log;
    private final List<ThreadContext> threads = new ArrayList<>();

    private LoopBenchmark(MachineProfile profile, LoopProgram loop, List<Integer> cpus, long seed) {
        Layout layout = new Layout(0);
        long entries = layout.reserve((long) profile.cpus() << LoopCode.ENTRY_BITS, 4096);
        long shared = layout.reserve(Layout.LINE, Layout.LINE);
        layout.word(shared + LoopCode.POINTER, shared + LoopCode.WORD);
        layout.word(shared + LoopCode.WORD, 1);
        long areas = layout.reserve((long) THREAD_AREA_BYTES * cpus.size(), THREAD_AREA_BYTES);
        Assembler assembler = new Assembler();
        assembler.place(assembler.label("loop"));
        loop.write(assembler);
        Program program = assembler.link();
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom transfers = random.split();
        log = new EventLog(event -> {});
        KernelOptions options =
                new KernelOptions(new Linux618Policy(), false, false, 0, false, false, random::nextLong);
        long getcpu = getcpuCycles(profile);
        Kernel kernel = new Kernel(options, log, new Unharmed(), (thread, cpu, number) -> getcpu(thread, cpu, getcpu));
        machine = new Machine(
                profile,
                program,
                layout,
                kernel,
                (Core core, int kind, int argument, long value, long cycle) -> false,
                SLACK_CYCLES);
        machine.varyTransfers(transfers::nextLong);
        kernel.boot(machine);
        for (int i = 0; i < cpus.size(); i++) {
            ThreadContext thread = new ThreadContext(i, program.position("loop"));
            long area = areas + (long) THREAD_AREA_BYTES * i;
            thread.regs[Reg.WORKLOAD] = entries;
            thread.regs[Reg.RSEQ] = area;
            thread.regs[Reg.TLS] = area + THREAD_AREA_BYTES / 2;
            thread.regs[LoopCode.SHARED] = shared;
            thread.regs[LoopCode.ONE] = 1;
            thread.regs[LoopCode.TURNS] = MANY_TURNS;
            threads.add(thread);
            kernel.spawn(thread, area, Program.SIGNATURE, 0, cpus.get(i));
        }
    }

    /** What is left of getcpu when its read of memory is done, which the program makes. */
    private static long getcpuCycles(MachineProfile profile) {
        long cycles = Math.round(profile.costOr("kernel.getcpu", GETCPU_SECONDS * profile.clockHz()));
        return Math.max(0, cycles - profile.l1Cycles());
    }

    private static long getcpu(ThreadContext thread, int cpu, long cycles) {
        thread.regs[Reg.A0] = cpu;
        return cycles;
    }

    /**
     * Runs a loop.
     *
     * @param profile the machine
     * @param loop what every thread repeats
     * @param cpus a thread on each
     * @param seed of phases and of how long line transfers take
     * @return nanoseconds that a thread needs for one operation, on average over the threads' operations
     */
    public static double nsPerOperation(MachineProfile profile, LoopProgram loop, List<Integer> cpus, long seed) {
        LoopBenchmark benchmark = new LoopBenchmark(profile, loop, cpus, seed);
        long from = profile.cyclesOf(WARMUP_SECONDS);
        long to = from + profile.cyclesOf(WINDOW_SECONDS);
        long before = benchmark.turnsAt(from);
        long turns = benchmark.turnsAt(to) - before;
        return (double) (to - from) * cpus.size() / turns * 1e9 / profile.clockHz();
    }

    /** Turns that all threads have made when a cycle is reached. */
    private long turnsAt(long cycle) {
        machine.run(cycle);
        log.release(Math.min(cycle, machine.settled()));
        return threads.stream()
                .mapToLong(thread -> MANY_TURNS - thread.regs[LoopCode.TURNS])
                .sum();
    }
}
