package io.rseqlab.collector.kernel;

/**
 * Earliest eligible virtual deadline first, as of Linux 6.18. Virtual time advances by run time over weight; a task is
 * eligible if it is not ahead of the weighted average; of the eligible tasks the one with the earliest deadline runs.
 *
 * <ul>
 *   <li>RUN_TO_PARITY: an eligible running task is protected up to the deadline that it had when it was put on the CPU.
 *   <li>A running task gives way when its slice is used up or its protection has ended. That is noticed where its time
 *       is accounted: at the tick (HRTICK is off), and where another task is put on the queue.
 *   <li>PLACE_LAG: a task comes back with the lag it left with, inflated because joining moves the average; a new one
 *       starts with half a slice to its deadline (PLACE_DEADLINE_INITIAL); one that changes its CPU keeps the distance
 *       to its deadline (PLACE_REL_DEADLINE).
 *   <li>DELAY_DEQUEUE: a task that goes to sleep while ahead of the average stays in the queue, and counts, until it is
 *       picked; woken before that, it is put at the average of the others if that is better for it (DELAY_ZERO). The
 *       running task's time is not accounted first, so the woken task mostly comes out ahead of it.
 *   <li>sched_yield gives up the rest of the slice: an eligible task's virtual time jumps to its deadline.
 * </ul>
 *
 * Every task has the base slice, so that PREEMPT_SHORT has nothing to do; NEXT_BUDDY is off. Source:
 * kernel/sched/fair.c, kernel/sched/features.h, Documentation/scheduler/sched-eevdf.rst.
 */
final class Eevdf implements Scheduler {
    private final long baseSliceCycles;
    private final long tickCycles;
    private long sliceCycles;

    /**
     * The base slice is 0.70 ms times 1 + log2 of the CPUs, at most of 8.
     *
     * @param tickCycles the usual time between ticks: a lag is never larger than that or two slices
     */
    Eevdf(int cpus, long clockHz, long tickCycles) {
        int factor = 1 + (31 - Integer.numberOfLeadingZeros(Math.min(cpus, 8)));
        baseSliceCycles = Math.round(0.0007 * factor * clockHz);
        sliceCycles = baseSliceCycles;
        this.tickCycles = tickCycles;
    }

    @Override
    public void shortenSlice(long cycles) {
        sliceCycles = Math.min(baseSliceCycles, cycles);
    }

    private static long scaled(long cycles, Task task) {
        return task.weight == NiceWeights.NICE_0 ? cycles : cycles * NiceWeights.NICE_0 / task.weight;
    }

    private long slice(Task task) {
        return scaled(sliceCycles, task);
    }

    private static Task running(CpuState cpu) {
        Task current = cpu.current;
        return current != null && current.state == Task.State.RUNNABLE ? current : null;
    }

    // ---- coming and going

    @Override
    public void enqueue(CpuState cpu, Task task, long now, boolean initial) {
        account(cpu, now);
        place(cpu, task, initial);
        add(cpu, task);
    }

    private static void add(CpuState cpu, Task task) {
        cpu.queue.add(task);
        cpu.virtualTime.add(task);
    }

    private static void remove(CpuState cpu, Task task) {
        cpu.queue.remove(task);
        cpu.virtualTime.remove(task);
    }

    private void place(CpuState cpu, Task task, boolean initial) {
        Task running = running(cpu);
        long load = cpu.virtualTime.weight() + (running == null ? 0 : running.weight);
        long lag = load == 0 || initial ? 0 : task.lag * (load + task.weight) / load;
        task.vruntime = cpu.virtualTime.average(running) - lag;
        if (task.deadlineIsRelative) {
            task.deadlineIsRelative = false;
            task.deadline += task.vruntime;
        } else {
            task.deadline = task.vruntime + (initial ? slice(task) / 2 : slice(task));
        }
    }

    @Override
    public void dequeue(CpuState cpu, Task task, long now) {
        account(cpu, now);
        saveLag(cpu, task);
        task.deadline -= task.vruntime;
        task.deadlineIsRelative = true;
        remove(cpu, task);
    }

    @Override
    public void block(CpuState cpu, Task task, long now) {
        account(cpu, now);
        saveLag(cpu, task);
        if (!cpu.virtualTime.eligible(task, task)) {
            task.dequeueDelayed = true;
            cpu.delayed++;
            add(cpu, task);
        }
    }

    @Override
    public void park(CpuState cpu, long now) {
        account(cpu, now);
        add(cpu, cpu.current);
    }

    @Override
    public void requeue(CpuState cpu, Task task, long now) {
        saveLag(cpu, task);
        if (task.lag > 0) {
            remove(cpu, task);
            task.lag = 0;
            place(cpu, task, false);
            add(cpu, task);
        }
        task.dequeueDelayed = false;
        cpu.delayed--;
    }

    /** A sleeping task that was picked leaves the queue at last; it is owed nothing for the time it slept. */
    private void finishDequeue(CpuState cpu, Task task) {
        saveLag(cpu, task);
        task.lag = Math.min(0, task.lag);
        task.dequeueDelayed = false;
        cpu.delayed--;
        remove(cpu, task);
    }

    private void saveLag(CpuState cpu, Task task) {
        long limit = scaled(Math.max(2 * sliceCycles, tickCycles), task);
        long lag = cpu.virtualTime.average(running(cpu)) - task.vruntime;
        task.lag = Math.max(-limit, Math.min(limit, lag));
    }

    // ---- the running task

    /**
     * Charges the running task for its time since it was last charged; asks for another if it has had its turn. Where
     * no time has passed nothing is asked for: a thread that has just been put into the queue, before which the running
     * one was charged, does not preempt it because its turn is over, but only if it comes first, or else at the tick.
     * Source: the order of update_curr in enqueue_entity and check_preempt_wakeup_fair.
     */
    private void account(CpuState cpu, long now) {
        Task running = running(cpu);
        if (running == null || now <= running.accountedTo) {
            return;
        }
        running.vruntime += scaled(now - running.accountedTo, running);
        running.accountedTo = now;
        boolean sliceOver = running.vruntime >= running.deadline;
        if (sliceOver) {
            running.deadline = running.vruntime + slice(running);
        }
        if (!cpu.queue.isEmpty() && (sliceOver || running.vruntime >= running.protectedUntil)) {
            cpu.needResched = true;
        }
    }

    @Override
    public boolean tick(CpuState cpu, long now) {
        account(cpu, now);
        return cpu.needResched;
    }

    @Override
    public boolean preempts(CpuState cpu, Task woken, long now, boolean remote) {
        account(cpu, now);
        return cpu.needResched || pick(cpu, running(cpu)) == woken;
    }

    @Override
    public void yield(CpuState cpu, long now) {
        if (cpu.runnable() == 1) {
            return;
        }
        account(cpu, now);
        Task current = cpu.current;
        if (cpu.virtualTime.eligible(current, current)) {
            current.vruntime = current.deadline;
            current.deadline += slice(current);
        }
    }

    @Override
    public Task choose(CpuState cpu, long now, boolean avoidCurrent) {
        account(cpu, now);
        Task running = running(cpu);
        Task next = pickAwake(cpu, running, avoidCurrent);
        if (next != null && next != running) {
            remove(cpu, next);
            if (running != null) {
                add(cpu, running);
            }
            next.protectedUntil = next.deadline;
            next.accountedTo = now;
        }
        return next;
    }

    /**
     * The choice is made anew, and whoever is chosen is protected from now on: the kernel thread ended the protection
     * of the task that it took the CPU from.
     */
    @Override
    public Task afterBackground(CpuState cpu, long from, long end) {
        account(cpu, from);
        Task interrupted = cpu.current;
        interrupted.accountedTo = end;
        interrupted.protectedUntil = interrupted.vruntime;
        Task next = choose(cpu, end, false);
        next.protectedUntil = next.deadline;
        cpu.needResched = false;
        return next;
    }

    private Task pickAwake(CpuState cpu, Task running, boolean avoidCurrent) {
        while (true) {
            Task next = avoidCurrent && !cpu.queue.isEmpty() ? earliest(cpu, running) : pick(cpu, running);
            if (next == null || !next.dequeueDelayed) {
                return next;
            }
            finishDequeue(cpu, next);
        }
    }

    private static Task pick(CpuState cpu, Task running) {
        if (cpu.queue.isEmpty()) {
            return running;
        }
        boolean stays = running != null && cpu.virtualTime.eligible(running, running);
        if (stays && running.vruntime < running.protectedUntil) {
            return running;
        }
        Task best = earliest(cpu, running);
        boolean eligible = cpu.virtualTime.eligible(running, best);
        return stays && (!eligible || running.deadline < best.deadline) ? running : best;
    }

    /** The queued task that is eligible with the earliest deadline; if none is eligible, the one least ahead. */
    private static Task earliest(CpuState cpu, Task running) {
        Task best = null;
        Task leastAhead = null;
        for (Task task : cpu.queue) {
            if ((best == null || task.deadline < best.deadline) && cpu.virtualTime.eligible(running, task)) {
                best = task;
            }
            if (leastAhead == null || task.vruntime < leastAhead.vruntime) {
                leastAhead = task;
            }
        }
        return best != null ? best : leastAhead;
    }
}
