package io.rseqlab.collector.machine;

import java.util.Arrays;

/** Tags of one set-associative cache with least-recently-used replacement and, per line, the time its data arrive. */
final class PrivateCache {
    private static final int HINTS = 512;

    /** Sets whose tags are kept together; those of sets never used are not kept at all. */
    private static final int PAGE_SET_BITS = 4;

    private static final int PAGE_SETS = 1 << PAGE_SET_BITS;

    /** What is kept of a way: its line (-1 for none), when it was used, when its data arrive. */
    private static final int NUMBERS = 3;

    private final int ways;
    private final int wayBits;
    private final int setMask;
    /** Of each page the lines of all its slots, set by set, then when they were used, then when data arrive. */
    private final long[][] pages;
    /** Where lines were found last: most are looked up again. */
    private final int[] lastSlots = new int[HINTS];

    private long clock;

    PrivateCache(int bytes, int ways) {
        this.ways = ways;
        int sets = Integer.highestOneBit(Math.max(1, bytes / 64 / ways));
        setMask = sets - 1;
        wayBits = 32 - Integer.numberOfLeadingZeros(ways - 1);
        pages = new long[(setMask >> PAGE_SET_BITS) + 1][];
    }

    private long[] page(int slot) {
        return pages[slot >> wayBits + PAGE_SET_BITS];
    }

    /** How many ways a page has room for, as a power of two. */
    private static int roomBits(long[] page) {
        return Integer.numberOfTrailingZeros(page.length) - PAGE_SET_BITS; // the length is three times a power of two
    }

    private int at(long[] page, int slot) {
        return ((slot >> wayBits & PAGE_SETS - 1) << roomBits(page)) + (slot & (1 << wayBits) - 1);
    }

    private static int used(long[] page) {
        return PAGE_SETS << roomBits(page); // a third of the length, without a division
    }

    private static int arrival(long[] page) {
        return 2 * used(page);
    }

    /** Slot of a line, or -1. */
    int find(long line) {
        int hint = (int) line & (HINTS - 1);
        int last = lastSlots[hint];
        long[] lastPage = page(last);
        if (lastPage != null && lastPage[at(lastPage, last)] == line) {
            return last;
        }
        int slot = ((int) line & setMask) << wayBits;
        long[] page = page(slot);
        if (page == null) {
            return -1;
        }
        int entry = at(page, slot);
        int room = room(page);
        for (int way = 0; way < room; way++, entry++) {
            if (page[entry] == line) {
                lastSlots[hint] = slot + way;
                return slot + way;
            }
        }
        return -1;
    }

    private int room(long[] page) {
        return Math.min(ways, 1 << roomBits(page));
    }

    void touch(int slot) {
        long[] page = page(slot);
        page[used(page) + at(page, slot)] = ++clock;
    }

    long arrival(int slot) {
        long[] page = page(slot);
        return page[arrival(page) + at(page, slot)];
    }

    /** Puts a line in, or changes when its data arrive; answers the line it displaced, or -1. */
    long insert(long line, long arrivalUnits) {
        int slot = place(line);
        lastSlots[(int) line & (HINTS - 1)] = slot;
        long[] page = page(slot);
        int entry = at(page, slot);
        long displaced = page[entry] == line ? -1 : page[entry];
        page[entry] = line;
        page[arrival(page) + entry] = arrivalUnits;
        page[used(page) + entry] = ++clock;
        return displaced;
    }

    /** Where a line is or goes to: an empty slot, else the one used longest ago. */
    private int place(long line) {
        int first = ((int) line & setMask) << wayBits;
        long[] page = page(first);
        if (page == null) {
            // Room for one way: lines are handed out one after the other, so a run that touches few has one in each
            // set, of the third level nearly always, and more would be memory that is cleared and never looked at.
            page = emptyPage(0);
            pages[first >> wayBits + PAGE_SET_BITS] = page;
        }
        int entry = at(page, first);
        int room = room(page);
        int used = used(page) + entry;
        int empty = room;
        int victim = 0;
        for (int way = 0; way < room; way++) {
            long there = page[entry + way];
            if (there == line) {
                return first + way;
            }
            if (there < 0) {
                empty = Math.min(empty, way);
            } else if (page[used + way] < page[used + victim]) {
                victim = way;
            }
        }
        if (empty < room) {
            return first + empty;
        }
        if (room < ways) {
            pages[first >> wayBits + PAGE_SET_BITS] = grown(page);
            return first + room;
        }
        return first + victim;
    }

    private static long[] emptyPage(int roomBits) {
        int slots = PAGE_SETS << roomBits;
        long[] page = new long[NUMBERS * slots];
        Arrays.fill(page, 0, slots, -1);
        return page;
    }

    /** A page with the same in it, and room for twice as many ways. */
    private static long[] grown(long[] page) {
        int bits = roomBits(page);
        long[] grown = emptyPage(bits + 1);
        for (int number = 0; number < NUMBERS; number++) {
            for (int set = 0; set < PAGE_SETS; set++) {
                int from = number * used(page) + (set << bits);
                System.arraycopy(page, from, grown, number * used(grown) + (set << bits + 1), 1 << bits);
            }
        }
        return grown;
    }

    void remove(long line) {
        int slot = find(line);
        if (slot >= 0) {
            long[] page = page(slot);
            page[at(page, slot)] = -1;
            page[used(page) + at(page, slot)] = 0;
        }
    }
}
