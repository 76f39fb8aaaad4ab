package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.trace.Cause;

/**
 * Which CPU a task goes to: at start the least loaded, at wake-up the previous CPU if it is idle, else an idle one that
 * shares the third-level cache, else the previous; an idle CPU pulls from the busiest; every busy interval a CPU pulls
 * from one that has at least two tasks more. A task that ran within the last half millisecond is left where its cache
 * is. Source: kernel/sched/fair.c, in its outlines.
 */
final class Placement {
    /** A busy CPU balances this many times less often than its domain's CPUs count in ticks of 1 ms. */
    private static final int BUSY_FACTOR = 16;

    private static final double HOT_SECONDS = 0.0005;

    private final CpuState[] cpus;
    private final MachineProfile profile;
    private final Scheduler scheduler;
    private final KernelTrace trace;
    private final long hotCycles;

    Placement(CpuState[] cpus, MachineProfile profile, Scheduler scheduler, KernelTrace trace) {
        this.cpus = cpus;
        this.profile = profile;
        this.scheduler = scheduler;
        this.trace = trace;
        hotCycles = profile.cyclesOf(HOT_SECONDS);
    }

    CpuState forNewTask(Task task) {
        if (task.pinnedCpu >= 0) {
            return cpus[task.pinnedCpu];
        }
        CpuState best = cpus[0];
        for (CpuState cpu : cpus) {
            if (cpu.runnable() < best.runnable()) {
                best = cpu;
            }
        }
        return best;
    }

    CpuState forWaking(Task task, CpuState waker) {
        CpuState previous = cpus[task.cpu];
        if (task.pinnedCpu >= 0 || idle(previous)) {
            return previous;
        }
        int cluster = profile.clusterOf(previous.id);
        int first = cluster * profile.cpusPerCluster();
        int end = Math.min(cpus.length, first + profile.cpusPerCluster());
        for (int i = 0; i < end - first; i++) {
            CpuState cpu = cpus[first + (previous.id - first + i) % (end - first)];
            if (idle(cpu)) {
                return cpu;
            }
        }
        return previous;
    }

    private static boolean idle(CpuState cpu) {
        return cpu.current == null && cpu.queue.isEmpty();
    }

    /** Cycles between two balancing attempts of a busy CPU. */
    long balanceInterval(long tickPeriod) {
        long millisecond = profile.clockHz() / 1000;
        return Math.max(tickPeriod, Math.min(cpus.length, 64) * BUSY_FACTOR * millisecond);
    }

    /** The periodic balancing of a busy CPU. */
    void balance(CpuState cpu, long now) {
        CpuState busiest = busiest(cpu);
        if (busiest != null && busiest.runnable() - cpu.runnable() >= 2) {
            pullFrom(busiest, cpu, now);
        }
    }

    /** A CPU is about to be idle: takes a waiting task from the busiest, if there is one. */
    void pull(CpuState cpu, long now) {
        CpuState busiest = busiest(cpu);
        if (busiest != null) {
            pullFrom(busiest, cpu, now);
        }
    }

    private CpuState busiest(CpuState except) {
        CpuState busiest = null;
        for (CpuState cpu : cpus) {
            boolean candidate = cpu != except && cpu.current != null && !cpu.queue.isEmpty();
            if (candidate && (busiest == null || cpu.queue.size() > busiest.queue.size())) {
                busiest = cpu;
            }
        }
        return busiest;
    }

    private void pullFrom(CpuState from, CpuState to, long now) {
        for (Task task : from.queue) {
            if (task.pinnedCpu < 0 && now - task.lastRan > hotCycles) {
                scheduler.dequeue(from, task, now);
                move(task, from, to, now);
                scheduler.enqueue(to, task, now, false);
                return;
            }
        }
    }

    /** Changes a task's CPU; it must not be running or queued. */
    void move(Task task, CpuState from, CpuState to, long now) {
        if (from != to) {
            task.disturbed(Cause.MIGRATION, trace.migrated(now, from.id, task, to.id));
            task.cpu = to.id;
        }
    }
}
