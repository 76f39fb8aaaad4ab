package io.rseqlab.collector.kernel;

/**
 * The periodic interrupt of each CPU: phase, period, and what it costs. It stands still while a CPU is idle. All CPUs
 * tick at the same time (skew_tick is off by default), each as late as interrupts are; seen in the time stamp counters
 * of two spinning threads. Source: tick_setup_sched_timer in kernel/time/tick-sched.c.
 *
 * <p>Up to 6.18 a tick also hands the process's scan for concurrency ids, ten times a second, to the thread it finds:
 * work to be done on its way to user mode, which thereby becomes a notified one. Source: task_tick_mm_cid and
 * MM_CID_SCAN_DELAY in kernel/sched/core.c.
 */
final class Ticks {
    private final CpuState[] cpus;
    private final Costs costs;
    private final Scheduler scheduler;
    private final Balancing balancer;
    private final Timers timers;
    private final long usualPeriod;
    private long period;
    private final boolean scans;
    private long nextScan;

    Ticks(
            CpuState[] cpus,
            Costs costs,
            Scheduler scheduler,
            Balancing balancer,
            Timers timers,
            long usualPeriod,
            boolean scans) {
        this.cpus = cpus;
        this.costs = costs;
        this.scheduler = scheduler;
        this.balancer = balancer;
        this.timers = timers;
        this.usualPeriod = usualPeriod;
        period = usualPeriod;
        this.scans = scans && costs.scanPeriod > 0;
        nextScan = costs.scanPeriod;
    }

    /** Gives all CPUs their first tick, at a random phase. */
    void start() {
        long phase = timers.randomBelow(period);
        for (CpuState cpu : cpus) {
            cpu.tickBase = phase;
            cpu.nextTick = phase + timers.tickJitter(period);
        }
    }

    /** Shortens ticks and slices, so that threads take turns quickly outside the measured window. */
    void shorten(long cycles, long now) {
        scheduler.shortenSlice(cycles / 2);
        period = cycles;
        for (CpuState cpu : cpus) {
            setNext(cpu, now + cycles * (cpu.id + 1) / cpus.length);
        }
    }

    /**
     * Gives the ticks a new phase; {@code cycles} is the period, 0 for the machine's. Ticks that are not the machine's
     * only interrupt: they have a phase on each CPU.
     */
    void restore(long cycles, long now) {
        period = cycles == 0 ? usualPeriod : cycles;
        scheduler.shortenSlice(period < usualPeriod ? period / 2 : Long.MAX_VALUE);
        long phase = timers.randomBelow(period);
        for (CpuState cpu : cpus) {
            setNext(cpu, now + 1 + (cycles == 0 ? phase : timers.randomBelow(period)));
        }
    }

    private static void setNext(CpuState cpu, long cycle) {
        cpu.nextTick = cycle;
        cpu.tickBase = cycle;
        if (cpu.current != null) {
            cpu.core.interruptAt = cpu.nextDue();
        }
    }

    /** A tick on a CPU that runs a task; answers the cycle at which it is served. */
    long serve(CpuState cpu, long now) {
        long tick = cpu.tickBase / usualPeriod;
        cpu.tickBase += period;
        cpu.nextTick = Math.max(now + 1, cpu.tickBase + timers.tickJitter(period));
        if (scheduler.tick(cpu, now)) {
            cpu.needResched = true;
        }
        cpu.noisePending |= timers.noiseAtTick(period);
        long served = now + Math.min(costs.tick, period / 8);
        if (scans && now >= nextScan) {
            nextScan = now + costs.scanPeriod;
            cpu.current.workPending = true;
            cpu.current.notifyResume = true;
        }
        if (balancer.due(cpu, tick)) {
            timers.armBalance(cpu, served);
        }
        CpuState idle = cpu.runnable() > 1 ? balancer.idleNear(cpu) : null;
        if (idle != null && balancer.due(idle, tick)) {
            timers.armBalance(idle, served + costs.ipi);
        }
        return served;
    }

    /** Balances, as a tick asked for. */
    void balance(CpuState cpu, long now) {
        balancer.balance(cpu, now / usualPeriod, now);
    }

    /** The tick stood still while the CPU was idle; its phase stays. */
    void skipMissed(CpuState cpu, long now) {
        if (cpu.nextTick <= now) {
            cpu.tickBase += (now - cpu.tickBase) / period * period + period;
            cpu.nextTick = Math.max(now + 1, cpu.tickBase + timers.tickJitter(period));
        }
    }
}
