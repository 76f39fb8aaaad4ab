package io.rseqlab.collector.machine;

/**
 * What a core does behind a branch that it predicted wrongly, until it knows: it goes on. Paths meet again soon (an
 * operation follows whichever way the last one went), so what it asks memory for there is what the right path wants,
 * and a miss behind such a branch overlaps with what the branch waits for; lost is the time to fill the pipeline again.
 * The model does not execute wrong paths: dispatch stands still until the branch is known, and a miss behind it is
 * taken to have been asked for as if it had not, as long as the window would have held it.
 *
 * <p>Measured on a Zen 5 server: 1024 lines that another core wrote, read in random order, a branch on each value. With
 * values that predict 3 cycles of the time stamp counter a line, with random ones 13; half a miss and half a refill
 * would be 36. An exchange in place of the load: 12 and 14; an exchange, then a load of where its value points to, and
 * the branch on that: 12 and 19, where a miss takes 60.
 *
 * <p>What went on meanwhile took its time, too: of a list whose lines miss, each is asked for when the one before has
 * come, and dispatch stood still for no more of them than fit. The register that a line came to so early is said to be
 * known when a load that hits would be; when it was indeed is kept beside, for the next address.
 */
final class WrongPath {
    /** Chains of loads that are followed at a time. */
    static final int EARLY = 4;

    /** Values that {@link #capture} writes. */
    static final int CAPTURED = 7 + 2 * EARLY;

    private final int window;
    private final int takenLimit;
    /** A chain that is not done this long behind dispatch hangs on a miss. */
    private final long longestChain;
    /** Lost time since the first wrong prediction of the window, and since the first of its second half. */
    private long lostUnits;

    private long lostLatelyUnits;
    /** The micro-operations up to which these times count, and the taken branches. */
    private long end;

    private long endTaken;
    private long endLately;
    private long endTakenLately;
    /** Dispatch behind the last branch. */
    private long again;

    /** Of the last loads whose line came early: when the model has the value ready, and when the core had it. */
    private final long[] ready = new long[EARLY];

    private final long[] had = new long[EARLY];
    /** How many since the window began. */
    private int early;

    /**
     * @param window how many entries of the window may be taken behind the branch
     * @param takenLimit how many taken branches may be under way
     * @param l2Units what the second level takes
     */
    WrongPath(int window, int takenLimit, long l2Units) {
        this.window = window;
        this.takenLimit = takenLimit;
        longestChain = 2 * l2Units;
    }

    /** Behind an interruption nothing is left of it. */
    void forget() {
        end = 0;
        endLately = 0;
        again = 0;
        early = 0;
    }

    private boolean live(long number, long taken) {
        return number < end && taken < endTaken;
    }

    private boolean liveLately(long number, long taken) {
        return number < endLately && taken < endTakenLately;
    }

    /**
     * A branch was predicted wrongly.
     *
     * @param number its number among the core's micro-operations
     * @param taken how many branches were taken up to it
     * @param units for how long dispatch stands still
     * @param dispatch when it goes on
     */
    void mispredicted(long number, long taken, long units, long dispatch) {
        boolean lately = liveLately(number, taken);
        if (!live(number, taken)) {
            lostUnits = lately ? lostLatelyUnits : 0;
            end = lately ? endLately : number + window;
            endTaken = lately ? endTakenLately : taken + takenLimit;
            endLately = 0;
            lately = false;
            early = 0;
        }
        lostUnits += units;
        if (!lately && (number >= end - window / 2 || taken >= endTaken - takenLimit / 2)) {
            lostLatelyUnits = 0;
            endLately = number + window;
            endTakenLately = taken + takenLimit;
        }
        lostLatelyUnits += units;
        again = dispatch;
    }

    /** Writes down what the future depends on, at a place; answers the place behind. */
    int capture(long[] values, int place, long number, long taken, long now) {
        boolean live = live(number, taken);
        boolean liveLately = liveLately(number, taken);
        values[place] = live ? end - number : 0;
        values[place + 1] = live ? lostUnits : 0;
        values[place + 2] = liveLately ? endLately - number : 0;
        values[place + 3] = liveLately ? lostLatelyUnits : 0;
        values[place + 4] = live || liveLately ? again - now : 0;
        values[place + 5] = live ? endTaken - taken : 0;
        values[place + 6] = liveLately ? endTakenLately - taken : 0;
        int kept = live || liveLately ? Math.min(early, EARLY) : 0;
        for (int i = 0; i < EARLY; i++) {
            int newest = early - 1 - i & EARLY - 1;
            values[place + 7 + 2 * i] = i < kept ? ready[newest] - now : 0;
            values[place + 8 + 2 * i] = i < kept ? had[newest] - now : 0;
        }
        return place + CAPTURED;
    }

    /** All of it has happened so much later. */
    void shift(long numbers, long branches, long units) {
        end += numbers;
        endLately += numbers;
        endTaken += branches;
        endTakenLately += branches;
        again += units;
        for (int i = 0; i < EARLY; i++) {
            ready[i] += units;
            had[i] += units;
        }
    }

    /**
     * A line came; it matters for a load that cannot have executed yet.
     *
     * @param loads whether a load wanted it that waited for it
     * @param hadUnits when the core had it
     * @param readyUnits when the model has its value ready, at the earliest
     */
    void came(boolean loads, long hadUnits, long readyUnits) {
        if (loads && hadUnits < readyUnits) {
            int place = early++ & EARLY - 1;
            ready[place] = readyUnits;
            had[place] = hadUnits;
        }
    }

    /**
     * When a line was asked for.
     *
     * @param number of the micro-operation that wants it
     * @param taken how many branches were taken before it
     * @param dispatch what it follows on
     * @param issue when it asks itself
     * @param address when the address is known
     */
    long requestUnits(long number, long taken, long dispatch, long issue, long address) {
        long lost = live(number, taken) ? lostUnits : liveLately(number, taken) ? lostLatelyUnits : 0;
        if (lost == 0 || address > dispatch + longestChain) {
            return issue;
        }
        for (int i = 0; i < Math.min(early, EARLY); i++) {
            if (ready[i] == address) {
                return Math.max(issue - lost, Math.min(had[i], issue));
            }
        }
        return address < again ? Math.max(issue - lost, Math.min(address, issue)) : issue - lost;
    }
}
