package io.rseqlab.collector.kernel;

import io.rseqlab.trace.Cause;

/** Serves ticks, timers and injected interrupts of a CPU. */
final class Interrupts {
    private final CpuState[] cpus;
    private final KernelOptions options;
    private final Costs costs;
    private final Timers timers;
    private final Ticks ticks;
    private final Switching switching;

    Interrupts(CpuState[] cpus, KernelOptions options, Costs costs, Timers timers, Ticks ticks, Switching switching) {
        this.cpus = cpus;
        this.options = options;
        this.costs = costs;
        this.timers = timers;
        this.ticks = ticks;
        this.switching = switching;
    }

    /** Serves all that is due; answers the cycle at which that is done. */
    long serve(CpuState cpu, long now) {
        long clock = now;
        while (cpu.nextDue() <= clock) {
            clock = tickIsFirst(cpu, clock) ? ticks.serve(cpu, clock) : expire(cpu, cpu.timers.poll(), clock);
        }
        return clock;
    }

    private static boolean tickIsFirst(CpuState cpu, long now) {
        return cpu.current != null
                && cpu.nextTick <= now
                && (cpu.timers.isEmpty() || cpu.nextTick <= cpu.timers.peek().cycle);
    }

    private long expire(CpuState cpu, CpuState.Timer timer, long now) {
        switch (timer.kind) {
            case WAKE -> {
                if (timer.task.state == Task.State.BLOCKED) {
                    switching.wake(timer.task, cpu, now + costs.timerInterrupt);
                }
            }
            case SIGNAL -> {
                if (timer.task.state != Task.State.EXITED) {
                    timers.armNextSignal(cpu, timer, now);
                    sendSignal(timer.task, cpu, now);
                }
            }
            case NOISE -> {
                timers.armNoise(cpu, now);
                cpu.noisePending = cpu.current != null;
            }
            case RESCHEDULE -> {
                return now;
            }
            case BALANCE -> {
                ticks.balance(cpu, now);
                return now;
            }
        }
        return now + costs.timerInterrupt;
    }

    private void sendSignal(Task task, CpuState cpu, long now) {
        task.signalPending = true;
        CpuState target = cpus[task.cpu];
        if (target != cpu && target.current == task) {
            timers.armReschedule(target, now + costs.ipi);
        }
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
