package io.rseqlab.collector.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Concurrency ids from 6.19 on. As long as a process has no more threads than CPUs it may run on, each thread owns an
 * id from its making to its end, wherever it runs. With more threads CPUs own the ids, and threads have them while they
 * run there. When there are few enough threads again, threads own them again. A thread or CPU whose id is not below the
 * number that the process can make use of gets a lower one, if one is free, when a thread begins to run. Source:
 * mm_cid_schedin in kernel/sched/sched.h, sched_mm_cid_fork, sched_mm_cid_exit and mm_update_max_cids in
 * kernel/sched/core.c. That a change of owners takes time, during which threads have ids for one stay on a CPU only, is
 * left out: here it is done at once.
 */
final class IdsOfThreads implements ConcurrencyIds {
    private final CpuState[] cpus;
    private final IdSpace space;
    private final List<Task> tasks = new ArrayList<>();
    private final int[] ofCpu;
    /** CPUs own the ids. */
    private boolean perCpu;
    /** With fewer threads than this, threads own them again. */
    private int backBelow;

    IdsOfThreads(CpuState[] cpus) {
        this.cpus = cpus;
        space = new IdSpace(cpus.length);
        ofCpu = new int[cpus.length];
        Arrays.fill(ofCpu, NONE);
    }

    @Override
    public void started(Task task) {
        tasks.add(task);
        space.started();
        if (changeOwners()) {
            toCpus();
        } else if (!perCpu) {
            task.ownConcurrencyId = allot();
        }
    }

    @Override
    public void ended(Task task) {
        tasks.remove(task);
        space.ended();
        if (task.ownConcurrencyId != NONE) {
            space.give(task.ownConcurrencyId);
            task.ownConcurrencyId = NONE;
        }
        if (changeOwners()) {
            toThreads(task);
        }
    }

    @Override
    public void allowed(long mask) {
        space.allow(mask);
    }

    /** Decides who owns the ids; true if that is another now. */
    private boolean changeOwners() {
        int most = space.most();
        if (!perCpu && space.threads() > most) {
            perCpu = true;
            backBelow = Math.max(1, Math.min(most - most / 4, cpus.length / 2));
            return true;
        }
        if (perCpu && space.threads() < backBelow) {
            perCpu = false;
            return true;
        }
        return false;
    }

    private void toCpus() {
        for (Task task : tasks) {
            CpuState cpu = cpus[task.cpu];
            if (task.ownConcurrencyId != NONE && cpu.current == task) {
                ofCpu[cpu.id] = task.ownConcurrencyId;
            } else if (task.ownConcurrencyId != NONE) {
                space.give(task.ownConcurrencyId);
            }
            task.ownConcurrencyId = NONE;
        }
    }

    private void toThreads(Task ended) {
        for (CpuState cpu : cpus) {
            if (ofCpu[cpu.id] != NONE && cpu.current != null && cpu.current != ended) {
                cpu.current.ownConcurrencyId = ofCpu[cpu.id];
            } else if (ofCpu[cpu.id] != NONE) {
                space.give(ofCpu[cpu.id]);
            }
            ofCpu[cpu.id] = NONE;
        }
    }

    private int allot() {
        int id = space.lowestFree();
        space.take(id);
        return id;
    }

    @Override
    public void switchedIn(Task task, CpuState cpu, long now) {
        int id = perCpu ? ofCpu[cpu.id] : task.ownConcurrencyId;
        if (id == NONE) {
            id = allot();
        } else if (id >= space.most() && space.lowestFree() < space.most()) {
            space.give(id);
            id = allot();
        }
        if (perCpu) {
            ofCpu[cpu.id] = id;
        } else {
            task.ownConcurrencyId = id;
        }
        task.concurrencyId = id;
    }
}
