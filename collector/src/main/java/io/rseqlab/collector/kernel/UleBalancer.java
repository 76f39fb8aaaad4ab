package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * ULE's two ways of moving waiting tasks. A CPU that is about to be idle takes one from the most loaded CPU that has at
 * least two, in its own cache first. And every half to one and a half seconds, by chance, the first CPU pairs the most
 * loaded CPUs with the least loaded ones and moves one task between the two of a pair, also where they differ by one,
 * so that three threads on two CPUs take turns. Of the calendar the second in line is taken if there is one. Source:
 * tdq_trysteal, tdq_idled, sched_balance and runq_steal_from in sys/kern/sched_ule.c; that a lone running thread is
 * asked to look for another CPU is left out.
 */
final class UleBalancer implements Balancing {
    private static final int STEAL_THRESHOLD = 2;
    private static final double INTERVAL_SECONDS = 1;
    private static final int ANY = -1;
    private static final BitSet NONE = new BitSet();

    private final CpuState[] cpus;
    private final MachineProfile profile;
    private final UlePlacement placement;
    private final Timers timers;
    private final SplittableRandom random;

    UleBalancer(
            CpuState[] cpus, MachineProfile profile, UlePlacement placement, Timers timers, SplittableRandom random) {
        this.cpus = cpus;
        this.profile = profile;
        this.placement = placement;
        this.timers = timers;
        this.random = random;
    }

    @Override
    public void start() {
        arm(0);
    }

    private void arm(long now) {
        long interval = profile.cyclesOf(INTERVAL_SECONDS);
        timers.armBalance(cpus[0], now + interval / 2 + random.nextLong(interval));
    }

    @Override
    public boolean due(CpuState cpu, long tick) {
        return false;
    }

    @Override
    public CpuState idleNear(CpuState cpu) {
        return null;
    }

    @Override
    public void balance(CpuState cpu, long tick, long now) {
        arm(now);
        BitSet done = new BitSet();
        while (true) {
            CpuState high = mostLoaded(0, cpus.length, 1, done);
            if (high == null || high.runnable() == 1) {
                return;
            }
            done.set(high.id);
            CpuState low = placement.leastLoaded(0, cpus.length, ANY, high.runnable() - 1, null);
            Task task = low == null || done.get(low.id) ? null : next(high);
            if (task != null) {
                placement.pull(task, high, low, now);
                done.set(low.id);
                wake(low, now);
            }
        }
    }

    private static void wake(CpuState cpu, long now) {
        if (cpu.current == null) {
            cpu.core.wakeIdle(now);
        }
    }

    @Override
    public void pullForIdle(CpuState cpu, long now) {
        int first = profile.clusterOf(cpu.id) * profile.cpusPerCluster();
        int end = Math.min(cpus.length, first + profile.cpusPerCluster());
        if (!pullFrom(mostLoaded(first, end, STEAL_THRESHOLD, NONE), cpu, now)) {
            pullFrom(mostLoaded(0, cpus.length, STEAL_THRESHOLD, NONE), cpu, now);
        }
    }

    private boolean pullFrom(CpuState from, CpuState to, long now) {
        Task task = from == null ? null : next(from);
        if (task != null) {
            placement.pull(task, from, to, now);
        }
        return task != null;
    }

    private CpuState mostLoaded(int first, int end, int least, BitSet except) {
        CpuState most = null;
        int equals = 0;
        for (int i = first; i < end; i++) {
            CpuState cpu = cpus[i];
            if (!except.get(i) && cpu.runnable() >= least && (least < STEAL_THRESHOLD || next(cpu) != null)) {
                boolean more = most == null || cpu.runnable() > most.runnable();
                boolean equal = !more && cpu.runnable() == most.runnable();
                equals = more ? 1 : equal ? equals + 1 : equals;
                most = more || equal && random.nextInt(equals) == 0 ? cpu : most;
            }
        }
        return most;
    }

    /** The task that would be taken from a CPU: the first interactive one, or the second of the others. */
    private static Task next(CpuState cpu) {
        Task first = null;
        Task second = null;
        for (Task task : cpu.queue) {
            if (task.pinnedCpu < 0) {
                if (first == null || task.ule.before(first.ule)) {
                    second = first;
                    first = task;
                } else if (second == null || task.ule.before(second.ule)) {
                    second = task;
                }
            }
        }
        return first == null || first.ule.interactive || second == null ? first : second;
    }
}
