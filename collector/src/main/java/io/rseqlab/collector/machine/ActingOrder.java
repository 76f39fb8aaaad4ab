package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * Which core acts next, and which after it: a tournament over the cores' cycles, ties to the smaller number. A core
 * that does nothing costs nothing, however many there are.
 *
 * <p>A player is one number, its cycle above its own: so a match is a minimum, which the host decides without a branch.
 * Who wins is as good as random, and a core's turn where lines move is hardly longer than a few wrong guesses.
 */
final class ActingOrder {
    private final int leaves;
    private final int coreBits;
    private final long mostCycles;
    /** Winner of each match, of the first at 1; those of match i are between 2i and 2i + 1, and cores come last. */
    private final long[] players;

    ActingOrder(int cores) {
        leaves = Math.max(2, Integer.highestOneBit(2 * cores - 1));
        coreBits = Integer.numberOfTrailingZeros(leaves);
        mostCycles = Long.MAX_VALUE >> coreBits;
        players = new long[2 * leaves];
        Arrays.setAll(players, player -> player < leaves ? Long.MAX_VALUE : player(player - leaves, Long.MAX_VALUE));
        for (int match = leaves - 1; match > 0; match--) {
            players[match] = Math.min(players[2 * match], players[2 * match + 1]);
        }
    }

    private long player(int core, long cycle) {
        return Math.min(cycle, mostCycles) << coreBits | core;
    }

    /** A core acts at a cycle from now on. */
    void set(int core, long cycle) {
        final long[] all = players;
        long winner = player(core, cycle);
        for (int at = core + leaves; at > 1; at >>= 1) {
            all[at] = winner;
            winner = Math.min(winner, all[at ^ 1]);
        }
        all[1] = winner;
    }

    /** The core that acts next. */
    int first() {
        return (int) players[1] & leaves - 1;
    }

    /** The core that would act next if the first did not. */
    int second() {
        final long[] all = players;
        long best = Long.MAX_VALUE;
        for (int at = first() + leaves; at > 1; at >>= 1) {
            best = Math.min(best, all[at ^ 1]);
        }
        return (int) best & leaves - 1;
    }
}
