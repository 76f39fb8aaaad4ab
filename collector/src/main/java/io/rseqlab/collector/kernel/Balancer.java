package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;

/**
 * Load balancing: a CPU pulls waiting tasks from a busier one. There are two levels: the CPUs of a third-level cache
 * among themselves, and these clusters among each other. A level is looked at every so many milliseconds as it has CPUs
 * (twice as rarely while it is found in balance), busy CPUs sixteen times as rarely, CPUs that are about to be idle at
 * once. What is found:
 *
 * <ul>
 *   <li>Only an overloaded group gives: more runnable tasks than CPUs, and no capacity to spare.
 *   <li>An idle CPU evens out the numbers of tasks.
 *   <li>A busy CPU evens out the load (weights of tasks that want a CPU), but only if it was busy lately: for some 60
 *       ms after it lost a task it counts as having room, and a busy CPU with room does not pull. It takes no task
 *       whose load is larger than half the difference; each failed attempt makes tasks count half as much.
 *   <li>A task that ran within the last half millisecond stays where its cache is, until two attempts failed.
 * </ul>
 *
 * Source: sched_balance_rq and what it calls in kernel/sched/fair.c, sd_init in kernel/sched/topology.c. Group
 * scheduling, capacities of CPUs and NUMA preferences are not modelled.
 */
final class Balancer implements Balancing {
    private static final double HOT_SECONDS = 0.0005;
    private static final int BUSY_FACTOR = 16;
    /** Loads within this ratio are in balance: imbalance_pct is 117. */
    private static final double IMBALANCE = 1.17;

    /** Failed attempts behind which even a task with a warm cache is moved: cache_nice_tries is 1. */
    private static final int NICE_TRIES = 1;

    private static final int LEVELS = 2;

    private final CpuState[] cpus;
    private final Placement placement;
    private final MachineProfile profile;
    private final long hotCycles;
    private final double tickHz;
    private final Domain[][] domains = new Domain[LEVELS][];

    /** What a CPU remembers of a level. */
    private static final class Domain {
        long lastTick;
        /** The interval is doubled: the level was in balance when last looked at. */
        boolean calm;

        int failed;
    }

    /** CPUs that are weighed as one. */
    private final class Group {
        final int first;
        final int end;
        int runnable;
        double load;
        double wanting;
        double busy;

        Group(int first, int end, long now) {
            this.first = first;
            this.end = end;
            for (int i = first; i < end; i++) {
                CpuState cpu = cpus[i];
                runnable += cpu.runnable();
                busy += cpu.busy.at(now);
                if (cpu.current != null) {
                    add(cpu.current, now);
                }
                for (Task task : cpu.queue) {
                    add(task, now);
                }
            }
            load /= size();
        }

        private void add(Task task, long now) {
            double wants = task.wanting.at(now);
            wanting += wants;
            load += wants * task.weight;
        }

        int size() {
            return end - first;
        }

        boolean overloaded() {
            return runnable > size() && (busy * IMBALANCE > size() || wanting > size() * IMBALANCE);
        }

        boolean hasRoom() {
            return runnable < size() || (busy * IMBALANCE < size() && wanting <= size() * IMBALANCE);
        }
    }

    Balancer(CpuState[] cpus, MachineProfile profile, Placement placement) {
        this.cpus = cpus;
        this.profile = profile;
        this.placement = placement;
        hotCycles = profile.cyclesOf(HOT_SECONDS);
        tickHz = profile.cost("kernel.hz");
        for (int level = 0; level < LEVELS; level++) {
            domains[level] = new Domain[cpus.length];
            for (int i = 0; i < cpus.length; i++) {
                domains[level][i] = new Domain();
            }
        }
    }

    /** First CPU and end of the CPUs that a level spans, as seen from a CPU. */
    private int first(int level, int cpu) {
        return level == 0 ? profile.clusterOf(cpu) * profile.cpusPerCluster() : 0;
    }

    private int end(int level, int cpu) {
        return level == 0 ? Math.min(cpus.length, first(0, cpu) + profile.cpusPerCluster()) : cpus.length;
    }

    private boolean exists(int level, int cpu) {
        int groupSize = level == 0 ? 1 : profile.cpusPerCluster();
        return end(level, cpu) - first(level, cpu) > groupSize;
    }

    /** True if a level of the CPU is due at a tick. */
    @Override
    public boolean due(CpuState cpu, long tick) {
        return due(0, cpu, tick) || due(1, cpu, tick);
    }

    private boolean due(int level, CpuState cpu, long tick) {
        return exists(level, cpu.id) && tick - domains[level][cpu.id].lastTick >= intervalTicks(level, cpu);
    }

    private long intervalTicks(int level, CpuState cpu) {
        double ms = end(level, cpu.id) - first(level, cpu.id);
        boolean busy = cpu.current != null;
        ms *= (domains[level][cpu.id].calm ? 2 : 1) * (busy ? BUSY_FACTOR : 1);
        // A busy CPU takes one tick off, so that levels do not look in step.
        long ticks = (long) Math.ceil(ms * tickHz / 1000) - (busy ? 1 : 0);
        long most = Math.max(1, (long) (tickHz * cpus.length / 10));
        return Math.max(1, Math.min(most, ticks));
    }

    /** Balances the levels that are due at a tick. */
    @Override
    public void balance(CpuState cpu, long tick, long now) {
        if (cpu.throttled) {
            return;
        }
        for (int level = 0; level < LEVELS; level++) {
            if (due(level, cpu, tick)) {
                Domain domain = domains[level][cpu.id];
                domain.lastTick = tick;
                if (speaksForItsGroup(level, cpu)) {
                    attempt(level, cpu, domain, now);
                }
            }
        }
    }

    /** Of a cluster the first idle CPU balances against other clusters, or the first. */
    private boolean speaksForItsGroup(int level, CpuState cpu) {
        if (level == 0) {
            return true;
        }
        for (int i = first(0, cpu.id); i < end(0, cpu.id); i++) {
            if (Placement.idle(cpus[i])) {
                return i == cpu.id;
            }
        }
        return first(0, cpu.id) == cpu.id;
    }

    private void attempt(int level, CpuState cpu, Domain domain, long now) {
        Group[] groups = groups(level, cpu, now);
        Group local = null;
        Group busiest = null;
        double total = 0;
        for (Group group : groups) {
            total += group.load * group.size();
            if (cpu.id >= group.first && cpu.id < group.end) {
                local = group;
            } else if (group.overloaded() && (busiest == null || group.load > busiest.load)) {
                busiest = group;
            }
        }
        double average = total / (end(level, cpu.id) - first(level, cpu.id));
        boolean idle = cpu.current == null;
        double imbalance = busiest == null ? 0 : imbalance(local, busiest, average, idle);
        if (imbalance <= 0) {
            domain.failed = 0;
            domain.calm = true;
        } else {
            boolean moved = pullLoad(cpu, busiest, idle, imbalance, domain.failed, now);
            domain.failed = moved ? 0 : domain.failed + 1;
            domain.calm = false;
        }
    }

    private Group[] groups(int level, CpuState cpu, long now) {
        int first = first(level, cpu.id);
        int end = end(level, cpu.id);
        int size = level == 0 ? 1 : profile.cpusPerCluster();
        Group[] groups = new Group[(end - first + size - 1) / size];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = new Group(first + i * size, Math.min(end, first + (i + 1) * size), now);
        }
        return groups;
    }

    /** For an idle CPU: how many tasks to move; for a busy one: how much load, per CPU. Not above 0 for none. */
    private static double imbalance(Group local, Group busiest, double average, boolean idle) {
        if (idle) {
            return Math.floor(
                    (busiest.runnable / (double) busiest.size() - local.runnable / (double) local.size()) / 2);
        }
        if (local.hasRoom() || local.load >= busiest.load || local.load >= average) {
            return 0;
        }
        if (local.overloaded() && busiest.load <= IMBALANCE * local.load) {
            return 0;
        }
        return Math.min((busiest.load - average) * busiest.size(), (average - local.load) * local.size());
    }

    /** Pulls what evens out an imbalance; false if nothing could be moved. */
    private boolean pullLoad(CpuState to, Group busiest, boolean idle, double imbalance, int failed, long now) {
        CpuState from = busiest(busiest.first, busiest.end);
        double left = imbalance;
        boolean moved = false;
        for (Task task : from == null ? new Task[0] : from.queue.toArray(new Task[0])) {
            double size = idle ? 1 : task.weight * task.wanting.at(now);
            boolean fits = left > 0 && size / (1 << Math.min(failed, 30)) <= left;
            if (fits && movable(task, failed, now)) {
                placement.pull(task, from, to, now);
                left -= size;
                moved = true;
            }
        }
        return moved;
    }

    private CpuState busiest(int first, int end) {
        CpuState busiest = null;
        for (int i = first; i < end; i++) {
            CpuState cpu = cpus[i];
            boolean gives = cpu.current != null && cpu.runnable() > 1;
            if (gives && (busiest == null || cpu.runnable() > busiest.runnable())) {
                busiest = cpu;
            }
        }
        return busiest;
    }

    private boolean movable(Task task, int failed, long now) {
        return task.pinnedCpu < 0 && !task.dequeueDelayed && (failed > NICE_TRIES || now - task.lastRan >= hotCycles);
    }

    /** A CPU is about to be idle: takes one waiting task, from as near as possible. */
    @Override
    public void pullForIdle(CpuState cpu, long now) {
        for (int level = 0; level < LEVELS; level++) {
            CpuState from = exists(level, cpu.id) ? busiest(first(level, cpu.id), end(level, cpu.id)) : null;
            if (from != null && pullOne(from, cpu, domains[level][cpu.id].failed, now)) {
                return;
            }
        }
    }

    private boolean pullOne(CpuState from, CpuState to, int failed, long now) {
        for (Task task : from.queue) {
            if (movable(task, failed, now)) {
                placement.pull(task, from, to, now);
                return true;
            }
        }
        return false;
    }

    /** An idle CPU that shares the cache of one that has waiting tasks, null for none. */
    @Override
    public CpuState idleNear(CpuState cpu) {
        for (int i = first(0, cpu.id); i < end(0, cpu.id); i++) {
            if (Placement.idle(cpus[i]) && !cpus[i].throttled) {
                return cpus[i];
            }
        }
        return null;
    }
}
