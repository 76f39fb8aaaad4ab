package io.rseqlab.collector.kernel;

/**
 * The way back to user mode: signals first (the section is evaluated before the signal's frame is built), then the
 * pending notification of a switch.
 */
final class ExitPath {
    private final Costs costs;
    private final Signals signals;
    private final RseqExit rseqExit;
    private final ConcurrencyIds ids;

    /**
     * What the exit came to.
     *
     * @param clock cycle at which user mode can be entered
     * @param reason why the thread gets SIGSEGV, or is ended, instead; null for neither
     * @param ends the thread is ended: no handler will hear of it
     */
    record Result(long clock, String reason, boolean ends) {
        static Result at(long clock) {
            return new Result(clock, null, false);
        }

        /** SIGSEGV is to be forced on the thread. */
        static Result faulty(long clock, KillReason reason) {
            return new Result(clock, reason.words(), false);
        }

        static Result killed(long clock, String reason) {
            return new Result(clock, reason, true);
        }
    }

    ExitPath(Costs costs, Signals signals, RseqExit rseqExit, ConcurrencyIds ids) {
        this.costs = costs;
        this.signals = signals;
        this.rseqExit = rseqExit;
        this.ids = ids;
    }

    /** Does what is due before the running task can go on in user mode. */
    Result run(CpuState cpu, Task task, long now) {
        if (task.inCall) {
            task.inCall = false;
            KillReason reason = rseqExit.afterSyscall(task);
            if (reason != null) {
                return Result.faulty(now, reason);
            }
        }
        long clock = now;
        if (task.pendingSignals != 0) {
            Result result = signals.deliver(cpu, task, clock);
            if (result.reason != null) {
                return result;
            }
            clock = result.clock;
        }
        if (task.workPending) {
            task.workPending = false;
            ids.scan(clock);
            clock += costs.scan;
        }
        return task.notifyResume ? rseqExit.serve(cpu, task, clock, false) : Result.at(clock);
    }

    /** The task enters user mode. */
    static void entered(Task task) {
        task.rseq.freshCauses = 0;
    }
}
