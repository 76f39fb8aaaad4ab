package io.rseqlab.collector.kernel;

/** The periodic interrupt of each CPU: phase, period, and what it costs. It stands still while a CPU is idle. */
final class Ticks {
    private final CpuState[] cpus;
    private final Costs costs;
    private final Scheduler scheduler;
    private final Placement placement;
    private final Timers timers;
    private final long usualPeriod;
    private long period;

    Ticks(CpuState[] cpus, Costs costs, Scheduler scheduler, Placement placement, Timers timers, long usualPeriod) {
        this.cpus = cpus;
        this.costs = costs;
        this.scheduler = scheduler;
        this.placement = placement;
        this.timers = timers;
        this.usualPeriod = usualPeriod;
        period = usualPeriod;
    }

    /** Gives a CPU its first tick and its first balancing, at random phases. */
    void start(CpuState cpu) {
        cpu.nextTick = timers.randomBelow(period);
        cpu.tickBase = cpu.nextTick;
        cpu.nextBalance = timers.randomBelow(4 * period);
    }

    /** Shortens ticks and slices, so that threads take turns quickly outside the measured window. */
    void shorten(long cycles, long now) {
        scheduler.shortenSlice(cycles / 2);
        period = cycles;
        for (CpuState cpu : cpus) {
            setNext(cpu, now + cycles * (cpu.id + 1) / cpus.length);
        }
    }

    /** Gives every CPU a new tick phase; {@code cycles} is the period, 0 for the machine's. */
    void restore(long cycles, long now) {
        period = cycles == 0 ? usualPeriod : cycles;
        scheduler.shortenSlice(period < usualPeriod ? period / 2 : Long.MAX_VALUE);
        for (CpuState cpu : cpus) {
            setNext(cpu, now + 1 + timers.randomBelow(period));
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
        cpu.tickBase += period;
        cpu.nextTick = Math.max(now + 1, cpu.tickBase + timers.tickJitter(period));
        if (scheduler.tick(cpu, now)) {
            cpu.needResched = true;
        }
        if (now >= cpu.nextBalance) {
            cpu.nextBalance = now + placement.balanceInterval(period);
            placement.balance(cpu, now);
        }
        return now + Math.min(costs.tick, period / 8);
    }

    /** The tick stood still while the CPU was idle; its phase stays. */
    void skipMissed(CpuState cpu, long now) {
        if (cpu.nextTick <= now) {
            cpu.tickBase += (now - cpu.tickBase) / period * period + period;
            cpu.nextTick = Math.max(now + 1, cpu.tickBase + timers.tickJitter(period));
        }
    }
}
