package io.rseqlab.collector.machine;

/**
 * What a core has executed by schedules and what is not yet written down in its window, its store buffer and its
 * registers' times: nobody looks at these as long as schedule follows schedule, and most of it is overtaken by what
 * comes behind. Whoever does look has it written down first ({@link #writeDown}).
 */
final class Backlog {
    private static final int MOST = 64;

    // ---- what was executed, in order
    private final Schedule[] schedules = new Schedule[MOST];
    private final long[] bases = new long[MOST];
    /** When all of it up to there has retired and drained, in units. */
    private final long[] retires = new long[MOST];

    private final long[] drains = new long[MOST];
    private int count;
    private int allJumps;
    private int allStores;

    // ---- what may still hold dispatch back
    /** When all that came before has retired, and when it has drained, in units. */
    private long earlierRetire;

    private long earlierDrain;
    /** The first schedule of which something may not have retired, and the first of which something may not drain. */
    private int retiring;

    private int draining;
    /** Entries of the window, taken branches and stores from there on. */
    private int entries;

    private int jumps;
    private int stores;

    /** Takes up that a core executes a schedule; times are behind a base. */
    void add(Core core, Schedule schedule, long base) {
        if (count == MOST) {
            writeDown(core);
        }
        int at = count++;
        schedules[at] = schedule;
        bases[at] = base;
        retires[at] = base + schedule.retire;
        drains[at] = base + schedule.drain;
        entries += schedule.entryCount;
        jumps += schedule.takenCount;
        allJumps += schedule.takenCount;
        stores += schedule.drainedCount;
        allStores += schedule.drainedCount;
    }

    private void begin(Core core) {
        earlierRetire = core.retireCycle << Core.UNIT_BITS;
        earlierDrain = core.drain;
        retiring = 0;
        draining = 0;
        entries = 0;
        jumps = 0;
        stores = 0;
        allJumps = 0;
        allStores = 0;
    }

    /**
     * True if nothing in a path waits for the window, the store buffer or taken branches under way; false also where
     * that is not known before all is written down. Of the three, entries never decrease, so the last one that a path
     * needs speaks for all.
     */
    boolean leavesRoom(Core core, Path path, long slotUnits, long takenUnits) {
        if (count == 0) {
            begin(core);
        }
        int jumping = path.jumps + 1; // a branch that leaves the path may be one more
        long now = core.dispatch - takenUnits;
        while (retiring < count && retires[retiring] <= now) {
            entries -= schedules[retiring].entryCount;
            jumps -= schedules[retiring++].takenCount;
        }
        if (entries + path.entriesBeforeLast >= core.window || jumps + jumping > core.takenLimit) {
            return false;
        }
        return (earlierRetire <= now || retiredEarlier(core, path, slotUnits, jumping, now))
                && drains(core, path, slotUnits);
    }

    /** The same for entries that were taken before, which are written down. */
    private boolean retiredEarlier(Core core, Path path, long slotUnits, int jumping, long now) {
        long[] ring = core.ring;
        long[] takenRing = core.takenRing;
        int last = (int) core.entries + path.entriesBeforeLast;
        int lastTaken = (int) core.taken + jumping - 1;
        return ring[last & ring.length - 1] <= core.dispatch + slotUnits
                && takenRing[lastTaken & takenRing.length - 1] <= now;
    }

    private boolean drains(Core core, Path path, long slotUnits) {
        if (path.stores == 0) {
            return true;
        }
        long dispatch = core.dispatch;
        while (draining < count && drains[draining] <= dispatch) {
            stores -= schedules[draining++].drainedCount;
        }
        long[] storeRing = core.storeRing;
        int last = (int) core.stores + stores + path.stores - 1;
        return stores + path.stores <= storeRing.length
                && (earlierDrain <= dispatch || storeRing[last & storeRing.length - 1] <= dispatch + slotUnits);
    }

    /** Writes it down. */
    void writeDown(Core core) {
        if (count > 0) {
            writeDownReady(core);
            writeDownWindow(core);
            writeDownTaken(core);
            writeDownStores(core);
            core.retireCount = schedules[count - 1].retireCount;
            core.lastGap = lastGap(core);
            count = 0;
            begin(core);
        }
    }

    private void writeDownReady(Core core) {
        int known = 0;
        for (int i = count - 1; i >= 0; i--) {
            Schedule schedule = schedules[i];
            if ((schedule.defined & ~known) != 0) {
                schedule.writeDownReady(core.ready, bases[i], known);
                known |= schedule.defined;
            }
        }
    }

    /** From the newest on, as many entries as the window has. */
    private void writeDownWindow(Core core) {
        int entry = (int) core.entries + core.window;
        int left = core.window;
        for (int i = count - 1; i >= 0 && left > 0; i--) {
            entry -= schedules[i].entryCount;
            left -= schedules[i].entryCount;
            schedules[i].writeDownEntries(core.ring, entry, bases[i], Math.max(-left, 0));
        }
    }

    private void writeDownTaken(Core core) {
        int branch = (int) core.taken + core.takenLimit;
        int left = Math.min(allJumps, core.takenLimit);
        for (int i = count - 1; left > 0; i--) {
            branch -= schedules[i].takenCount;
            left -= schedules[i].takenCount;
            schedules[i].writeDownTaken(core.takenRing, branch, bases[i], Math.max(-left, 0));
        }
        for (int i = count - 1; i >= 0; i--) {
            if (schedules[i].takes) {
                core.takenAt = bases[i] + schedules[i].takenAt;
                return;
            }
        }
    }

    private void writeDownStores(Core core) {
        if (allStores > 0) {
            core.stores += allStores;
            int store = (int) core.stores;
            int left = Math.min(allStores, core.storeRing.length);
            for (int i = count - 1; left > 0; i--) {
                store -= schedules[i].drainedCount;
                left -= schedules[i].drainedCount;
                core.drain = Math.max(core.drain, schedules[i].drainedCount > 0 ? drains[i] : 0);
                schedules[i].writeDownDrained(core.storeRing, store, bases[i], Math.max(-left, 0));
            }
        }
    }

    private long lastGap(Core core) {
        for (int i = count - 1; i >= 0; i--) {
            if (schedules[i].lastGap != 0) {
                return schedules[i].lastGap;
            }
        }
        return core.lastGap;
    }
}
