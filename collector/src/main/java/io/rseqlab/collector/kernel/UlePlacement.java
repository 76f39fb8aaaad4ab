package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;
import java.util.SplittableRandom;

/**
 * Which CPU a task goes to under ULE: the one that it ran on, if that is idle and was left some milliseconds ago at
 * most; else an idle one that shares that one's third-level cache, if its affinity to the cache has not expired; else
 * the least loaded of the least loaded cache where it is the best, else the least loaded one; and the waker's, if it is
 * the best there and the other is neither idle nor much less loaded. Equals are told apart by chance. Source:
 * sched_pickcpu and cpu_search_lowest in sys/kern/sched_ule.c.
 */
final class UlePlacement extends Placement {
    /** Affinity to a cache expires after so many milliseconds: its level in the tree times a tick of hardclock. */
    private static final double L2_AFFINITY_SECONDS = 2e-3;

    private static final double L3_AFFINITY_SECONDS = 3e-3;

    /** A CPU's weight in the comparison, and what chance and habit may take off it. */
    private static final int LOAD = 256;

    private static final int CHANCE = 128;
    private static final int ANY = -1;

    private final CpuState[] cpus;
    private final MachineProfile profile;
    private final SplittableRandom random;

    UlePlacement(
            CpuState[] cpus,
            MachineProfile profile,
            Scheduler scheduler,
            Timers timers,
            Costs costs,
            KernelTrace trace,
            SplittableRandom random) {
        super(cpus, profile, scheduler, timers, costs, trace);
        this.cpus = cpus;
        this.profile = profile;
        this.random = random;
    }

    @Override
    StartUp.Plan startUp(int threads, SplittableRandom starts) {
        return StartUp.Plan.shuffled(threads, starts);
    }

    @Override
    CpuState forNewTask(Task task) {
        return task.pinnedCpu >= 0 ? cpus[task.pinnedCpu] : leastLoaded(0, cpus.length, ANY, Integer.MAX_VALUE, null);
    }

    @Override
    CpuState forWaking(Task task, CpuState waker, long now) {
        CpuState last = cpus[task.cpu];
        if (task.pinnedCpu >= 0) {
            return cpus[task.pinnedCpu];
        }
        long away = now - task.lastRan;
        if (idle(last) && away < profile.cyclesOf(L2_AFFINITY_SECONDS)) {
            return last;
        }
        int priority = task.ule.priority;
        CpuState found = null;
        if (away < profile.cyclesOf(L3_AFFINITY_SECONDS)) {
            int first = profile.clusterOf(last.id) * profile.cpusPerCluster();
            int end = Math.min(cpus.length, first + profile.cpusPerCluster());
            found = leastLoaded(first, end, Ule.IDLE - 1, Integer.MAX_VALUE, last);
        }
        if (found == null) {
            found = leastLoaded(0, cpus.length, priority, Integer.MAX_VALUE, last);
        }
        if (found == null) {
            found = leastLoaded(0, cpus.length, ANY, Integer.MAX_VALUE, last);
        }
        boolean bestAtWaker = Ule.bestPriority(waker) > priority;
        return bestAtWaker && !idle(found) && waker.runnable() <= found.runnable() + 1 ? waker : found;
    }

    /**
     * The least loaded CPU of the least loaded cache.
     *
     * @param better only CPUs on which nothing has this priority or a better one
     * @param most only CPUs with at most so many tasks
     * @param preferred slightly preferred, null for none
     * @return null if there is no such CPU
     */
    CpuState leastLoaded(int first, int end, int better, int most, CpuState preferred) {
        CpuState best = null;
        int bestGroup = Integer.MAX_VALUE;
        int size = profile.cpusPerCluster();
        for (int group = first; group < end; group += size) {
            int groupEnd = Math.min(end, group + size);
            CpuState found = leastLoadedOf(group, groupEnd, better, most, preferred);
            int total = LOAD * tasks(group, groupEnd);
            if (preferred != null && preferred.id >= group && preferred.id < groupEnd) {
                total -= CHANCE;
            }
            boolean equal = total == bestGroup && random.nextBoolean();
            if (found != null && (total < bestGroup || equal)) {
                best = found;
                bestGroup = total;
            }
        }
        return best;
    }

    private CpuState leastLoadedOf(int first, int end, int better, int most, CpuState preferred) {
        CpuState best = null;
        int bestLoad = Integer.MAX_VALUE;
        for (int i = end - 1; i >= first; i--) {
            CpuState cpu = cpus[i];
            if (cpu.runnable() <= most && Ule.bestPriority(cpu) > better) {
                int load = LOAD * cpu.runnable() - (cpu == preferred ? CHANCE : 0) - random.nextInt(CHANCE);
                if (load < bestLoad) {
                    best = cpu;
                    bestLoad = load;
                }
            }
        }
        return best;
    }

    private int tasks(int first, int end) {
        int tasks = 0;
        for (int i = first; i < end; i++) {
            tasks += cpus[i].runnable();
        }
        return tasks;
    }
}
