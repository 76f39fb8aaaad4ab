package io.rseqlab.collector.machine;

import java.util.Arrays;

/** Tags of one set-associative cache with least-recently-used replacement and, per line, the time its data arrive. */
final class PrivateCache {
    private static final int HINTS = 512;

    private final int ways;
    private final int setMask;
    private final long[] lines;
    private final long[] used;
    private final long[] arrival;
    /** Where lines were found last: most are looked up again. */
    private final int[] lastSlots = new int[HINTS];

    private long clock;

    PrivateCache(int bytes, int ways) {
        this.ways = ways;
        int sets = Integer.highestOneBit(Math.max(1, bytes / 64 / ways));
        setMask = sets - 1;
        lines = new long[sets * ways];
        used = new long[sets * ways];
        arrival = new long[sets * ways];
        Arrays.fill(lines, -1);
    }

    /** Slot of a line, or -1. */
    int find(long line) {
        int hint = (int) line & (HINTS - 1);
        int last = lastSlots[hint];
        if (lines[last] == line) {
            return last;
        }
        int slot = ((int) line & setMask) * ways;
        for (int way = 0; way < ways; way++, slot++) {
            if (lines[slot] == line) {
                lastSlots[hint] = slot;
                return slot;
            }
        }
        return -1;
    }

    void touch(int slot) {
        used[slot] = ++clock;
    }

    long arrival(int slot) {
        return arrival[slot];
    }

    /** Puts a line in, or changes when its data arrive; answers the line it displaced, or -1. */
    long insert(long line, long arrivalUnits) {
        int slot = find(line);
        if (slot < 0) {
            slot = victim(line);
        }
        long displaced = lines[slot] == line ? -1 : lines[slot];
        lines[slot] = line;
        arrival[slot] = arrivalUnits;
        touch(slot);
        return displaced;
    }

    /** An empty slot, else the one used longest ago. */
    private int victim(long line) {
        int first = ((int) line & setMask) * ways;
        int victim = first;
        for (int slot = first; slot < first + ways; slot++) {
            if (lines[slot] < 0) {
                return slot;
            }
            if (used[slot] < used[victim]) {
                victim = slot;
            }
        }
        return victim;
    }

    void remove(long line) {
        int slot = find(line);
        if (slot >= 0) {
            lines[slot] = -1;
            used[slot] = 0;
        }
    }
}
