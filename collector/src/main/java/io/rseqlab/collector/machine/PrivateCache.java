package io.rseqlab.collector.machine;

import java.util.Arrays;

/** Tags of one set-associative cache with least-recently-used replacement and, per line, the time its data arrive. */
final class PrivateCache {
    private static final int HINTS = 512;

    /** Sets whose tags are kept together; those of sets never used are not kept at all. */
    private static final int PAGE_SET_BITS = 4;

    private final int ways;
    private final int wayBits;
    private final int setMask;
    private final int pageSlotBits;
    private final int pageSlots;
    /** Of each page first the lines of all its slots (-1 for none), then when they were used, then when data arrive. */
    private final long[][] pages;
    /** Where lines were found last: most are looked up again. */
    private final int[] lastSlots = new int[HINTS];

    private long clock;

    PrivateCache(int bytes, int ways) {
        this.ways = ways;
        int sets = Integer.highestOneBit(Math.max(1, bytes / 64 / ways));
        setMask = sets - 1;
        wayBits = 32 - Integer.numberOfLeadingZeros(ways - 1);
        pageSlotBits = PAGE_SET_BITS + wayBits;
        pageSlots = 1 << pageSlotBits;
        pages = new long[(setMask >> PAGE_SET_BITS) + 1][];
    }

    private long[] page(int slot) {
        return pages[slot >> pageSlotBits];
    }

    private int at(int slot) {
        return slot & pageSlots - 1;
    }

    /** Slot of a line, or -1. */
    int find(long line) {
        int hint = (int) line & (HINTS - 1);
        int last = lastSlots[hint];
        long[] lastPage = page(last);
        if (lastPage != null && lastPage[at(last)] == line) {
            return last;
        }
        int slot = ((int) line & setMask) << wayBits;
        long[] page = page(slot);
        if (page == null) {
            return -1;
        }
        int entry = at(slot);
        for (int way = 0; way < ways; way++, entry++) {
            if (page[entry] == line) {
                lastSlots[hint] = slot + way;
                return slot + way;
            }
        }
        return -1;
    }

    void touch(int slot) {
        page(slot)[pageSlots + at(slot)] = ++clock;
    }

    long arrival(int slot) {
        return page(slot)[2 * pageSlots + at(slot)];
    }

    /** Puts a line in, or changes when its data arrive; answers the line it displaced, or -1. */
    long insert(long line, long arrivalUnits) {
        int slot = find(line);
        if (slot < 0) {
            slot = victim(line);
        }
        long[] page = page(slot);
        int entry = at(slot);
        long displaced = page[entry] == line ? -1 : page[entry];
        page[entry] = line;
        page[2 * pageSlots + entry] = arrivalUnits;
        touch(slot);
        return displaced;
    }

    /** An empty slot, else the one used longest ago. */
    private int victim(long line) {
        int first = ((int) line & setMask) << wayBits;
        long[] page = page(first);
        if (page == null) {
            page = new long[3 * pageSlots];
            Arrays.fill(page, 0, pageSlots, -1);
            pages[first >> pageSlotBits] = page;
        }
        int victim = first;
        for (int slot = first; slot < first + ways; slot++) {
            if (page[at(slot)] < 0) {
                return slot;
            }
            if (page[pageSlots + at(slot)] < page[pageSlots + at(victim)]) {
                victim = slot;
            }
        }
        return victim;
    }

    void remove(long line) {
        int slot = find(line);
        if (slot >= 0) {
            page(slot)[at(slot)] = -1;
            page(slot)[pageSlots + at(slot)] = 0;
        }
    }
}
