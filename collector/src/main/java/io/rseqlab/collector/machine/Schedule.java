package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * When each micro-operation of a path, or of its first part, is dispatched, done and retired from a {@link Timing} on,
 * and what of it stays: times are in units behind the beginning of the cycle in which it began. {@link Scheduler} makes
 * them.
 */
final class Schedule {
    // ---- times of a load or store that the host code looks at, by place
    /** When it is issued. */
    static final int ISSUE = 0;
    /** What it is expected to see, see {@link #NOT_FORWARDED}. */
    static final int EXPECTED = 1;
    /** Dispatch before it. */
    static final int BEFORE = 2;
    /** Of a store: when its value can be forwarded, and until when. */
    static final int FORWARD_READY = 3;

    static final int FORWARD_UNTIL = 4;

    /**
     * Expected of a load: no store in the buffer feeds it; else it is when that store's value can be forwarded, 0 if
     * that is no hindrance.
     */
    static final int NOT_FORWARDED = -1;
    /** Expected of a store: its line is known to be there. */
    static final int FILTERED = 0;
    /** Expected of a store: it asks for its line and finds it in the first level. */
    static final int FOUND = 1;

    /** What exits there are before and at a step. */
    private static final int EXITS = 5;

    final Family family;
    final int[] times;
    /** Steps that it covers. */
    final int steps;

    int microOps;
    int dispatch;
    /** Dispatch before the last micro-operation. */
    int dispatchBeforeLast;

    int retire;
    int retireCount;
    /** Cycles between the last two groups; 0 if no group has begun. */
    long lastGap;

    int takenAt;

    int memoryDone;
    int drain;
    int loads;
    /** Follows a taken branch. */
    boolean takes;
    /** When those that take an entry of the window, jump, or store retire or drain, in order. */
    int[] entries;

    int[] taken;
    int[] drained;
    int[] registers;
    int[] ready;
    int[] exposedAt;
    int[] exposed;
    /** Where it leads. */
    int next;
    /** Ends with a branch that was predicted wrongly. */
    boolean mispredicted;
    /** For how long dispatch stands still behind that. */
    int lost;

    int[] exitValues;
    Timing exit;
    /** How often it was executed since exposure was added up last. */
    long turns;
    /** True once it was executed at all. */
    boolean executed;

    /** What followed last when something else was seen at a place. */
    Schedule other;

    int otherFrom;
    private Schedule[] parts;

    Schedule(Family family, int[] times, int steps) {
        this.family = family;
        this.times = times;
        this.steps = steps;
    }

    static int timesOf(int op) {
        return switch (op) {
            case Op.MARK -> 1;
            case Op.LD64, Op.LD32, Op.LD16 -> BEFORE + 1;
            case Op.ST64, Op.ST32, Op.ST16 -> FORWARD_UNTIL + 1;
            default -> 0;
        };
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
            parts = new Schedule[EXITS * (family.block.path.steps + 1)];
        }
        parts[index] = part;
    }

    /** True if dispatch stays before the limit up to the last micro-operation, and nothing retires at an interrupt. */
    boolean fits(Core core, long limitUnits) {
        long base = core.dispatch & -Core.UNIT;
        return base + dispatchBeforeLast < limitUnits && (base + retire) >> Core.UNIT_BITS < core.interruptAt - 1;
    }

    /** Does to a core what the micro-operations do, but for their values and what stores leave for loads. */
    void apply(Core core, long base) {
        core.thread.pc = next;
        if (mispredicted) {
            core.mispredicts++;
        }
        int entry = (int) core.entries + core.window;
        int mask = core.ring.length - 1;
        long[] ring = core.ring;
        for (int time : entries) {
            ring[entry++ & mask] = base + time;
        }
        core.entries += entries.length;
        if (lost > 0) {
            core.wrongPath.mispredicted(core.entries, lost, base + dispatch);
        }
        if (taken.length > 0) {
            int branch = (int) core.taken + core.takenLimit;
            long[] takenRing = core.takenRing;
            for (int time : taken) {
                takenRing[branch++ & takenRing.length - 1] = base + time;
            }
            core.taken += taken.length;
        }
        if (takes) {
            core.takenAt = base + takenAt;
        }
        if (drained.length > 0) {
            int store = (int) core.stores;
            long[] storeRing = core.storeRing;
            for (int time : drained) {
                storeRing[store++ & storeRing.length - 1] = base + time;
            }
            core.stores += drained.length;
            core.drain = base + drain;
        }
        if (loads > 0) {
            core.memoryDone = Math.max(core.memoryDone, base + memoryDone);
        }
        long[] readyAt = core.ready;
        for (int i = 0; i < registers.length; i++) {
            readyAt[registers[i]] = base + ready[i];
        }
        core.dispatch = base + dispatch;
        core.retireCycle = (base + retire) >> Core.UNIT_BITS;
        core.retireCount = retireCount;
        core.lastGap = lastGap == 0 ? core.lastGap : lastGap;
        core.microOps += microOps;
    }
}
