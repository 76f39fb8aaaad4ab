package io.rseqlab.collector.kernel;

/**
 * The way back to user mode: signals first (the section is evaluated before the signal's frame is built), then the
 * pending notification of a switch.
 */
final class ExitPath {
    private final Costs costs;
    private final Signals signals;
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

    ExitPath(Costs costs, Signals signals, RseqExit rseqExit) {
        this.costs = costs;
        this.signals = signals;
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
        if (task.pendingSignals != 0) {
            Result result = signals.deliver(cpu, task, clock);
            if (result.killReason != null) {
                return result;
            }
            clock = result.clock;
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
