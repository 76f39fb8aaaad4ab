package io.rseqlab.collector.machine;

import java.util.Arrays;

/** A set of cache lines, by number; cleared often, mostly small. */
final class LineSet {
    private static final int FIRST_SIZE = 64;
    private static final long NONE = -1;

    /** Open addressing, at most half full. */
    private long[] slots = new long[0];

    private long[] members = new long[FIRST_SIZE / 2];
    private int size;

    private int slot(long line) {
        int mask = slots.length - 1;
        int at = (int) (line * 0x9e3779b97f4a7c15L >>> 40) & mask;
        while (slots[at] != NONE && slots[at] != line) {
            at = at + 1 & mask;
        }
        return at;
    }

    void add(long line) {
        if (2 * size >= slots.length) {
            grow();
        }
        int at = slot(line);
        if (slots[at] == NONE) {
            slots[at] = line;
            members[size++] = line;
        }
    }

    private void grow() {
        slots = new long[Math.max(FIRST_SIZE, 2 * slots.length)];
        members = Arrays.copyOf(members, slots.length / 2);
        Arrays.fill(slots, NONE);
        for (int i = 0; i < size; i++) {
            slots[slot(members[i])] = members[i];
        }
    }

    boolean contains(long line) {
        return size > 0 && slots[slot(line)] == line;
    }

    int size() {
        return size;
    }

    /** The lines by the order in which they came, from 0. */
    long get(int index) {
        return members[index];
    }

    void clear() {
        if (size > 0) {
            Arrays.fill(slots, NONE);
            size = 0;
        }
    }
}
