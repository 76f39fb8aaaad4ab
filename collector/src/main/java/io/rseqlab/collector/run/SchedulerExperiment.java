package io.rseqlab.collector.run;

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
import io.rseqlab.collector.live.SchedulerFigures;
import io.rseqlab.collector.live.SchedulerThread;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ThreadContext;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A scheduler experiment on the model: the threads of the native program {@code sched}, with its terms. Work is in
 * steps of a microsecond.
 */
public final class SchedulerExperiment {
    private static final int LINE_BYTES = 64;
    private static final int WORD = 0;
    private static final int TURNS = 8;
    private static final int READY = 1;

    private final MachineProfile profile;
    private final List<SchedulerThread> threads;
    private final Machine machine;
    private final Kernel kernel;
    private final EventLog log;
    private final SchedulerObserver observer;
    private final long data;

    /**
     * Sets an experiment up.
     *
     * @param profile the machine, with as many CPUs as wanted
     * @param threads what runs
     * @param noise background kernel threads run as the profile says
     */
    public SchedulerExperiment(
            MachineProfile profile, RseqPolicy policy, List<SchedulerThread> threads, boolean noise, long seed) {
        this.profile = profile;
        this.threads = List.copyOf(threads);
        Layout layout = new Layout(0);
        data = layout.reserve((long) LINE_BYTES * threads.size(), LINE_BYTES);
        Assembler assembler = new Assembler();
        for (int i = 0; i < threads.size(); i++) {
            assembler.place(assembler.label("thread-" + i));
            write(assembler, i);
        }
        Program program = assembler.link();
        observer = new SchedulerObserver(wakeUpCycles(), profile.clockHz());
        log = new EventLog(observer);
        SplittableRandom random = new SplittableRandom(seed);
        KernelOptions options = new KernelOptions(policy, false, noise, 0, false, false, random::nextLong);
        kernel = new Kernel(options, log, new Nobody(), (thread, cpu, number) -> 0);
        machine = new Machine(
                profile,
                program,
                layout,
                kernel,
                (Core core, int kind, int argument, long value, long cycle) -> false,
                profile.cyclesOf(1e-6));
        kernel.boot(machine);
        for (int i = 0; i < threads.size(); i++) {
            ThreadContext context = new ThreadContext(i, program.position("thread-" + i));
            kernel.spawn(
                    context,
                    0,
                    Program.SIGNATURE,
                    threads.get(i).nice(),
                    threads.get(i).cpu());
        }
    }

    private long[] wakeUpCycles() {
        long timer = profile.cycles("kernel.timer_interrupt");
        long toUser = profile.cycles("kernel.switch");
        return threads.stream()
                .mapToLong(thread -> toUser + (thread.kind() == SchedulerThread.Kind.SLEEP ? timer : 0))
                .toArray();
    }

    private static final class Nobody implements KernelListener {
        @Override
        public void aborted(int thread, int section) {}

        @Override
        public void abortSuppressed(int thread, int section, int position, long cycle) {}

        @Override
        public void killed(int thread, String reason, long address, long cycle) {
            throw new IllegalStateException("thread " + thread + " was killed: " + reason);
        }
    }

    // ---- programs

    private void write(Assembler a, int index) {
        SchedulerThread thread = threads.get(index);
        long own = data + (long) LINE_BYTES * index;
        a.li(Reg.T0, own);
        a.li(Reg.T1, READY);
        Assembler.Label turn = a.here();
        switch (thread.kind()) {
            case HOG -> work(a, 1000);
            case YIELD -> {
                work(a, thread.firstUs());
                a.syscall(HostCall.SYS_SCHED_YIELD);
            }
            case SLEEP -> {
                a.li(Reg.A0, profile.cyclesOf(thread.firstUs() * 1e-6));
                a.syscall(HostCall.SYS_NANOSLEEP);
                work(a, thread.secondUs());
            }
            case WAKE -> wake(a, thread, data + (long) LINE_BYTES * partner(index));
            case WAIT -> await(a, thread, own);
        }
        a.ld64(Reg.T2, Reg.T0, TURNS);
        a.addi(Reg.T2, Reg.T2, 1);
        a.st64(Reg.T0, TURNS, Reg.T2);
        a.jmp(turn);
    }

    private void work(Assembler a, long microseconds) {
        if (microseconds > 0) {
            a.li(Reg.T3, microseconds);
            Assembler.Label step = a.here();
            a.work((int) profile.cyclesOf(1e-6));
            a.djnz(Reg.T3, step);
        }
    }

    private void wake(Assembler a, SchedulerThread thread, long word) {
        Assembler.Label busy = a.label();
        work(a, thread.firstUs());
        a.li(Reg.A0, word);
        a.ld64(Reg.T2, Reg.A0, WORD);
        a.bnez(Reg.T2, busy);
        a.st64(Reg.A0, WORD, Reg.T1);
        a.li(Reg.A1, 1);
        a.syscall(HostCall.SYS_FUTEX_WAKE);
        a.place(busy);
    }

    private void await(Assembler a, SchedulerThread thread, long word) {
        Assembler.Label woken = a.label();
        Assembler.Label look = a.here();
        a.ld64(Reg.T2, Reg.T0, WORD);
        a.bnez(Reg.T2, woken);
        a.li(Reg.A0, word);
        a.li(Reg.A1, 0);
        a.syscall(HostCall.SYS_FUTEX_WAIT);
        a.jmp(look);
        a.place(woken);
        work(a, thread.firstUs());
        a.li(Reg.T2, 0);
        a.st64(Reg.T0, WORD, Reg.T2);
    }

    /** The n-th {@code wake} thread wakes the n-th {@code wait} thread. */
    private int partner(int index) {
        long before = threads.subList(0, index).stream()
                .filter(one -> one.kind() == SchedulerThread.Kind.WAKE)
                .count();
        for (int i = 0; i < threads.size(); i++) {
            if (threads.get(i).kind() == SchedulerThread.Kind.WAIT && before-- == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("a wake thread needs a wait thread");
    }

    // ---- running

    /** Lets time pass, then measures; seconds of simulated time. Done once. */
    public SchedulerFigures run(double warmup, double seconds) {
        long from = profile.cyclesOf(warmup);
        long to = from + profile.cyclesOf(seconds);
        runTo(from);
        long[] turns = turns();
        observer.begin(from);
        runTo(to);
        long[] after = turns();
        for (int i = 0; i < turns.length; i++) {
            turns[i] = after[i] - turns[i];
        }
        return observer.end(to, turns);
    }

    private void runTo(long cycle) {
        long step = profile.cyclesOf(1e-3);
        for (long now = Math.min(cycle, machine.now() + step); ; now = Math.min(cycle, now + step)) {
            machine.run(now);
            log.release(Math.min(now, machine.settled()));
            if (now >= cycle) {
                return;
            }
        }
    }

    private long[] turns() {
        long[] turns = new long[threads.size()];
        for (int i = 0; i < turns.length; i++) {
            turns[i] = machine.memory.read64(data + (long) LINE_BYTES * i + TURNS);
        }
        return turns;
    }
}
