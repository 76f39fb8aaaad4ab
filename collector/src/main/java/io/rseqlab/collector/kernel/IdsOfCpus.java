package io.rseqlab.collector.kernel;

import java.util.Arrays;

/**
 * Concurrency ids up to 6.18. A CPU keeps the id that it was given for the process; whoever of its threads runs there
 * has it. A thread that moves takes an id along that nobody else uses, if its new CPU has none. Every 100 ms a running
 * thread takes ids from CPUs that have not used theirs for as long, and then those that are not below the number of ids
 * in use; where a thread runs with one, the CPU gives it up at its next switch. A CPU without an id gets the lowest
 * that is free; from 6.13 on its last one if that is free, or else one that was never used, as long as there are fewer
 * of those than threads and CPUs. Source: mm_cid_get in kernel/sched/sched.h, task_mm_cid_work and
 * sched_mm_cid_migrate_to in kernel/sched/core.c, before the rewrite of 6.19.
 */
final class IdsOfCpus implements ConcurrencyIds {
    private final CpuState[] cpus;
    private final long period;
    private final boolean remembers;
    private final IdSpace space;
    private final int[] held;
    /** The id is to be given up at the next switch. */
    private final boolean[] lazy;

    private final long[] usedAt;
    private final int[] recent;
    /** Ids from 0 up that were handed out at some time. */
    private int known;

    /**
     * @param period cycles after which an id that was not used is taken away
     * @param remembers CPUs are given their last id again: from 6.13 on
     */
    IdsOfCpus(CpuState[] cpus, long period, boolean remembers) {
        this.cpus = cpus;
        this.period = period;
        this.remembers = remembers;
        space = new IdSpace(cpus.length);
        held = new int[cpus.length];
        recent = new int[cpus.length];
        lazy = new boolean[cpus.length];
        usedAt = new long[cpus.length];
        Arrays.fill(held, NONE);
        Arrays.fill(recent, NONE);
    }

    @Override
    public void started(Task task) {
        space.started();
    }

    @Override
    public void ended(Task task) {
        space.ended();
        giveUp(task.cpu);
        task.lastConcurrencyId = NONE;
    }

    @Override
    public void allowed(long mask) {
        space.allow(mask);
    }

    @Override
    public void switchedOut(Task task, CpuState cpu, long now) {
        usedAt[cpu.id] = now;
        if (lazy[cpu.id]) {
            giveUp(cpu.id);
        }
    }

    @Override
    public void switchedIn(Task task, CpuState cpu, long now) {
        if (held[cpu.id] == NONE) {
            held[cpu.id] = allot(cpu.id);
            recent[cpu.id] = held[cpu.id];
        }
        usedAt[cpu.id] = now;
        task.concurrencyId = held[cpu.id];
        task.lastConcurrencyId = held[cpu.id];
    }

    private int allot(int cpu) {
        if (remembers) {
            known = Math.min(known, space.most());
            if (recent[cpu] != NONE && recent[cpu] < known && space.take(recent[cpu])) {
                return recent[cpu];
            }
            while (known < space.most()) {
                if (space.take(known++)) {
                    return known - 1;
                }
            }
        }
        int id = space.lowestFree();
        space.take(id);
        return id;
    }

    private void giveUp(int cpu) {
        lazy[cpu] = false;
        if (held[cpu] != NONE) {
            space.give(held[cpu]);
            held[cpu] = NONE;
        }
    }

    @Override
    public void migrated(Task task, CpuState from, CpuState to, long now) {
        boolean set = held[to.id] != NONE || remembers && recent[to.id] != NONE;
        int id = held[from.id];
        if (set && space.threads() >= space.allowedCpus() || id == NONE || lazy[from.id]) {
            return;
        }
        if (task.lastConcurrencyId != id) {
            return;
        }
        if (from.current != null && from.current != task) {
            task.lastConcurrencyId = NONE;
            return;
        }
        recent[from.id] = NONE;
        if (set) {
            giveUp(from.id);
            return;
        }
        held[from.id] = NONE;
        held[to.id] = id;
        recent[to.id] = id;
        usedAt[to.id] = now;
    }

    @Override
    public void scan(long now) {
        for (CpuState cpu : cpus) {
            if (cpu.current != null) {
                usedAt[cpu.id] = now;
            } else if (now >= usedAt[cpu.id] + period) {
                giveUp(cpu.id);
            }
        }
        int inUse = space.count();
        for (CpuState cpu : cpus) {
            if (held[cpu.id] >= inUse) {
                takeAway(cpu);
            }
        }
    }

    private void takeAway(CpuState cpu) {
        if (cpu.current == null) {
            giveUp(cpu.id);
        } else {
            lazy[cpu.id] = true;
        }
    }
}
