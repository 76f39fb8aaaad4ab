package io.rseqlab.collector.kernel;

/**
 * A debugger that steps threads: behind each instruction a thread stops, the debugger looks, and lets it go on. The
 * stop is a switch, so that no section that is stepped through can be committed.
 */
final class Debugger {
    private final Process process;
    private final Costs costs;
    private final Timers timers;
    private final Switching switching;

    Debugger(Process process, Costs costs, Timers timers, Switching switching) {
        this.process = process;
        this.costs = costs;
        this.timers = timers;
        this.switching = switching;
    }

    /** It steps a thread from now on; answers 0, or an error negated. */
    int attach(long thread) {
        Task task = process.thread(thread);
        if (task == null) {
            return -Errno.ESRCH;
        }
        task.stepped = true;
        return 0;
    }

    /** The trap behind an instruction; answers the cycle at which the CPU can go on. */
    long stop(CpuState cpu, long now) {
        Task task = cpu.current;
        task.stopped = true;
        long trapped = now + costs.syscall;
        timers.armContinue(cpu, trapped + turn(), task);
        return switching.block(cpu, task, trapped);
    }

    /** The debugger is woken, makes a call to look and one to go on, and sleeps again. */
    private long turn() {
        return 2 * (costs.switching + costs.syscall);
    }
}
