package io.rseqlab.collector.published;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which area a thread uses. The forms of the kernel's concurrency id (mm_cid), for threads that do not leave their CPU:
 *
 * <ul>
 *   <li>{@link Form#CPU}: the number of the CPU.
 *   <li>{@link Form#MM_CID}: Linux 6.3 to 6.12. A CPU keeps the id it was given; at most every 100 ms a thread that
 *       runs looks for CPUs that have not used theirs for 100 ms, and for ids beyond their number, and takes these
 *       away. A CPU without an id gets the lowest that is free.
 *   <li>{@link Form#CACHE_LOCAL}: from 6.13 on. Ids are taken away in the same way, but a CPU is given its last one
 *       again if that is free, else a new one as long as there are fewer than threads and CPUs, else the lowest free.
 * </ul>
 *
 * Source: {@code mm_cid_get} in kernel/sched/sched.h and {@code task_mm_cid_work} in kernel/sched/core.c. In the kernel
 * the look-out needs a tick that meets a running thread of the process; here it takes place whenever it is due and a
 * thread runs.
 */
public final class ConcurrencyIds {
    /** What an area is chosen by. */
    public enum Form {
        CPU,
        MM_CID,
        CACHE_LOCAL
    }

    private static final double PERIOD_SECONDS = 0.1;
    private static final int NONE = -1;

    private final Form form;
    private final int most;
    private final long periodCycles;
    private final int[] idOfCpu;
    private final int[] lastOfCpu;
    private final long[] usedAt;
    private final BitSet taken = new BitSet();
    private int given;
    private long nextLook;

    /**
     * @param cpus CPUs of the machine
     * @param threads threads, each with a CPU of its own
     * @param clockHz cycles in a second
     */
    ConcurrencyIds(Form form, int cpus, int threads, long clockHz) {
        this.form = form;
        most = threads;
        periodCycles = Math.round(PERIOD_SECONDS * clockHz);
        idOfCpu = new int[cpus];
        lastOfCpu = new int[cpus];
        usedAt = new long[cpus];
        Arrays.fill(idOfCpu, NONE);
        Arrays.fill(lastOfCpu, NONE);
    }

    /** The number of the area for a thread that begins to run on a CPU. */
    int enter(int cpu, long now) {
        if (form == Form.CPU) {
            return cpu;
        }
        if (idOfCpu[cpu] == NONE) {
            idOfCpu[cpu] = free(cpu);
            taken.set(idOfCpu[cpu]);
        }
        lastOfCpu[cpu] = idOfCpu[cpu];
        usedAt[cpu] = now;
        int id = idOfCpu[cpu];
        if (now >= nextLook) {
            nextLook = now + periodCycles;
            takeAway(cpu, now);
        }
        return id;
    }

    private int free(int cpu) {
        if (form == Form.CACHE_LOCAL) {
            if (lastOfCpu[cpu] != NONE && !taken.get(lastOfCpu[cpu])) {
                return lastOfCpu[cpu];
            }
            if (given < most) {
                return given++;
            }
        }
        return taken.nextClearBit(0);
    }

    private void takeAway(int running, long now) {
        int inUse = taken.cardinality();
        for (int cpu = 0; cpu < idOfCpu.length; cpu++) {
            int id = idOfCpu[cpu];
            boolean old = now - usedAt[cpu] >= periodCycles;
            if (id != NONE && cpu != running && (old || form == Form.MM_CID && id >= inUse)) {
                idOfCpu[cpu] = NONE;
                taken.clear(id);
            }
        }
    }
}
