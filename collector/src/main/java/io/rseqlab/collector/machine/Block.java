package io.rseqlab.collector.machine;

/**
 * A path of micro-operations as one host method. It is entered only when {@link #fits} says that neither the horizon
 * nor an interrupt can fall inside; it leaves early where execution departs from the path, or before a micro-operation
 * that only the interpreter does. {@link BlockCompiler} writes the subclasses; what they need of Java stands here.
 */
abstract class Block {
    /** Went through, or left the path behind a branch. */
    static final int LEFT = 0;
    /** The next micro-operation is the interpreter's. */
    static final int NEEDS_INTERPRETER = 1;
    /** A mark asks the core to leave its fast loop. */
    static final int STOPPED = 2;

    /** Does not fit. */
    static final int NOT = 0;
    /** Fits, and neither the window nor the store buffer holds dispatch back. */
    static final int FREE = 1;
    /** Fits, but they may. */
    static final int BOUND = 2;

    /**
     * Times in a block are ints; where retirement or stores are so far behind dispatch, in units, they might not do.
     */
    private static final long FAR = 1L << 29;

    /** What the block was made of. */
    Trace trace;

    /** The same for when dispatch is held back, null until that has happened often. */
    Block bound;

    int boundVisits;

    /** Positions of the micro-operations, and behind them those that follow marks. */
    int[] positions;
    /** Where each micro-operation leads on the path: a mark, if one follows. */
    int[] nexts;
    /** Where each branch goes when taken. */
    int[] targets;
    /** Values that differ between programs of one shape. */
    long[] constants;

    /** Number of micro-operations. */
    int length;
    /** Entries of the window that each takes, and all before the last. */
    byte[] takes;

    int entriesBeforeLast;
    /** Taken branches. */
    int branches;

    int stores;
    /** Upper bound of what dispatch moves in the block, the waits for window and store buffer apart, in units. */
    long spanUnits;
    /** Upper bound of what retirement moves in the block, in cycles. */
    long spanCycles;

    /** Executes the block on a core from its own start. */
    abstract int run(Core core);

    /**
     * How the block can be entered: {@link #FREE} and {@link #BOUND} if in the whole block dispatch stays before the
     * limit and nothing retires when an interrupt is due.
     */
    final int fits(Core core, long limitUnits, long slotUnits, long takenUnits) {
        long[] ring = core.ring;
        long dispatch = Math.max(core.dispatch, ring[(int) core.entries + entriesBeforeLast & ring.length - 1]);
        if (stores > 0) {
            long[] storeRing = core.storeRing;
            dispatch = Math.max(dispatch, storeRing[((int) core.stores + stores - 1) & (storeRing.length - 1)]);
        }
        long cycle = Math.max(core.retireCycle, dispatch >> Core.UNIT_BITS);
        long[] takenRing = core.takenRing;
        if (branches > core.takenLimit
                || takenRing[(int) core.taken + branches - 1 & takenRing.length - 1] + takenUnits > core.dispatch) {
            return NOT;
        }
        long last = Math.max(dispatch, core.takenAt);
        if (last + spanUnits >= limitUnits
                || Math.max(cycle, last >> Core.UNIT_BITS) + spanCycles >= core.interruptAt - 1
                || Math.max(cycle << Core.UNIT_BITS, Math.max(core.drain, last)) - core.dispatch > FAR) {
            return NOT;
        }
        return dispatch <= core.dispatch + slotUnits ? FREE : BOUND;
    }

    /** Stores times back. */
    static void settle(Core core, long base, int dispatch, int takenAt, int memoryDone, int drain) {
        core.dispatch = base + dispatch;
        if (takenAt > 0) {
            core.takenAt = base + takenAt;
        }
        if (memoryDone > 0) {
            core.memoryDone = base + memoryDone;
        }
        if (drain > 0) {
            core.drain = base + drain;
        }
    }

    /** Retires what was executed and is not settled; where a branch left the path, the last leads elsewhere. */
    final void retireLast(Core core, long base, int settled, int executed, int outcome) {
        if (outcome != LEFT) {
            retire(core, base, settled, executed);
            return;
        }
        int expected = nexts[executed - 1];
        nexts[executed - 1] = core.thread.pc;
        retire(core, base, settled, executed);
        nexts[executed - 1] = expected;
    }

    /**
     * Retires micro-operations whose times stand in the core's list: groups, exposure, the window's entries. Two at a
     * time, not for the loop's sake: a method of this size the host does not copy into every block, where it would
     * compete for registers.
     */
    final void retire(Core core, long base, int from, int to) {
        long[] exposure = core.machine.exposureCycles;
        int width = core.machine.interpreter.retireWidth;
        long[] ring = core.ring;
        int mask = ring.length - 1;
        int[] done = core.doneTimes;
        int[] at = positions;
        int[] next = nexts;
        byte[] takes = this.takes;
        long[] takenRing = core.takenRing;
        int takenMask = takenRing.length - 1;
        int branch = (int) core.taken + core.takenLimit;
        int entry = (int) core.entries + core.window;
        int retired = (int) ((core.retireCycle << Core.UNIT_BITS) - base);
        long gap = core.lastGap;
        int count = core.retireCount;
        int i = from;
        if ((to - from & 1) != 0) {
            int retires = (done[i] + Core.UNIT - 1) & -Core.UNIT;
            if (retires > retired || ++count > width) {
                retires = Math.max(retires, retired + Core.UNIT);
                gap = (retires - retired) >> Core.UNIT_BITS;
                exposure[gap == 1 ? at[i] : next[i]] += gap;
                retired = retires;
                count = 1;
            }
            ring[entry & mask] = base + retired;
            entry += takes[i];
            takenRing[branch & takenMask] = base + retired;
            branch += next[i] != at[i] + 1 ? 1 : 0;
            i++;
        }
        for (; i < to; i += 2) {
            int retires = (done[i] + Core.UNIT - 1) & -Core.UNIT;
            if (retires > retired || ++count > width) {
                retires = Math.max(retires, retired + Core.UNIT);
                gap = (retires - retired) >> Core.UNIT_BITS;
                exposure[gap == 1 ? at[i] : next[i]] += gap;
                retired = retires;
                count = 1;
            }
            ring[entry & mask] = base + retired;
            entry += takes[i];
            takenRing[branch & takenMask] = base + retired;
            branch += next[i] != at[i] + 1 ? 1 : 0;
            retires = (done[i + 1] + Core.UNIT - 1) & -Core.UNIT;
            if (retires > retired || ++count > width) {
                retires = Math.max(retires, retired + Core.UNIT);
                gap = (retires - retired) >> Core.UNIT_BITS;
                exposure[gap == 1 ? at[i + 1] : next[i + 1]] += gap;
                retired = retires;
                count = 1;
            }
            ring[entry & mask] = base + retired;
            entry += takes[i + 1];
            takenRing[branch & takenMask] = base + retired;
            branch += next[i + 1] != at[i + 1] + 1 ? 1 : 0;
        }
        core.entries += entry - core.window - (int) core.entries;
        core.taken += branch - core.takenLimit - (int) core.taken;
        core.retireCycle = (base + retired) >> Core.UNIT_BITS;
        core.lastGap = gap;
        core.retireCount = count;
        core.microOps += to - from;
    }

    /** Where a branch of the block leads. */
    final int behindBranch(int microOp, boolean taken) {
        return taken ? targets[microOp] : positions[microOp] + 1;
    }

    /** Dispatch behind a branch that leaves the path. */
    static int leave(Core core, boolean predicted, int dispatch, int refilled) {
        if (predicted) {
            return dispatch;
        }
        core.mispredicts++;
        core.wrongPath.owe(refilled - dispatch);
        return Math.max(dispatch, refilled);
    }
}
