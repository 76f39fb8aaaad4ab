package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * Tells which transfers of lines with objects are false sharing: others have written the line since the core last had
 * it, but not the word that it asks for (S. Eggers and T. Jeremiassen, "Eliminating false sharing", ICPP 1991; the word
 * is the one of the access that misses, as in J. Torrellas, M. Lam and J. Hennessy, "False sharing and spatial locality
 * in multiprocessor caches", IEEE Transactions on Computers 43 (1994)). A write to a line that several cores share
 * moves no data and is what the transfer before it was, which made them share.
 *
 * <p>A line is watched from its second transfer within {@link #KNOWN_CYCLES} on. What was written in a line that has
 * rested for longer is not known, for stores to private lines pass by here: the transfer that ends the rest is no false
 * sharing. So are misses of a core that has never had a watched line, and those of a line that it lost for want of room
 * and nobody has written since.
 */
final class WordSharing {
    /**
     * After so long without a transfer, stores to a line may have passed unseen: lines count as contended for longer
     * than that, by more than cores run ahead of each other.
     */
    static final long KNOWN_CYCLES = 90_000;

    private static final int WORDS = 8;

    private final int longs;
    /** By line: the number of its state, 0 where it is not watched. */
    private int[] states = new int[0];

    private int watched;
    /** By state and word: the cores that have had the line since the word was written. */
    private long[] seen = new long[0];
    /** By state: whether the last transfer was false sharing. */
    private boolean[] lastFalse = new boolean[0];

    WordSharing(int cores) {
        longs = (cores + 63) >>> 6;
    }

    void grow(int lines) {
        states = Arrays.copyOf(states, lines);
    }

    /**
     * The line of a word that a core asks for comes from others; {@link #came} is next.
     *
     * @param from who had it alone, negative if nobody
     * @param restedCycles how long ago it last came to a core
     * @return true if that is false sharing
     */
    boolean transfer(int core, long address, boolean write, int from, long restedCycles) {
        int line = (int) (address >>> 6);
        boolean known = states[line] != 0 && restedCycles < KNOWN_CYCLES;
        if (!known && restedCycles < KNOWN_CYCLES) {
            watch(line);
        }
        int state = states[line];
        if (state == 0) {
            return false;
        }
        boolean isFalse = known && isFalse(core, state, (int) (address >>> 3) & WORDS - 1, write);
        if (!known) {
            Arrays.fill(seen, first(state), first(state + 1), 0);
            if (from >= 0) {
                got(from, state);
            }
        }
        lastFalse[state] = isFalse;
        return isFalse;
    }

    private void watch(int line) {
        states[line] = ++watched;
        if (watched >= lastFalse.length) {
            int size = Math.max(16, watched + watched / 2);
            lastFalse = Arrays.copyOf(lastFalse, size);
            seen = Arrays.copyOf(seen, first(size));
        }
    }

    private int first(int state) {
        return state * WORDS * longs;
    }

    private boolean isFalse(int core, int state, int word, boolean write) {
        boolean anyUnseen = false;
        for (int other = 0; other < WORDS; other++) {
            anyUnseen |= !hasSeen(core, state, other);
        }
        return anyUnseen ? hasSeen(core, state, word) : write && lastFalse[state];
    }

    private boolean hasSeen(int core, int state, int word) {
        return (seen[first(state) + word * longs + (core >>> 6)] & 1L << core) != 0;
    }

    private void got(int core, int state) {
        for (int at = first(state) + (core >>> 6); at < first(state + 1); at += longs) {
            seen[at] |= 1L << core;
        }
    }

    /** The line of a word has come to a core, from wherever, for it to read or write the word. */
    void came(int core, long address, boolean write) {
        int state = states[(int) (address >>> 6)];
        if (state != 0) {
            got(core, state);
            if (write) {
                wrote(core, address);
            }
        }
    }

    /** A core writes a word of a line that it has. */
    void wrote(int core, long address) {
        int state = states[(int) (address >>> 6)];
        if (state != 0) {
            int at = first(state) + ((int) (address >>> 3) & WORDS - 1) * longs;
            Arrays.fill(seen, at, at + longs, 0);
            seen[at + (core >>> 6)] = 1L << core;
        }
    }

    /** The kernel or the host takes a line to a core, and may write any word of it. */
    void taken(int core, long line, boolean write) {
        int state = states[(int) line];
        if (state == 0) {
            return;
        }
        if (write) {
            Arrays.fill(seen, first(state), first(state + 1), 0);
        }
        got(core, state);
    }
}
