package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;

/** Serves ticks, timers and injected interrupts of a CPU. */
final class Interrupts {
    private final KernelOptions options;
    private final Costs costs;
    private final Timers timers;
    private final Ticks ticks;
    private final Switching switching;
    private final Signals signals;
    private final Threads threads;
    private final Membarrier membarrier;
    private final SliceExtensions sliceExtensions;
    /** Null without a quota. */
    private final Bandwidth bandwidth;

    Interrupts(
            KernelOptions options,
            Costs costs,
            Timers timers,
            Ticks ticks,
            Switching switching,
            Signals signals,
            Threads threads,
            Membarrier membarrier,
            SliceExtensions sliceExtensions,
            Bandwidth bandwidth) {
        this.options = options;
        this.costs = costs;
        this.timers = timers;
        this.ticks = ticks;
        this.switching = switching;
        this.signals = signals;
        this.threads = threads;
        this.membarrier = membarrier;
        this.sliceExtensions = sliceExtensions;
        this.bandwidth = bandwidth;
    }

    /** Serves all that is due; answers the cycle at which that is done. */
    long serve(CpuState cpu, long now) {
        long clock = now;
        while (cpu.nextDue() <= clock) {
            clock = tickIsFirst(cpu, clock) ? tick(cpu, clock) : expire(cpu, cpu.timers.poll(), clock);
        }
        return clock;
    }

    private long tick(CpuState cpu, long now) {
        if (bandwidth != null) {
            bandwidth.charge(cpu, now);
        }
        return ticks.serve(cpu, now);
    }

    private static boolean tickIsFirst(CpuState cpu, long now) {
        return cpu.current != null
                && cpu.nextTick <= now
                && (cpu.timers.isEmpty() || cpu.nextTick <= cpu.timers.peek().cycle);
    }

    private long expire(CpuState cpu, CpuState.Timer timer, long now) {
        switch (timer.kind) {
            case WAKE -> {
                if (timer.task.state == Task.State.BLOCKED && timer.task.wakeAt == timer.cycle) {
                    timer.task.context.regs[Reg.A0] = 0;
                    switching.wake(timer.task, cpu, now + costs.timerInterrupt);
                }
            }
            case SLICE_END -> sliceExtensions.expired(cpu, timer.task, timer.cycle);
            case CONTINUE -> {
                timer.task.stopped = false;
                switching.wake(timer.task, cpu, now);
                return now;
            }
            case BEGIN -> threads.follow(timer.task, cpu, now + costs.timerInterrupt);
            case PERIOD -> bandwidth.endPeriod(now);
            case SLACK -> bandwidth.dealOut(now);
            case SIGNAL -> {
                if (timer.task.state != Task.State.EXITED) {
                    timers.armNextSignal(cpu, timer, now);
                    signals.send(timer.task, Signals.TIMER, cpu, now);
                }
            }
            case NOISE -> {
                timers.armNoise(cpu, now);
                cpu.noisePending = cpu.current != null;
            }
            case STEAL -> {
                timers.armSteal(cpu, now);
                return now + costs.stealGap;
            }
            case MEMBARRIER -> {
                return membarrier.arrive(cpu, timer.task, now);
            }
            case RESCHEDULE -> { // below a hypervisor the virtual machine is left for it
                return now + costs.ipiHandler;
            }
            case BALANCE -> {
                ticks.balance(cpu, now);
                return now;
            }
        }
        return now + costs.timerInterrupt;
    }

    /** An injected interruption: it aborts the attempt, and switches the task out if that was asked for. */
    long injected(CpuState cpu, long now) {
        cpu.current.disturbed(Cause.INJECTED, null);
        if (!options.injectPreempt()) {
            return now;
        }
        if (cpu.queue.isEmpty()) {
            cpu.noisePending = true;
            return now;
        }
        return switching.preempt(cpu, now);
    }
}
