package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.trace.Cause;
import java.util.SplittableRandom;

/**
 * Which CPU a task goes to. At start the least loaded. At wake-up its previous CPU or the waker's, whichever is idle
 * or, by a margin, less loaded (wake_affine); if that one is not idle, an idle one that shares its third-level cache.
 * Source: select_task_rq_fair in kernel/sched/fair.c, in its outlines: wake_wide and the limit on the search are left
 * out, and load is what is runnable now.
 */
class Placement {
    /** The previous CPU is preferred by half of imbalance_pct, 117. */
    static final double PREVIOUS_BIAS = 1.08;

    private final CpuState[] cpus;
    private final MachineProfile profile;
    private final Scheduler scheduler;
    private final Timers timers;
    private final Costs costs;
    private final KernelTrace trace;
    private ConcurrencyIds ids = new ConcurrencyIds() {};

    Placement(
            CpuState[] cpus,
            MachineProfile profile,
            Scheduler scheduler,
            Timers timers,
            Costs costs,
            KernelTrace trace) {
        this.cpus = cpus;
        this.profile = profile;
        this.scheduler = scheduler;
        this.timers = timers;
        this.costs = costs;
        this.trace = trace;
    }

    /** Who is to be told when a thread changes its CPU. */
    void concurrencyIds(ConcurrencyIds newIds) {
        ids = newIds;
    }

    /** Where the threads of a program begin. */
    StartUp.Plan startUp(int threads, SplittableRandom random) {
        return new StartUp(cpus.length, threads, profile.costOr("kernel.start_busy", StartUp.STAYS), random).plan();
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

    CpuState forWaking(Task task, CpuState waker, long now) {
        CpuState previous = cpus[task.cpu];
        if (task.pinnedCpu >= 0) {
            return cpus[task.pinnedCpu];
        }
        if (idle(previous)) {
            return previous;
        }
        CpuState target = waker != previous && affine(task, previous, waker) ? waker : previous;
        int first = profile.clusterOf(target.id) * profile.cpusPerCluster();
        int count = Math.min(cpus.length, first + profile.cpusPerCluster()) - first;
        for (int i = 0; i < count; i++) {
            CpuState cpu = cpus[first + (target.id - first + i) % count];
            if (idle(cpu)) {
                return cpu;
            }
        }
        return target;
    }

    /** True if a task that cannot have its previous CPU at once is better off at its waker's. */
    private boolean affine(Task task, CpuState previous, CpuState waker) {
        boolean near = profile.clusterOf(previous.id) == profile.clusterOf(waker.id);
        return (near && idle(waker)) || load(waker) + task.weight < PREVIOUS_BIAS * load(previous);
    }

    private static long load(CpuState cpu) {
        long load = cpu.current == null ? 0 : cpu.current.weight;
        for (Task task : cpu.queue) {
            load += task.dequeueDelayed ? 0 : task.weight;
        }
        return load;
    }

    static boolean idle(CpuState cpu) {
        return cpu.current == null && cpu.queue.isEmpty();
    }

    /**
     * Takes a waiting task from one CPU's queue to another's; both look again where they have to. A task that its CPU
     * is still switching out, at the end of what that has begun, moves then.
     */
    void pull(Task task, CpuState from, CpuState to, long now) {
        scheduler.dequeue(from, task, now);
        move(task, from, to, Math.max(now, task.lastRan));
        scheduler.enqueue(to, task, now, false);
        if (from.needResched) {
            timers.armReschedule(from, now + costs.ipi);
        }
        if (to.current != null && scheduler.preempts(to, task, now, true)) {
            to.needResched = true;
        }
    }

    /** Changes a task's CPU; it must not be running or queued. */
    void move(Task task, CpuState from, CpuState to, long now) {
        if (from != to) {
            task.disturbed(Cause.MIGRATION, trace.migrated(now, from.id, task, to.id));
            ids.migrated(task, from, to, now);
            task.cpu = to.id;
            double share = task.running.at(now);
            from.busy.add(now, -share);
            to.busy.add(now, share);
        }
    }
}
