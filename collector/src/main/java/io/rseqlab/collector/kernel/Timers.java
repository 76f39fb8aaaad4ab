package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;
import java.util.function.LongSupplier;

/** Arms the timers of CPUs. Interrupts are never quite on time: a periodic tick would lock to a periodic loop. */
final class Timers {
    private final KernelOptions options;
    private final Costs costs;
    private final long clockHz;
    private final double noisePerSecond;
    private final double stealsPerSecond;
    private long order;

    Timers(KernelOptions options, Costs costs, MachineProfile profile) {
        this.options = options;
        this.costs = costs;
        clockHz = profile.clockHz();
        noisePerSecond = profile.cost("kernel.noise_per_s");
        stealsPerSecond = profile.costOr("steal.per_s", 0);
    }

    /** Wakes a task at a cycle. */
    void armWakeup(CpuState cpu, long cycle, Task task) {
        task.wakeAt = cycle;
        arm(cpu, cycle, CpuState.Timer.Kind.WAKE, task, 0);
    }

    /** A task's slice extension ends at a cycle. */
    void armSliceEnd(CpuState cpu, long cycle, Task task) {
        arm(cpu, cycle, CpuState.Timer.Kind.SLICE_END, task, 0);
    }

    /** A debugger lets a task go on at a cycle. */
    void armContinue(CpuState cpu, long cycle, Task task) {
        arm(cpu, cycle, CpuState.Timer.Kind.CONTINUE, task, 0);
    }

    /** A new thread begins at a cycle in the place of a task that ends. */
    void armBegin(CpuState cpu, long cycle, Task ended) {
        arm(cpu, cycle, CpuState.Timer.Kind.BEGIN, ended, 0);
    }

    /** A period of the quota ends at a cycle. */
    void armPeriod(CpuState cpu, long cycle) {
        arm(cpu, cycle, CpuState.Timer.Kind.PERIOD, null, 0);
    }

    /** What idle CPUs gave back of the quota is dealt out at a cycle. */
    void armSlack(CpuState cpu, long cycle) {
        arm(cpu, cycle, CpuState.Timer.Kind.SLACK, null, 0);
    }

    /** Makes a CPU look again at a cycle. */
    void armReschedule(CpuState cpu, long cycle) {
        arm(cpu, cycle, CpuState.Timer.Kind.RESCHEDULE, null, 0);
    }

    /** Interrupts a CPU for a task's membarrier. */
    void armMembarrier(CpuState cpu, long cycle, Task caller) {
        arm(cpu, cycle, CpuState.Timer.Kind.MEMBARRIER, caller, 0);
    }

    /** Makes a CPU balance at a cycle. */
    void armBalance(CpuState cpu, long cycle) {
        arm(cpu, cycle, CpuState.Timer.Kind.BALANCE, null, 0);
    }

    /** The first of a task's periodic signals, at a random phase. */
    void armFirstSignal(CpuState cpu, Task task, long now) {
        armSignal(cpu, now + randomBelow(signalPeriod()), task);
    }

    /** The signal after one that came at {@code now}. */
    void armNextSignal(CpuState cpu, CpuState.Timer last, long now) {
        armSignal(cpu, Math.max(now + 1, last.cycle - last.jitter + signalPeriod()), last.task);
    }

    private long signalPeriod() {
        return Math.round(clockHz / options.signalHz());
    }

    private void armSignal(CpuState cpu, long due, Task task) {
        long jitter = costs.timerLateness / 2 + randomBelow(costs.timerLateness + 1);
        arm(cpu, due + jitter, CpuState.Timer.Kind.SIGNAL, task, jitter);
    }

    /**
     * Of the times that kernel threads wake up, the share that a tick's own work brings about: timers that expire,
     * grace periods. Seen on 6.18.44 with two busy CPUs: of some 50 a second 24 were rcu_preempt's, of which 70 % fell
     * into the tick, 21 kworkers', of which a third did, and all of kcompactd's and kdamond's.
     */
    private static final double NOISE_AT_TICKS = 0.56;

    /** Whether a tick brings about that a background kernel thread wants the CPU. */
    boolean noiseAtTick(long tickPeriod) {
        double expected = noisePerSecond * NOISE_AT_TICKS * tickPeriod / clockHz;
        return options.noise() && uniform() < expected;
    }

    private double uniform() {
        return ((options.random().getAsLong() >>> 11) + 0.5) * 0x1.0p-53;
    }

    /** The next time that one wants the CPU apart from ticks: exponentially distributed gaps. */
    void armNoise(CpuState cpu, long now) {
        if (noisePerSecond > 0) {
            armAtRandom(cpu, now, noisePerSecond * (1 - NOISE_AT_TICKS), CpuState.Timer.Kind.NOISE);
        }
    }

    /**
     * The next time that the host takes a CPU away: exponentially distributed gaps. The kernel does not know of it, and
     * nobody is aborted for it; what the thread holds is held meanwhile.
     */
    void armSteal(CpuState cpu, long now) {
        if (stealsPerSecond > 0) {
            armAtRandom(cpu, now, stealsPerSecond, CpuState.Timer.Kind.STEAL);
        }
    }

    private void armAtRandom(CpuState cpu, long now, double ratePerSecond, CpuState.Timer.Kind kind) {
        long gap = Math.round(-Math.log(uniform()) / ratePerSecond * clockHz);
        arm(cpu, now + Math.max(1, gap), kind, null, 0);
    }

    private void arm(CpuState cpu, long cycle, CpuState.Timer.Kind kind, Task task, long jitter) {
        cpu.timers.add(new CpuState.Timer(cycle, order++, kind, task, jitter));
        if (cpu.current == null) {
            cpu.core.wakeIdle(cycle);
        } else {
            cpu.core.interruptAt = Math.min(cpu.core.interruptAt, cycle);
        }
    }

    /** How late a tick comes. */
    long tickJitter(long tickPeriod) {
        return randomBelow(Math.min(costs.tickJitter, tickPeriod / 8) + 1);
    }

    /** A uniform number from 0 to below the bound. */
    long randomBelow(long bound) {
        LongSupplier random = options.random();
        return Long.remainderUnsigned(random.getAsLong(), bound);
    }
}
