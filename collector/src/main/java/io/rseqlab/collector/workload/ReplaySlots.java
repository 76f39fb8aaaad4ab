package io.rseqlab.collector.workload;

import java.util.Arrays;

/**
 * Gives every live object of a replayed trace a slot: a word of the program's memory that holds its address. A thread
 * takes again the slot that it emptied last, so that slots by themselves make no thread wait for another; else one that
 * somebody emptied long ago, so that there are not more slots than objects live at once and a few; else a new one, on a
 * cache line that no other thread takes slots from.
 */
final class ReplaySlots {
    /** Slots of a cache line. */
    static final int PER_LINE = 8;

    /** Calls after which a slot that another thread emptied may be taken: the wait it may cause is long over then. */
    private static final int LONG_AGO = 4096;

    private final long[][] stacks;
    private final int[] heights;
    private final int[] lineOf;
    /** How often each slot was emptied and taken; odd while it is taken. */
    private int[] version = new int[1024];

    private long[] queue = new long[1024];
    private int[] queuedAt = new int[1024];
    private int queueHead;
    private int queueTail;
    private int slots;

    ReplaySlots(int threads) {
        stacks = new long[threads][16];
        heights = new int[threads];
        lineOf = new int[threads];
        Arrays.fill(lineOf, -1);
    }

    /** A slot for an object that a thread allocates by the call of that number. */
    int take(int thread, int call) {
        int slot = own(thread);
        if (slot < 0) {
            slot = old(call);
        }
        if (slot < 0) {
            slot = fresh(thread);
        }
        version[slot]++;
        return slot;
    }

    private int own(int thread) {
        while (heights[thread] > 0) {
            long entry = stacks[thread][--heights[thread]];
            if (valid(entry)) {
                return (int) entry;
            }
        }
        return -1;
    }

    private int old(int call) {
        while (queueHead != queueTail) {
            long entry = queue[queueHead];
            boolean valid = valid(entry);
            if (valid && call - queuedAt[queueHead] < LONG_AGO) {
                return -1;
            }
            queueHead = queueHead + 1 & queue.length - 1;
            if (valid) {
                return (int) entry;
            }
        }
        return -1;
    }

    private int fresh(int thread) {
        int next = lineOf[thread];
        if (next < 0) {
            next = slots;
            slots += PER_LINE;
            if (slots > version.length) {
                version = Arrays.copyOf(version, 2 * version.length);
            }
        }
        lineOf[thread] = next % PER_LINE == PER_LINE - 1 ? -1 : next + 1;
        return next;
    }

    private boolean valid(long entry) {
        return version[(int) entry] == (int) (entry >>> 32);
    }

    /** A thread empties a slot by the call of that number. */
    void empty(int slot, int thread, int call) {
        long entry = (long) ++version[slot] << 32 | slot;
        if (heights[thread] == stacks[thread].length) {
            stacks[thread] = Arrays.copyOf(stacks[thread], 2 * heights[thread]);
        }
        stacks[thread][heights[thread]++] = entry;
        queue[queueTail] = entry;
        queuedAt[queueTail] = call;
        queueTail = queueTail + 1 & queue.length - 1;
        if (queueTail == queueHead) {
            grow();
        }
    }

    private void grow() {
        int length = queue.length;
        long[] entries = new long[2 * length];
        int[] calls = new int[2 * length];
        for (int i = 0; i < length; i++) {
            entries[i] = queue[queueHead + i & length - 1];
            calls[i] = queuedAt[queueHead + i & length - 1];
        }
        queue = entries;
        queuedAt = calls;
        queueHead = 0;
        queueTail = length;
    }

    /** Slots there are. */
    int count() {
        return slots;
    }
}
