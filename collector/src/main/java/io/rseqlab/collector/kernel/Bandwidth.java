package io.rseqlab.collector.kernel;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * CFS bandwidth control: the process may run for {@code quota} in every {@code period}, over all CPUs together. A CPU
 * takes time from a pool in slices of 5 ms and is charged where running time is accounted: at the tick and where
 * another task is put on. When it has used up more than it had and the pool is empty, it is throttled: its running task
 * is switched out on the way to user mode, and none of the process runs there before a period's end has paid for what
 * was overdrawn. So a thread runs on until the tick that finds the pool empty, and less in the next period. A CPU that
 * runs out of tasks gives back all but 1 ms.
 *
 * <p>Source: account_cfs_rq_runtime, throttle_cfs_rq, sched_cfs_period_timer, distribute_cfs_runtime,
 * return_cfs_rq_runtime and start_cfs_slack_bandwidth in kernel/sched/fair.c, with the limits of cgroup v2's cpu.max;
 * there is no burst. That 6.18 throttles each task as it returns to user mode, and not the queue at once, is the same
 * here, where all of a CPU's tasks are the process's. The counts have the names of cpu.stat.
 */
public final class Bandwidth {
    /** sched_cfs_bandwidth_slice_us. */
    private static final double SLICE_SECONDS = 5e-3;

    /** min_cfs_rq_runtime: what an idle CPU keeps. */
    private static final double KEPT_SECONDS = 1e-3;

    /** cfs_bandwidth_slack_period: how long it takes until what was given back is dealt out. */
    private static final double SLACK_SECONDS = 5e-3;

    /**
     * min_bandwidth_expiration: how much of the period must be left by then, for otherwise its end is waited for. (That
     * the kernel looks again when the time is over changes nothing here, where its timers are never late.)
     */
    private static final double LEAST_LEFT_SECONDS = 2e-3;

    private final CpuState[] cpus;
    private final Timers timers;
    private final Costs costs;
    private final long quota;
    private final long period;
    private final long slice;
    private final long kept;
    private final long slack;
    private final long leastLeft;
    private final long[] remaining;
    private final long[] chargedTo;
    private final long[] throttledAt;
    private final long[] throttledCycles;
    private final ArrayDeque<CpuState> throttled = new ArrayDeque<>();
    private long pool;
    private long nextPeriod;
    private boolean active;
    private boolean idle;
    private boolean slackArmed;
    private boolean lifted;
    private long periods;
    private long throttledPeriods;

    /**
     * What a process may use.
     *
     * @param quotaCycles CPU time in cycles
     * @param periodCycles of every so many cycles
     */
    public record Limit(long quotaCycles, long periodCycles) {}

    private Bandwidth(CpuState[] cpus, Limit limit, Timers timers, Costs costs, long clockHz) {
        this.cpus = cpus;
        this.timers = timers;
        this.costs = costs;
        quota = limit.quotaCycles;
        period = limit.periodCycles;
        slice = Math.round(SLICE_SECONDS * clockHz);
        kept = Math.round(KEPT_SECONDS * clockHz);
        slack = Math.round(SLACK_SECONDS * clockHz);
        leastLeft = Math.round(LEAST_LEFT_SECONDS * clockHz);
        remaining = new long[cpus.length];
        chargedTo = new long[cpus.length];
        throttledAt = new long[cpus.length];
        throttledCycles = new long[cpus.length];
        pool = quota;
        // the period began at some time before the run
        nextPeriod = 1 + timers.randomBelow(period);
    }

    /** Control by a limit; null where that is null. */
    static Bandwidth of(Limit limit, CpuState[] cpus, Timers timers, Costs costs, long clockHz) {
        return limit == null ? null : new Bandwidth(cpus, limit, timers, costs, clockHz);
    }

    /** Arms the first period's end. */
    void start() {
        active = true;
        timers.armPeriod(cpus[0], nextPeriod);
    }

    /** The running task of a CPU begins to be charged, or what it did not run itself is left out. */
    void runsFrom(CpuState cpu, long now) {
        chargedTo[cpu.id] = now;
    }

    /** Charges the running task's time; throttles the CPU if there is none left. */
    void charge(CpuState cpu, long now) {
        if (lifted || cpu.current == null || now <= chargedTo[cpu.id]) {
            return;
        }
        remaining[cpu.id] -= now - chargedTo[cpu.id];
        chargedTo[cpu.id] = now;
        if (remaining[cpu.id] > 0 || cpu.throttled) {
            return;
        }
        take(cpu, slice - remaining[cpu.id], now);
        if (remaining[cpu.id] <= 0) {
            cpu.throttled = true;
            cpu.needResched = true;
            throttledAt[cpu.id] = now;
            throttled.addLast(cpu);
        }
    }

    private void take(CpuState cpu, long wanted, long now) {
        if (!active) {
            active = true;
            nextPeriod += (now - nextPeriod) / period * period + period;
            timers.armPeriod(cpus[0], nextPeriod);
        }
        long taken = Math.min(pool, wanted);
        pool -= taken;
        remaining[cpu.id] += taken;
        idle = false;
    }

    /** The last task of a CPU goes to sleep: what the CPU has left can be used elsewhere. */
    void ranOut(CpuState cpu, long now) {
        long more = remaining[cpu.id] - kept;
        if (lifted || more <= 0) {
            return;
        }
        remaining[cpu.id] -= more;
        pool += more;
        boolean endsSoon = nextPeriod - now < slack + leastLeft;
        if (pool > slice && !throttled.isEmpty() && !slackArmed && !endsSoon) {
            slackArmed = true;
            timers.armSlack(cpu, now + slack);
        }
    }

    /** A period ends: the pool is full again, and debts are paid out of it. */
    void endPeriod(long now) {
        if (lifted) {
            return;
        }
        periods++;
        if (idle && throttled.isEmpty()) {
            active = false;
            return;
        }
        pool = quota;
        nextPeriod += period;
        timers.armPeriod(cpus[0], nextPeriod);
        idle = throttled.isEmpty();
        if (!idle) {
            throttledPeriods++;
            distribute(now);
        }
    }

    /** What idle CPUs gave back is dealt out. */
    void dealOut(long now) {
        slackArmed = false;
        if (!lifted && pool > slice) {
            distribute(now);
        }
    }

    private void distribute(long now) {
        while (pool > 0 && !throttled.isEmpty()) {
            CpuState cpu = throttled.peekFirst();
            long paid = Math.min(pool, 1 - remaining[cpu.id]);
            pool -= paid;
            remaining[cpu.id] += paid;
            if (remaining[cpu.id] <= 0) {
                return;
            }
            throttled.removeFirst();
            release(cpu, now);
        }
    }

    private void release(CpuState cpu, long now) {
        cpu.throttled = false;
        throttledCycles[cpu.id] += now - throttledAt[cpu.id];
        if (cpu.current == null) {
            cpu.core.wakeIdle(now + costs.ipi);
        }
    }

    /** There is no limit any more: outside the measured window only. */
    public void lift(long now) {
        lifted = true;
        while (!throttled.isEmpty()) {
            release(throttled.removeFirst(), now);
        }
    }

    /** Counts begin again at 0. */
    public void clear(long now) {
        periods = 0;
        throttledPeriods = 0;
        Arrays.fill(throttledCycles, 0);
        throttled.forEach(cpu -> throttledAt[cpu.id] = now);
    }

    /** Periods that ended: nr_periods. */
    public long periods() {
        return periods;
    }

    /** Periods at whose end a CPU was throttled: nr_throttled. */
    public long throttledPeriods() {
        return throttledPeriods;
    }

    /** Cycles up to now in which a CPU was throttled: in microseconds and over all CPUs, throttled_usec. */
    public long throttledCycles(int cpu, long now) {
        return throttledCycles[cpu] + (cpus[cpu].throttled ? Math.max(0, now - throttledAt[cpu]) : 0);
    }
}
