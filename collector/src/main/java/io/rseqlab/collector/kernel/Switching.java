package io.rseqlab.collector.kernel;

import io.rseqlab.trace.Cause;

/** Takes tasks off CPUs and puts others on; wakes them. */
final class Switching {
    private final CpuState[] cpus;
    private final Costs costs;
    private final Scheduler scheduler;
    private final Placement placement;
    private final Balancing balancer;
    private final Timers timers;
    private final Ticks ticks;
    private final ConcurrencyIds ids;
    private final KernelTrace trace;

    Switching(
            CpuState[] cpus,
            Costs costs,
            Scheduler scheduler,
            Placement placement,
            Balancing balancer,
            Timers timers,
            Ticks ticks,
            ConcurrencyIds ids,
            KernelTrace trace) {
        this.cpus = cpus;
        this.costs = costs;
        this.scheduler = scheduler;
        this.placement = placement;
        this.balancer = balancer;
        this.timers = timers;
        this.ticks = ticks;
        this.ids = ids;
        this.trace = trace;
    }

    /** Makes a task runnable, on the CPU that placement finds; answers what telling that CPU costs this one. */
    long wake(Task task, CpuState waker, long now) {
        task.wanting.set(now, true);
        task.runnableFrom = now;
        if (task.dequeueDelayed && mustMove(task)) {
            leaveQueue(cpus[task.cpu], task, now);
        }
        CpuState target = task.dequeueDelayed ? cpus[task.cpu] : placement.forWaking(task, waker, now);
        if (task.dequeueDelayed) {
            scheduler.requeue(target, task, now);
            task.state = Task.State.RUNNABLE;
        } else {
            task.state = Task.State.RUNNABLE;
            placement.move(task, cpus[task.cpu], target, now);
            scheduler.enqueue(target, task, now, false);
        }
        trace.wakeup(now, waker, task, target.id);
        return announce(target, waker, task, now);
    }

    private long announce(CpuState target, CpuState waker, Task task, long now) {
        if (target.current == null) {
            target.core.wakeIdle(target == waker ? now : now + costs.wakeIdle);
            return target == waker ? 0 : costs.ipiSend;
        }
        if (scheduler.preempts(target, task, now, target != waker)) {
            target.needResched = true;
            if (target != waker) {
                timers.armReschedule(target, now + costs.ipi);
                return costs.ipiSend;
            }
        }
        return 0;
    }

    /** The running task gives way to another, if there is one; answers the cycle at which the CPU can go on. */
    long yield(CpuState cpu, long now) {
        scheduler.yield(cpu, now);
        if (cpu.queue.isEmpty()) {
            return now + costs.yield;
        }
        trace.switchOutReason(KernelTrace.YIELDED);
        return switchTo(cpu, scheduler.choose(cpu, now, false), now + costs.yield);
    }

    /** The running task waits; answers the cycle at which the CPU can go on. */
    long block(CpuState cpu, Task task, long now) {
        scheduler.block(cpu, task, now);
        task.wanting.set(now, false);
        task.state = Task.State.BLOCKED;
        return switchAway(cpu, now, KernelTrace.BLOCKED);
    }

    /** The running task cannot go on: another takes its place, or none. */
    long switchAway(CpuState cpu, long now, String reason) {
        trace.switchOutReason(reason);
        return switchTo(cpu, chooseOrPull(cpu, now), now);
    }

    /** The running task is switched out though it could go on, if there is another. */
    long preempt(CpuState cpu, long now) {
        return switchTo(cpu, scheduler.choose(cpu, now, true), now);
    }

    /**
     * Serves what asks for another task to run before user mode is entered. A kernel thread comes before the tasks: the
     * choice behind it is the one that was asked for.
     */
    long reschedule(CpuState cpu, long now) {
        long clock = cpu.current != null && mustMove(cpu.current) ? moveAway(cpu, now) : now;
        if (cpu.noisePending && cpu.current != null) {
            cpu.noisePending = false;
            return backgroundThread(cpu, clock);
        }
        cpu.noisePending = false;
        if (cpu.needResched || cpu.current == null) {
            if (cpu.current != null) {
                trace.switchOutReason(KernelTrace.PREEMPTED);
            }
            clock = switchTo(cpu, chooseOrPull(cpu, clock), clock);
        }
        return clock;
    }

    private static boolean mustMove(Task task) {
        return task.pinnedCpu >= 0 && task.pinnedCpu != task.cpu;
    }

    /**
     * A task that may not stay where it runs is switched out in favour of the CPU's migration thread, which moves it.
     */
    private long moveAway(CpuState cpu, long now) {
        Task task = cpu.current;
        CpuState target = cpus[task.pinnedCpu];
        scheduler.block(cpu, task, now);
        task.state = Task.State.BLOCKED;
        if (task.dequeueDelayed) {
            leaveQueue(cpu, task, now);
        }
        long clock = switchAway(cpu, now, KernelTrace.PREEMPTED);
        task.state = Task.State.RUNNABLE;
        placement.move(task, cpu, target, now);
        scheduler.enqueue(target, task, now, false);
        announce(target, cpu, task, now);
        return clock + costs.switching;
    }

    /** A task that has stopped running but is still in the queue leaves it. */
    private void leaveQueue(CpuState cpu, Task task, long now) {
        scheduler.requeue(cpu, task, now);
        scheduler.dequeue(cpu, task, now);
    }

    private Task chooseOrPull(CpuState cpu, long now) {
        Task next = scheduler.choose(cpu, now, false);
        if (next != null) {
            return next;
        }
        balancer.pullForIdle(cpu, now);
        return scheduler.choose(cpu, now, false);
    }

    /**
     * Makes {@code next} the running task, null for idle; answers the cycle at which it can go on. A task that another
     * CPU is still waking or switching out, at the end of what that has begun, is waited for.
     */
    private long switchTo(CpuState cpu, Task next, long asked) {
        long now = next == null ? asked : Math.max(asked, Math.max(next.runnableFrom, next.lastRan));
        Task previous = cpu.current;
        cpu.needResched = false;
        cpu.noisePending |= cpu.noisePostponed;
        cpu.noisePostponed = false;
        if (next == previous) {
            return now;
        }
        EventLog.Ref ref = trace.switched(now, cpu.id, previous, next);
        if (previous != null) {
            leaves(cpu, previous, now);
            previous.disturbed(Cause.PREEMPTION, ref);
        }
        cpu.current = next;
        cpu.busy.set(now, next != null);
        if (next == null) {
            return now;
        }
        runs(cpu, next, now);
        if (previous == null) {
            ticks.skipMissed(cpu, now);
        }
        return now + costs.switching;
    }

    /** A kernel thread of the CPU runs for a moment in place of the running task; then the scheduler chooses anew. */
    private long backgroundThread(CpuState cpu, long now) {
        Task task = cpu.current;
        task.disturbed(Cause.PREEMPTION, trace.background(now, cpu.id, task, true));
        long end = now + costs.switching + costs.noiseRun;
        Task next = scheduler.afterBackground(cpu, now, end);
        trace.background(end, cpu.id, next, false);
        if (next != task) {
            leaves(cpu, task, now);
            runs(cpu, next, end);
        }
        return end + costs.switching;
    }

    private void leaves(CpuState cpu, Task task, long now) {
        task.lastRan = now;
        task.running.set(now, false);
        ids.switchedOut(task, cpu, now);
    }

    private void runs(CpuState cpu, Task task, long now) {
        cpu.current = task;
        task.accountedTo = now;
        task.running.set(now, true);
        ids.switchedIn(task, cpu, now);
    }
}
