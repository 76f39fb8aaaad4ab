package io.rseqlab.collector.machine;

/**
 * What a load gets from a store that is still in the store buffer, and when: the numbers of a profile. A core that
 * predicts which store feeds a load has the value before the load is done; retirement waits for the load all the same.
 */
final class Forwarding {
    /** No store is so old. */
    static final long NEVER = 1L << 40;

    /** Of a load that no schedule has: it is done as late as a value that it does not get early. */
    private static final int UNSCHEDULED = Integer.MAX_VALUE;

    /** From a load's issue to its end where a store feeds it. */
    final long doneUnits;
    /**
     * For how long a store's value must have been known for a load that it feeds to be done as soon as one that hits.
     */
    final long oldUnits;
    /** Whether the value can be used before the load is done. */
    final boolean predicted;
    /** Whether the store is found at dispatch: then it may have left the store buffer when the load is issued. */
    final boolean atDispatch;

    /** Whether a load waits for a line that is not there although a store feeds it. */
    private final boolean needsLine;

    private final long slotUnits;
    private final long hitUnits;

    Forwarding(MachineProfile profile, long slotUnits) {
        this.slotUnits = slotUnits;
        hitUnits = profile.l1Cycles() << Core.UNIT_BITS;
        doneUnits = Interpreter.units(profile, "core.store_forward_done");
        double old = profile.costOr("core.store_forward_old", 0);
        boolean gains = doneUnits > hitUnits;
        oldUnits = old == 0 || !gains ? NEVER : Math.round(old * Core.UNIT);
        predicted = profile.cost("core.store_forward_predicted") != 0;
        atDispatch = predicted && profile.costOr("core.store_forward_at_dispatch", 0) != 0;
        needsLine = profile.costOr("core.store_forward_needs_line", 0) != 0;
    }

    /** Whether a store in the store buffer feeds a load whose line is here, or is not. */
    boolean feeds(boolean here) {
        return here || !needsLine;
    }

    /** When a load is done that a store feeds whose value was known at a time, and that would hit at another. */
    long done(long issue, long stored, long hit) {
        long fed = Math.max(issue + doneUnits, stored);
        return stored + oldUnits <= issue ? Math.min(hit, fed) : fed;
    }

    /** Of a load that hits: what it sees of a store to its word, see {@link Schedule#NOT_FORWARDED}. */
    int seen(Core core, int key, long base, int issue, int before) {
        long at = base + before + slotUnits;
        long until = core.forwardUntil[key];
        boolean feeds = until > base + issue;
        boolean found = feeds || atDispatch && until > at;
        long stored = core.forwardReady[key] - base;
        if (!found && (until <= at || stored <= issue + hitUnits)) {
            return Schedule.NOT_FORWARDED;
        }
        if (!found && predicted) {
            return UNSCHEDULED;
        }
        int waited = stored <= before ? 0 : (int) Math.min(stored, Integer.MAX_VALUE);
        return feeds && stored + oldUnits > issue ? waited : Schedule.AS_HIT - waited;
    }
}
