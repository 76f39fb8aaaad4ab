package io.rseqlab.collector.machine;

/** Guesses which way conditional branches go; its memory is the core's. */
final class BranchPredictor {
    private BranchPredictor() {}

    /**
     * Predicts a branch as a loop predictor with confirmation: not taken exactly after the run of taken outcomes that
     * was seen three times in a row, if that is not longer than the predictor can count. Behind that run, where it
     * knows nothing, a saturating two-bit counter answers, so that a branch without a pattern is missed about as often
     * as it takes its rarer way. Then learns the outcome, unless it is known that there is nothing to learn.
     */
    static boolean predicted(Core core, int pc, boolean taken, int maxTrip) {
        int count = core.tripCount[pc];
        if (taken ? count > core.takenBeyond[pc] : core.neverTaken[pc]) {
            core.tripCount[pc] = taken ? count + 1 : 0;
            return true;
        }
        return learned(core, pc, taken, maxTrip);
    }

    private static boolean learned(Core core, int pc, boolean taken, int maxTrip) {
        int count = core.tripCount[pc];
        int expected = core.tripExpected[pc];
        byte bias = core.bias[pc];
        boolean guess = count <= expected ? count < expected && count != core.stumbleTurn : bias >= Core.LEANS_TO_TAKEN;
        if (taken) {
            core.tripCount[pc] = count + 1;
            core.bias[pc] = (byte) Math.min(bias + 1, Core.MOST_BIAS);
        } else {
            core.tripCount[pc] = 0;
            core.bias[pc] = (byte) Math.max(bias - 1, Core.LEAST_BIAS);
            if (count != core.tripCandidate[pc]) {
                core.tripSeen[pc] = 0;
                core.tripExpected[pc] = count == expected ? expected : Core.NO_TRIP;
            } else if (core.tripSeen[pc] >= Core.TRIPS_SEEN - 1 || ++core.tripSeen[pc] >= Core.TRIPS_SEEN) {
                core.tripExpected[pc] = count <= maxTrip ? count : Integer.MAX_VALUE;
            }
            core.tripCandidate[pc] = count;
        }
        learnHabit(core, pc);
        return guess == taken;
    }

    /** Finds out what would change nothing: most branches go one way, and need not come here to be predicted. */
    private static void learnHabit(Core core, int pc) {
        int expected = core.tripExpected[pc];
        boolean beyond = core.tripCount[pc] > expected && core.bias[pc] == Core.MOST_BIAS;
        core.takenBeyond[pc] = beyond ? expected : Integer.MAX_VALUE;
        core.neverTaken[pc] = core.tripCount[pc] == 0
                && expected == 0
                && core.tripCandidate[pc] == 0
                && core.tripSeen[pc] >= Core.TRIPS_SEEN - 1
                && core.bias[pc] == Core.LEAST_BIAS;
    }
}
