package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * Which core acts next, and which after it: a tournament over the cores' cycles, ties to the smaller number. A core
 * that does nothing costs nothing, however many there are.
 */
final class ActingOrder {
    private final int leaves;
    private final long[] cycles;
    /** Winner of each match; the first match is the final, at 1, and those of match i are between 2i and 2i + 1. */
    private final int[] winners;

    ActingOrder(int cores) {
        leaves = Math.max(2, Integer.highestOneBit(2 * cores - 1));
        cycles = new long[leaves];
        Arrays.fill(cycles, Long.MAX_VALUE);
        winners = new int[leaves];
        for (int match = leaves - 1; match > 0; match--) {
            winners[match] = winner(2 * match);
        }
    }

    private int winner(int player) {
        return player < leaves ? winners[player] : player - leaves;
    }

    /** A core acts at a cycle from now on. */
    void set(int core, long cycle) {
        cycles[core] = cycle;
        for (int match = (core + leaves) >> 1; match > 0; match >>= 1) {
            int left = winner(2 * match);
            int right = winner(2 * match + 1);
            winners[match] = cycles[left] <= cycles[right] ? left : right;
        }
    }

    /** The core that acts next. */
    int first() {
        return winners[1];
    }

    /** The core that would act next if the first did not. */
    int second() {
        int player = winners[1] + leaves;
        int best = winner(player ^ 1);
        for (player >>= 1; player > 1; player >>= 1) {
            int other = winner(player ^ 1);
            if (cycles[other] < cycles[best] || cycles[other] == cycles[best] && other < best) {
                best = other;
            }
        }
        return best;
    }
}
