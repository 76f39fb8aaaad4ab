package io.rseqlab.collector.machine;

import java.util.Arrays;

/** Tags of one set-associative cache with least-recently-used replacement and, per line, the time its data arrive. */
final class PrivateCache {
    private final int ways;
    private final int setMask;
    private final long[] lines;
    private final long[] used;
    private final long[] arrival;
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
        int slot = ((int) line & setMask) * ways;
        for (int way = 0; way < ways; way++, slot++) {
            if (lines[slot] == line) {
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

    /** Puts a line in; answers the line it displaced, or -1. */
    long insert(long line, long arrivalUnits) {
        int first = ((int) line & setMask) * ways;
        int victim = first;
        for (int slot = first; slot < first + ways; slot++) {
            if (lines[slot] == line || lines[slot] < 0) {
                victim = slot;
                break;
            }
            if (used[slot] < used[victim]) {
                victim = slot;
            }
        }
        long displaced = lines[victim] == line ? -1 : lines[victim];
        lines[victim] = line;
        arrival[victim] = arrivalUnits;
        touch(victim);
        return displaced;
    }

    void remove(long line) {
        int slot = find(line);
        if (slot >= 0) {
            lines[slot] = -1;
            used[slot] = 0;
        }
    }
}
