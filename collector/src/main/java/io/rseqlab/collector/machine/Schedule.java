package io.rseqlab.collector.machine;

/**
 * When each micro-operation of a path, or of its first part, is dispatched, done and retired from a {@link Timing} on,
 * and what of it stays: times are in units behind the beginning of the cycle in which it began. {@link Scheduler} makes
 * them.
 */
final class Schedule {
    // ---- times that the host code looks at: of a load or store, by place
    /** What it is expected to see, see {@link #NOT_FORWARDED}. */
    static final int EXPECTED = 0;
    /** When it is issued. */
    static final int ISSUE = 1;
    /** Dispatch before it. */
    static final int BEFORE = 2;

    static final int ACCESS_TIMES = 3;
    // ---- and what is looked at always, which lies together in front of these
    /** Of a store: when its value can be forwarded, and until when. */
    static final int FORWARD_READY = 0;

    static final int FORWARD_UNTIL = 1;

    /**
     * Expected of a load: no store in the buffer feeds it; else it is when that store's value can be forwarded, 0 if
     * that is no hindrance.
     */
    static final int NOT_FORWARDED = -1;
    /**
     * Expected of a load that is done like one that hits, though a store feeds it or did until just now, if the store's
     * value can be forwarded by then: this, less what else it would be.
     */
    static final int AS_HIT = -2;
    /** Expected of a store: its line is known to be there. */
    static final int FILTERED = 0;
    /** Expected of a store: it asks for its line and finds it in the first level. */
    static final int FOUND = 1;

    /** In place of the time when the last load is done. */
    static final int NO_LOAD = Integer.MIN_VALUE;

    /** What exits there are before and at a step. */
    private static final int EXITS = 5;

    final Family family;
    final Block block;
    final Timing from;
    final int[] times;
    /** Steps that it covers. */
    final int steps;
    /** Tells schedules apart in a core's history. */
    int mark;
    /**
     * The loads and stores, by number among them and one bit each, of which something else is expected than that
     * nothing feeds a load and that a store's line is known to be there.
     */
    int special;

    int specialBeyond;
    int microOps;
    int dispatch;
    /** Dispatch before the last micro-operation. */
    int dispatchBeforeLast;

    int retire;
    int drain;
    /** When the last load is done, or that there is none. */
    int memoryDone;

    /** Where it leads. */
    int next;
    /** Ends with a branch that was predicted wrongly. */
    boolean mispredicted;
    /** For how long dispatch stands still behind that. */
    int lost;
    /** How often it was executed since exposure was added up last. */
    long turns;
    /** What followed last when something else was seen at a place. */
    Schedule other;

    int otherFrom;

    // ---- what stays of it
    int entryCount;
    int takenCount;
    int drainedCount;
    /** Registers that it defines, one bit each. */
    int defined;
    /**
     * When those that take an entry of the window retire, then when those that jump retire, then when stores drain,
     * then when each defined register is ready.
     */
    int[] late;

    int retireCount;
    /** Cycles between the last two groups; 0 if no group has begun. */
    int lastGap;

    int takenAt;
    /** Follows a taken branch. */
    boolean takes;
    /** True once it was executed and nobody knew the state that it leaves. */
    boolean executed;

    int[] exitValues;
    Timing exit;
    int[] exposedAt;
    int[] exposed;
    private Schedule[] parts;

    Schedule(Family family, int[] times, int steps) {
        this.family = family;
        block = family.block;
        from = family.from;
        this.times = times;
        this.steps = steps;
    }

    /** The part before a step, null if it has not been made. */
    Schedule before(int step) {
        return parts == null ? null : parts[EXITS * step];
    }

    /** The part up to a branch that goes a way. */
    Schedule left(int step, boolean branchTaken, boolean predicted) {
        return parts == null ? null : parts[exit(step, branchTaken, predicted)];
    }

    private static int exit(int step, boolean branchTaken, boolean predicted) {
        return EXITS * step + 1 + (branchTaken ? 2 : 0) + (predicted ? 1 : 0);
    }

    void keepBefore(int step, Schedule part) {
        keep(EXITS * step, part);
    }

    void keepLeft(int step, boolean branchTaken, boolean predicted, Schedule part) {
        keep(exit(step, branchTaken, predicted), part);
    }

    private void keep(int index, Schedule part) {
        if (parts == null) {
            parts = new Schedule[EXITS * (block.path.steps + 1)];
        }
        parts[index] = part;
    }

    /** True if dispatch stays before the limit up to the last micro-operation, and nothing retires at an interrupt. */
    boolean fits(Core core, long limitUnits) {
        long base = core.dispatch & -Core.UNIT;
        return base + dispatchBeforeLast < limitUnits && (base + retire) >> Core.UNIT_BITS < core.interruptAt - 1;
    }

    /** Does to a core at once what others see of it: where it is and when. */
    void apply(Core core, long base) {
        core.thread.pc = next;
        core.entries += entryCount;
        core.taken += takenCount;
        if (mispredicted) {
            core.mispredicts++;
            if (lost > 0) {
                core.wrongPath.mispredicted(core.entries, takenBefore(core), lost, base + dispatch);
            }
        }
        core.dispatch = base + dispatch;
        core.retireCycle = (base + retire) >> Core.UNIT_BITS;
        if (memoryDone != NO_LOAD) {
            core.memoryDone = Math.max(core.memoryDone, base + memoryDone);
        }
        core.microOps += microOps;
    }

    /** Taken branches before the last step, which is a branch. */
    private long takenBefore(Core core) {
        return next == block.path.positions[steps - 1] + 1 ? core.taken : core.taken - 1;
    }

    /** Writes down when what takes an entry of the window retires, but for the first ones. */
    void writeDownEntries(long[] ring, int entry, long base, int skipped) {
        write(ring, entry, 0, skipped, entryCount, base);
    }

    /** Writes down when what jumps retires, but for the first ones. */
    void writeDownTaken(long[] takenRing, int branch, long base, int skipped) {
        write(takenRing, branch, entryCount, skipped, takenCount, base);
    }

    /** Writes down when stores drain, but for the first ones. */
    void writeDownDrained(long[] storeRing, int store, long base, int skipped) {
        write(storeRing, store, entryCount + takenCount, skipped, drainedCount, base);
    }

    private void write(long[] ring, int at, int from, int first, int count, long base) {
        int[] all = late;
        for (int i = first; i < count; i++) {
            ring[at + i & ring.length - 1] = base + all[from + i];
        }
    }

    /** Writes down when registers are ready, but for those of a set. */
    void writeDownReady(long[] readyAt, long base, int known) {
        int from = entryCount + takenCount + drainedCount;
        int left = defined;
        while (left != 0) {
            int register = Integer.numberOfTrailingZeros(left);
            if ((known >>> register & 1) == 0) {
                readyAt[register] = base + late[from];
            }
            from++;
            left &= left - 1;
        }
    }
}
