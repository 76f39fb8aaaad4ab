package io.rseqlab.collector.kernel;

import io.rseqlab.trace.Cause;

/**
 * The way back to user mode: signals first (the section is evaluated before the signal's frame is built), then the
 * pending notification of a switch. Signal handlers are charged as time, they run no program.
 */
final class ExitPath {
    /** Number of the timer signal: SIGALRM. */
    private static final int TIMER_SIGNAL = 14;

    private final Costs costs;
    private final KernelTrace trace;
    private final RseqExit rseqExit;

    /**
     * What the exit came to.
     *
     * @param clock cycle at which user mode can be entered
     * @param killReason why the thread is killed instead, or null
     */
    record Result(long clock, String killReason) {
        static Result at(long clock) {
            return new Result(clock, null);
        }

        static Result killed(long clock, KillReason reason) {
            return new Result(clock, reason.words());
        }
    }

    ExitPath(Costs costs, KernelTrace trace, RseqExit rseqExit) {
        this.costs = costs;
        this.trace = trace;
        this.rseqExit = rseqExit;
    }

    /** Does what is due before the running task can go on in user mode. */
    Result run(CpuState cpu, Task task, long now) {
        if (task.inCall) {
            task.inCall = false;
            KillReason reason = rseqExit.afterSyscall(task);
            if (reason != null) {
                return Result.killed(now, reason);
            }
        }
        long clock = now;
        if (task.signalPending) {
            task.signalPending = false;
            task.rseq.lastEvent = trace.signal(clock, cpu.id, task, TIMER_SIGNAL);
            task.rseq.events |= Cause.SIGNAL;
            task.rseq.freshCauses |= Cause.SIGNAL;
            Result result = rseqExit.serve(cpu, task, clock, true);
            if (result.killReason != null) {
                return result;
            }
            clock = result.clock + costs.signal + costs.signalReturn;
        }
        if (task.workPending) {
            task.workPending = false;
            clock += costs.scan;
        }
        return task.notifyResume ? rseqExit.serve(cpu, task, clock, false) : Result.at(clock);
    }

    /** The task enters user mode. */
    static void entered(Task task) {
        task.rseq.freshCauses = 0;
    }
}
