package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;

/**
 * Signals: sent to a thread, pending there once however often they were sent, delivered on its way to user mode, lowest
 * number first. A handler is a program; its frame is kept here, not on a stack in user memory. While it runs its signal
 * is blocked. A signal without a handler ends the thread, but for those that are ignored, and for the timer signal,
 * which costs what a handler that does nothing costs.
 */
final class Signals {
    /** SIGSEGV. */
    static final int SEGV = 11;
    /** Number of the timer signal: SIGALRM. */
    static final int TIMER = 14;

    /** SIGCHLD, SIGCONT, SIGURG and SIGWINCH are ignored unless handled. */
    private static final long IGNORED = bit(17) | bit(18) | bit(23) | bit(28);

    private final CpuState[] cpus;
    private final Process process;
    private final Program program;
    private final Costs costs;
    private final Timers timers;
    private final Switching switching;
    private final Futexes futexes;
    private final KernelTrace trace;
    private final RseqExit rseqExit;

    /**
     * Where a thread goes on when a handler ends.
     *
     * @param registers its registers
     * @param pc its position: behind an abort, that of the abort handler
     * @param signal the signal handled
     */
    record Frame(long[] registers, int pc, int signal) {}

    Signals(
            CpuState[] cpus,
            Process process,
            Program program,
            Costs costs,
            Timers timers,
            Switching switching,
            Futexes futexes,
            KernelTrace trace,
            RseqExit rseqExit) {
        this.cpus = cpus;
        this.process = process;
        this.program = program;
        this.costs = costs;
        this.timers = timers;
        this.switching = switching;
        this.futexes = futexes;
        this.trace = trace;
        this.rseqExit = rseqExit;
    }

    private static long bit(int signal) {
        return 1L << (signal - 1);
    }

    private static boolean exists(long signal) {
        return signal >= 1 && signal <= Process.SIGNALS;
    }

    // ---- calls

    /** rt_sigaction: answers 0, or an error negated. */
    int handle(long signal, long handler) {
        if (!exists(signal) || signal == 9 || signal == 19) {
            return -Errno.EINVAL;
        }
        process.handler((int) signal, handler);
        return 0;
    }

    /** tgkill: answers 0, or an error negated. */
    int kill(CpuState cpu, long thread, long signal, long now) {
        if (signal != 0 && !exists(signal)) {
            return -Errno.EINVAL;
        }
        Task target = process.thread(thread);
        if (target == null) {
            return -Errno.ESRCH;
        }
        if (signal != 0) {
            send(target, (int) signal, cpu, now);
            interruptWait(target, cpu, now);
        }
        return 0;
    }

    /** rt_sigreturn: the thread goes on where its innermost handler interrupted it; false if there is no frame. */
    boolean returnFromHandler(Task task) {
        Frame frame = task.frames.poll();
        if (frame == null) {
            return false;
        }
        System.arraycopy(frame.registers, 0, task.context.regs, 0, Reg.COUNT);
        task.context.pc = frame.pc;
        task.blockedSignals &= ~bit(frame.signal);
        return true;
    }

    // ---- sending

    /** A signal becomes pending; a CPU that runs the thread is told. */
    void send(Task task, int signal, CpuState from, long now) {
        task.pendingSignals |= bit(signal);
        CpuState target = cpus[task.cpu];
        if (target != from && target.current == task) {
            timers.armReschedule(target, now + costs.ipi);
        }
    }

    /** A thread that waits for a futex or for time to pass is woken for a signal that it will take. */
    private void interruptWait(Task task, CpuState from, long now) {
        if (task.state == Task.State.BLOCKED && !task.stopped && deliverable(task) != 0) {
            futexes.forget(task);
            task.wakeAt = 0;
            task.context.regs[Reg.A0] = -Errno.EINTR;
            switching.wake(task, from, now);
        }
    }

    private long deliverable(Task task) {
        long ignored = 0;
        for (long left = task.pendingSignals & IGNORED; left != 0; left &= left - 1) {
            int signal = Long.numberOfTrailingZeros(left) + 1;
            ignored |= process.handler(signal) == 0 ? bit(signal) : 0;
        }
        return task.pendingSignals & ~task.blockedSignals & ~ignored;
    }

    /**
     * The kernel forces SIGSEGV on the running thread for what it found of rseq. A handler gets it, unless the signal
     * is blocked or it is the one that was being delivered: then its action is the default again, and it ends the
     * thread as soon as it is not blocked. Source: force_sigsegv and force_sig_info_to_task in kernel/signal.c; seen on
     * 6.18.44.
     *
     * @param delivering the signal whose delivery found it, 0 for none
     * @param reason why
     */
    void force(Task task, int delivering, String reason) {
        boolean blocked = (task.blockedSignals & bit(SEGV)) != 0;
        if (blocked || delivering == SEGV) {
            process.handler(SEGV, 0);
        }
        if (blocked) {
            task.blockedSignals &= ~bit(SEGV);
        }
        task.pendingSignals |= bit(SEGV);
        task.forcedFor = reason;
    }

    // ---- delivery

    /** The next signal: what the thread itself has brought about comes before what others sent. */
    private static int next(Task task, long pending) {
        boolean forced = task.forcedFor != null && (pending & bit(SEGV)) != 0;
        return forced ? SEGV : Long.numberOfTrailingZeros(pending) + 1;
    }

    /** Delivers all that is pending and not blocked; each aborts the section it finds before its frame is built. */
    ExitPath.Result deliver(CpuState cpu, Task task, long now) {
        long clock = now;
        EventLog.Ref carried = task.rseq.scheduled ? task.rseq.lastEvent : null;
        for (long pending = deliverable(task); pending != 0; pending = deliverable(task)) {
            int signal = next(task, pending);
            task.pendingSignals &= ~bit(signal);
            long handler = process.handler(signal);
            if (handler == 0 && signal != TIMER) {
                boolean forced = signal == SEGV && task.forcedFor != null;
                return ExitPath.Result.killed(
                        clock, forced ? task.forcedFor : "signal " + signal + " without a handler");
            }
            if (signal == SEGV) {
                task.forcedFor = null;
            }
            EventLog.Ref event = trace.signal(clock, cpu.id, task, signal, carried);
            task.rseq.lastEvent = event;
            carried = carried == null ? event : carried;
            task.rseq.events |= Cause.SIGNAL;
            task.rseq.freshCauses |= Cause.SIGNAL;
            ExitPath.Result result = rseqExit.serve(cpu, task, clock, true);
            if (result.ends()) {
                return result;
            }
            if (result.reason() != null) {
                force(task, signal, result.reason());
            }
            clock = result.clock() + costs.signal;
            if (handler == 0) {
                clock += costs.signalReturn;
            } else if (!enterHandler(task, signal, handler)) {
                return ExitPath.Result.killed(clock, "handler of signal " + signal + " is no code");
            }
        }
        return ExitPath.Result.at(clock);
    }

    /** Builds the frame: the handler finds the signal's number in A0 and where the thread goes on in A1. */
    private boolean enterHandler(Task task, int signal, long handler) {
        int position = program.position(handler);
        if (position < 0) {
            return false;
        }
        long[] registers = task.context.regs;
        task.frames.push(new Frame(registers.clone(), task.context.pc, signal));
        task.blockedSignals |= bit(signal);
        registers[Reg.A0] = signal;
        registers[Reg.A1] = Program.pointer(task.context.pc);
        task.context.pc = position;
        return true;
    }
}
