package io.rseqlab.collector.kernel;

/**
 * Earliest eligible virtual deadline first, as of Linux 6.18: virtual time advances by run time over weight; a task is
 * eligible if it is not ahead of the weighted average; the eligible task with the earliest deadline runs. With
 * RUN_TO_PARITY the running task is protected for its slice; HRTICK is off, so the end of a slice is noticed at the
 * tick. PLACE_LAG keeps a sleeper's lag. sched_yield forfeits the rest of the slice. Source: kernel/sched/fair.c and
 * Documentation/scheduler/sched-eevdf.rst. DELAY_DEQUEUE is not modelled.
 */
final class Eevdf implements Scheduler {
    private static final long NICE_0_WEIGHT = 1024;

    private final long baseSliceCycles;
    private long sliceCycles;

    /** The base slice is 0.70 ms times 1 + log2 of the CPUs, at most of 8. */
    Eevdf(int cpus, long clockHz) {
        int factor = 1 + (31 - Integer.numberOfLeadingZeros(Math.min(cpus, 8)));
        baseSliceCycles = Math.round(0.0007 * factor * clockHz);
        sliceCycles = baseSliceCycles;
    }

    @Override
    public void shortenSlice(long cycles) {
        sliceCycles = Math.min(baseSliceCycles, cycles);
    }

    private static long scaled(long cycles, Task task) {
        return task.weight == NICE_0_WEIGHT ? cycles : cycles * NICE_0_WEIGHT / task.weight;
    }

    @Override
    public void enqueue(CpuState cpu, Task task, long now, boolean initial) {
        account(cpu, now);
        place(cpu, task, initial);
        cpu.queue.add(task);
    }

    private void place(CpuState cpu, Task task, boolean initial) {
        long totalWeight = totalWeight(cpu);
        long lag = initial ? 0 : task.lag;
        if (lag != 0 && totalWeight > 0) {
            // Joining moves the average towards the task: inflate the lag so that it is kept.
            lag = lag * (totalWeight + task.weight) / totalWeight;
        }
        task.vruntime = average(cpu) - lag;
        long slice = scaled(sliceCycles, task);
        task.deadline = task.vruntime + (initial ? slice / 2 : slice);
    }

    @Override
    public void dequeue(CpuState cpu, Task task, long now) {
        account(cpu, now);
        saveLag(cpu, task);
        cpu.queue.remove(task);
    }

    @Override
    public boolean tick(CpuState cpu, long now) {
        account(cpu, now);
        Task current = cpu.current;
        boolean sliceOver = current.vruntime >= current.deadline;
        if (sliceOver) {
            current.deadline = current.vruntime + scaled(sliceCycles, current);
        }
        return !cpu.queue.isEmpty() && (sliceOver || current.vruntime >= current.protectedUntil);
    }

    @Override
    public boolean preempts(CpuState cpu, Task woken, long now) {
        account(cpu, now);
        Task current = cpu.current;
        return current != null && current.vruntime >= current.protectedUntil && earliest(cpu) == woken;
    }

    @Override
    public void yield(CpuState cpu, long now) {
        account(cpu, now);
        Task current = cpu.current;
        if (cpu.queue.isEmpty()) {
            return;
        }
        if (eligible(cpu, current)) {
            current.vruntime = current.deadline;
            current.deadline += scaled(sliceCycles, current);
        }
        current.protectedUntil = current.vruntime;
    }

    @Override
    public void block(CpuState cpu, Task task, long now) {
        account(cpu, now);
        saveLag(cpu, task);
    }

    @Override
    public Task choose(CpuState cpu, long now, boolean avoidCurrent) {
        account(cpu, now);
        Task current = cpu.current;
        boolean canStay = current != null && current.state == Task.State.RUNNABLE;
        if (canStay && !avoidCurrent && current.vruntime < current.protectedUntil) {
            return current;
        }
        if (cpu.queue.isEmpty()) {
            return canStay ? current : null;
        }
        Task next = canStay && !avoidCurrent ? earliest(cpu) : earliestQueued(cpu);
        if (next != current) {
            cpu.queue.remove(next);
            if (canStay) {
                cpu.queue.add(current);
            }
            next.protectedUntil = Math.min(next.deadline, next.vruntime + scaled(sliceCycles, next));
            next.accountedTo = now;
        }
        return next;
    }

    /** Charges the running task for its time since it was last charged. */
    private static void account(CpuState cpu, long now) {
        Task current = cpu.current;
        if (current != null && current.state == Task.State.RUNNABLE && now > current.accountedTo) {
            current.vruntime += scaled(now - current.accountedTo, current);
            current.accountedTo = now;
        }
    }

    private Task earliest(CpuState cpu) {
        Task best = earliestQueued(cpu);
        Task current = cpu.current;
        boolean stays = current != null && current.state == Task.State.RUNNABLE && eligible(cpu, current);
        return stays && (best == null || !eligible(cpu, best) || current.deadline <= best.deadline) ? current : best;
    }

    /** The queued task that is eligible with the earliest deadline; if none is eligible, the one least ahead. */
    private Task earliestQueued(CpuState cpu) {
        long average = average(cpu);
        Task best = null;
        Task leastAhead = null;
        for (Task task : cpu.queue) {
            if (task.vruntime <= average && (best == null || task.deadline < best.deadline)) {
                best = task;
            }
            if (leastAhead == null || task.vruntime < leastAhead.vruntime) {
                leastAhead = task;
            }
        }
        return best != null ? best : leastAhead;
    }

    private boolean eligible(CpuState cpu, Task task) {
        return task.vruntime <= average(cpu);
    }

    private void saveLag(CpuState cpu, Task task) {
        long limit = 2 * scaled(sliceCycles, task);
        task.lag = Math.max(-limit, Math.min(limit, average(cpu) - task.vruntime));
    }

    private static long totalWeight(CpuState cpu) {
        long weight = cpu.current != null && cpu.current.state == Task.State.RUNNABLE ? cpu.current.weight : 0;
        for (Task task : cpu.queue) {
            weight += task.weight;
        }
        return weight;
    }

    /** Weighted average of virtual time over all runnable tasks of the CPU. */
    private static long average(CpuState cpu) {
        Task current = cpu.current;
        boolean counts = current != null && current.state == Task.State.RUNNABLE;
        Task reference = counts ? current : cpu.queue.isEmpty() ? null : cpu.queue.get(0);
        if (reference == null) {
            return current == null ? 0 : current.vruntime;
        }
        long base = reference.vruntime;
        long sum = 0;
        for (Task task : cpu.queue) {
            sum += (task.vruntime - base) * task.weight;
        }
        return base + Math.floorDiv(sum, totalWeight(cpu));
    }
}
