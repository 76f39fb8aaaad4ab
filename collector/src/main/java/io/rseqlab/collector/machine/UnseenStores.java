package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * Stores of one core that have been executed and are not in its cache yet, in the order of the program: its own loads
 * find them here, other cores do not see them.
 */
final class UnseenStores {
    private static final long NOT_ASKED = -1;

    private long[] words = new long[16];
    private long[] values = new long[16];
    private long[] masks = new long[16];
    private long[] leaves = new long[16];
    private int first;
    private int count;

    /** When the line of the oldest leaves who took it, as far as that is known. */
    private long takenAt = NOT_ASKED;

    private long arrival;
    private long heldUntil;

    boolean isEmpty() {
        return count == 0;
    }

    /** @param leavesUnits when it is in the cache, at the earliest, if the core still has its line then */
    void add(long word, long value, long mask, long leavesUnits) {
        if (count == words.length) {
            grow();
        }
        int place = first + count++ & words.length - 1;
        words[place] = word;
        values[place] = value & mask;
        masks[place] = mask;
        leaves[place] = leavesUnits;
    }

    private void grow() {
        int old = words.length;
        words = rotated(words, old);
        values = rotated(values, old);
        masks = rotated(masks, old);
        leaves = rotated(leaves, old);
        first = 0;
    }

    private long[] rotated(long[] ring, int length) {
        long[] larger = Arrays.copyOf(Arrays.copyOfRange(ring, first, length), 2 * length);
        System.arraycopy(ring, 0, larger, length - first, first);
        return larger;
    }

    /** What the core's own load of a word finds that has a value in memory. */
    long over(long word, long inMemory) {
        long value = inMemory;
        for (int i = 0; i < count; i++) {
            int place = first + i & words.length - 1;
            if (words[place] == word) {
                value = value & ~masks[place] | values[place];
            }
        }
        return value;
    }

    // ---- the oldest

    long word() {
        return words[first];
    }

    /** A word's value once the oldest is in the cache. */
    long written(long inMemory) {
        return inMemory & ~masks[first] | values[first];
    }

    /** When it is in the cache, at the earliest, in units. */
    long leavesUnits() {
        return leaves[first];
    }

    /** It is in the cache. Stores leave in their order. */
    void remove() {
        long before = leaves[first];
        first = first + 1 & words.length - 1;
        count--;
        takenAt = NOT_ASKED;
        if (count > 0) {
            leaves[first] = Math.max(leaves[first], before);
        }
    }

    /** Whether its line has to be asked for: it has not been, or another core got it first. */
    boolean mustAsk(long busyUntil) {
        return takenAt == NOT_ASKED || heldUntil != busyUntil;
    }

    void asked(long leavesOther, long comes, long busyUntil) {
        takenAt = leavesOther;
        arrival = comes;
        heldUntil = busyUntil;
    }

    long takenAt() {
        return takenAt;
    }

    long arrival() {
        return arrival;
    }

    /** Its line comes; answers when the store is in the cache, in units. */
    long taken() {
        takenAt = NOT_ASKED;
        leaves[first] = Math.max(leaves[first], arrival << Core.UNIT_BITS);
        return leaves[first];
    }

    /** The cycle in which something becomes of it, at the earliest. */
    long nextCycle() {
        return takenAt == NOT_ASKED ? leaves[first] + Core.UNIT - 1 >> Core.UNIT_BITS : takenAt;
    }
}
