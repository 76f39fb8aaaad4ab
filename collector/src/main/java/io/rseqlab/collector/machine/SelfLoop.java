package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * Turns of a decrement-and-branch whose target is itself (think time, padding), taken many at a time with exactly the
 * effect that {@link Interpreter} has turn by turn.
 *
 * <p>A turn needs the counter of the turn before, so as soon as the counter is what retirement waits for, each turn is
 * done and retires one cycle after the last and begins a group of its own. Dispatch moves by the same step each turn, a
 * slot and a bubble or the distance between taken branches, or by one cycle where the reorder window holds it back, so
 * it is the larger of two straight lines; all that is left to look at are the window's entries from before the loop.
 * Turns that are not like that are stepped here, in a loop that knows nothing else. What ends a run of turns (the
 * loop's exit, a misprediction, the horizon, an interrupt) is left to the interpreter.
 */
final class SelfLoop {
    private static final long UNIT = Core.UNIT;
    private static final int UNIT_BITS = Core.UNIT_BITS;

    /** Fewer turns are stepped: a jump would not pay. */
    private static final long WORTH_A_JUMP = 8;

    /** Turns stepped before another jump is tried. */
    private static final long BURST = 16;

    private final long slotUnits;
    private final long takenUnits;
    private final long takenSpacingUnits;
    private int pairedTurns = Integer.MAX_VALUE;
    private final int retireWidth;
    private final long[] exposure;
    /** Who writes turns down one by one, null for nobody. */
    private PeriodScan notes;

    private long turnsTaken;

    SelfLoop(long slotUnits, long takenUnits, long takenSpacingUnits, int retireWidth, long[] exposure) {
        this.slotUnits = slotUnits;
        this.takenUnits = takenUnits;
        this.takenSpacingUnits = takenSpacingUnits;
        this.retireWidth = retireWidth;
        this.exposure = exposure;
    }

    /** From now on loops known to turn more often turn at most once a cycle. */
    void oneTurnACycleBeyond(int turns) {
        pairedTurns = turns;
    }

    /** The least distance between two turns of the loop at a position. */
    long spacingUnits(Core core, int pc) {
        return core.tripExpected[pc] > pairedTurns ? Math.max(UNIT, takenSpacingUnits) : takenSpacingUnits;
    }

    /**
     * Takes turns of the loop at a position while they are taken, predicted, dispatched before the limit and retired
     * before an interrupt is due; answers how many, 0 where the next turn is not such a one. The core's fields hold the
     * state before and after.
     */
    long spin(Core core, int pc, long word, long limitUnits, boolean mayJump) {
        int register = Op.rs1(word);
        long[] regs = core.thread.regs;
        long spacing = spacingUnits(core, pc);
        long left = Math.min(takenTurns(regs[register]), predictedTurns(core, pc));
        left = notes == null ? left : Math.min(left, PeriodScan.MOST_TURNS);
        long turns = 0;
        while (left > turns && core.dispatch < limitUnits) {
            long taken = mayJump ? jump(core, pc, register, left - turns, limitUnits, spacing) : 0;
            if (taken == 0) {
                long most = mayJump ? Math.min(left - turns, BURST) : left - turns;
                taken = step(core, pc, register, most, limitUnits, spacing);
            }
            if (taken == 0) {
                break;
            }
            turns += taken;
        }
        turnsTaken += turns;
        regs[register] -= turns;
        core.tripCount[pc] += (int) turns;
        core.bias[pc] = (byte) Math.min(core.bias[pc] + turns, Core.MOST_BIAS);
        return turns;
    }

    /** Micro-operations that were turns taken here, on all cores: blocks would not make them any faster. */
    long turnsTaken() {
        return turnsTaken;
    }

    /** The same, each turn written down as it is taken: they are what long loops in a stretch consist of. */
    long spinNoting(PeriodScan scan, int pc, long word, long limitUnits) {
        notes = scan;
        long turns = spin(scan.core, pc, word, limitUnits, false);
        notes = null;
        return turns;
    }

    private static long takenTurns(long counter) {
        return counter > 0 ? counter - 1 : Integer.MAX_VALUE;
    }

    private static long predictedTurns(Core core, int pc) {
        long before = (long) core.tripExpected[pc] - core.tripCount[pc];
        if (before >= 0) {
            long stumble = (long) core.stumbleTurn - core.tripCount[pc];
            return stumble >= 0 ? Math.min(before, stumble) : before;
        }
        return core.bias[pc] >= Core.LEANS_TO_TAKEN ? Integer.MAX_VALUE : 0;
    }

    private long step(Core core, int pc, int register, long most, long limitUnits, long spacing) {
        final long[] ring = core.ring;
        final int mask = ring.length - 1;
        final int window = core.window;
        final long[] takenRing = core.takenRing;
        final int takenMask = takenRing.length - 1;
        int branch = (int) core.taken;
        long dispatch = core.dispatch;
        long ready = core.ready[register];
        long retireCycle = core.retireCycle;
        int retireCount = core.retireCount;
        long lastGap = core.lastGap;
        long takenAt = core.takenAt;
        final long interruptAt = core.interruptAt - 1;
        final PeriodScan scan = notes;
        int even = evenEntries(core);
        long exposed = 0;
        int turns = 0;
        int entry = (int) core.entries;
        while (turns < most && dispatch < limitUnits) {
            long at = Math.max(dispatch + slotUnits, ring[entry & mask]);
            long done = Math.max(ready, at) + UNIT;
            long retires = (done + UNIT - 1) >> UNIT_BITS;
            if (retires > retireCycle || retireCount >= retireWidth) {
                retires = Math.max(retires, retireCycle + 1);
                if (retires >= interruptAt) {
                    break;
                }
                lastGap = retires - retireCycle;
                exposed += lastGap;
                retireCycle = retires;
                retireCount = 1;
                even = lastGap == 1 ? even + 1 : 1;
            } else {
                retireCount++;
                even = 1;
            }
            ring[entry++ + window & mask] = retireCycle << UNIT_BITS;
            dispatch = Math.max(Math.max(at, takenRing[branch & takenMask]) + takenUnits, takenAt);
            takenRing[branch++ + core.takenLimit & takenMask] = retireCycle << UNIT_BITS;
            takenAt = dispatch + spacing;
            ready = done;
            turns++;
            if (scan != null) {
                scan.noteMicroOp(dispatch, retireCycle);
            }
        }
        exposure[pc] += exposed;
        core.retireCount = retireCount;
        core.lastGap = lastGap;
        core.takenAt = takenAt;
        finish(core, register, turns, dispatch, ready, retireCycle, even);
        return turns;
    }

    private long jump(Core core, int pc, int register, long most, long limitUnits, long spacing) {
        long stepUnits = Math.max(slotUnits + takenUnits, spacing);
        long[] ring = core.ring;
        long ready = core.ready[register];
        long at = Math.max(core.dispatch + slotUnits, ring[(int) core.entries & (ring.length - 1)]);
        long[] takenRing = core.takenRing;
        long room = Math.max(at, takenRing[(int) core.taken & (takenRing.length - 1)]);
        long first = Math.max(room + takenUnits, core.takenAt);
        boolean counterBound =
                (ready + UNIT - 1) >> UNIT_BITS == core.retireCycle && at <= ready && first + slotUnits <= ready + UNIT;
        if (!counterBound || stepUnits > UNIT) {
            return 0;
        }
        long evenLine = ((core.retireCycle - core.window + 1) << UNIT_BITS) + takenUnits;
        long evenTaken = ((core.retireCycle - core.takenLimit + 1) << UNIT_BITS) + takenUnits;
        long reach = limitUnits - 1 - Math.max(first, Math.max(evenLine, evenTaken));
        long turns = Math.min(most, Math.min(core.interruptAt - 2 - core.retireCycle, (reach >> UNIT_BITS) + 1));
        if (turns < WORTH_A_JUMP) {
            return 0;
        }
        int even = evenEntries(core);
        int uneven = core.window - Math.min(even, core.window);
        int unevenTaken = core.takenLimit - Math.min(even, core.takenLimit);
        turns = Math.min(turns, unboundTurns(core.ring, core.entries, first - takenUnits, uneven, stepUnits));
        turns = Math.min(turns, unboundTurns(core.takenRing, core.taken, first - takenUnits, unevenTaken, stepUnits));
        if (turns < WORTH_A_JUMP) {
            return 0;
        }
        long last = first + (turns - 1) * stepUnits;
        if (turns > uneven) {
            last = Math.max(last, evenLine + ((turns - 1) << UNIT_BITS));
        }
        if (turns > unevenTaken) {
            last = Math.max(last, evenTaken + ((turns - 1) << UNIT_BITS));
        }
        fill(core, core.ring, core.entries, core.window, turns);
        fill(core, core.takenRing, core.taken, core.takenLimit, turns);
        exposure[pc] += turns;
        core.lastGap = 1;
        core.retireCount = 1;
        core.takenAt = last + spacing;
        finish(core, register, turns, last, ready + (turns << UNIT_BITS), core.retireCycle + turns, even + turns);
        return turns;
    }

    /**
     * Turns that a window's uneven entries do not hold back, if the first starts at a time and each is followed by the
     * next a step later; without bound if none of them does. Entries never decrease, so one that is early enough speaks
     * for all before it.
     */
    private static long unboundTurns(long[] ring, long next, long firstStart, int uneven, long stepUnits) {
        int mask = ring.length - 1;
        int first = (int) next;
        int turn = 0;
        while (turn < uneven) {
            long start = firstStart + turn * stepUnits;
            int span = uneven - 1 - turn;
            while (span > 0 && ring[(first + turn + span) & mask] > start) {
                span >>= 1;
            }
            if (ring[(first + turn) & mask] > start) {
                return turn;
            }
            turn += span + 1;
        }
        return Long.MAX_VALUE;
    }

    /** Writes what the last turns leave in the window. */
    private static void fill(Core core, long[] ring, long next, int window, long turns) {
        int mask = ring.length - 1;
        long firstTurn = Math.max(1, turns - window + 1);
        int entry = (int) (next + window + firstTurn - 1);
        long value = (core.retireCycle + firstTurn) << UNIT_BITS;
        for (long turn = firstTurn; turn <= turns; turn++) {
            ring[entry++ & mask] = value;
            value += UNIT;
        }
    }

    private static void finish(
            Core core, int register, long turns, long dispatch, long ready, long retireCycle, long even) {
        core.dispatch = dispatch;
        core.ready[register] = ready;
        core.retireCycle = retireCycle;
        core.microOps += turns;
        core.entries += turns;
        core.taken += turns;
        core.evenEntries = (int) Math.min(even, core.window);
        core.evenUntil = core.microOps;
        core.evenCycle = retireCycle;
    }

    /** Newest entries of the window known to lie one cycle apart, the last of them at the core's retirement. */
    private static int evenEntries(Core core) {
        return core.evenUntil == core.microOps && core.evenCycle == core.retireCycle ? core.evenEntries : 0;
    }
}
