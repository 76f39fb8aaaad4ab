package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * A stretch of a core's private work that goes on repeating for as long as nothing disturbs the core, and what one turn
 * of it changes. Whole turns can be skipped wherever it comes to its head: all times move by the same amount, all
 * counts grow.
 */
final class Period {
    private final Core core;
    private final Machine machine;
    private final long disturbances;
    private final long start;
    private final long startMicroOps;
    private final long units;
    /** Length in cycles. */
    final long cycles;
    /** How far, in cycles, retirement is ahead of dispatch at most. */
    final long lead;

    /** The longest step of dispatch, in cycles. */
    final long mostStep;

    private final int microOps;
    private final long entries;
    private final long taken;
    private final long stores;
    private final long atomics;
    private final long mispredicts;
    /** Dispatch behind each micro-operation, from the start, in units; strictly growing. */
    private final int[] dispatches;
    /** By cycle of the period: the first micro-operation behind whose beginning dispatch has come. */
    private final int[] firstAt;

    private final int[] trips;
    private final long expires;
    private final int[] words;
    private final long[] counted;
    /** By visit of the head: what registers count in a period, and dispatch before it, from the start, in units. */
    private final long[][] registers;

    private final int[] visits;
    private final long[] exposure;
    private final long[] scratch;
    final MarkJournal journal;

    /** @param recurrence of the scan; it must hold */
    Period(PeriodScan scan, Recurrence recurrence, Machine machine) {
        this.machine = machine;
        core = scan.core;
        disturbances = scan.disturbances;
        start = scan.startDispatch;
        startMicroOps = scan.startMicroOps;
        units = core.dispatch - start;
        cycles = units >> Core.UNIT_BITS;
        lead = scan.lead;
        microOps = scan.microOps;
        entries = core.entries - scan.startEntries;
        taken = core.taken - scan.startTaken;
        stores = core.stores - scan.startStores;
        atomics = core.atomics - scan.startAtomics;
        mispredicts = core.mispredicts - scan.startMispredicts;
        dispatches = Arrays.copyOf(scan.dispatches, microOps);
        firstAt = new int[(int) cycles + 1];
        trips = new int[core.tripCount.length];
        for (int i = 0; i < trips.length; i++) {
            trips[i] = core.tripCount[i] - scan.tripCount[i];
        }
        expires = expires(scan);
        words = recurrence.countingWords();
        counted = Arrays.stream(words).mapToLong(recurrence::countedBy).toArray();
        registers = recurrence.registersCountBy();
        visits = visits(scan);
        exposure = scan.exposure;
        scratch = new long[Math.max(core.ring.length, Math.max(core.takenRing.length, core.storeRing.length))];
        journal = scan.journal;
        mostStep = (mostStepUnits() >> Core.UNIT_BITS) + 1;
        int microOp = 0;
        for (int cycle = 0; cycle < cycles; cycle++) {
            while (dispatches[microOp] <= cycle << Core.UNIT_BITS) {
                microOp++;
            }
            firstAt[cycle] = microOp;
        }
    }

    private long mostStepUnits() {
        int most = 0;
        int before = 0;
        for (int dispatch : dispatches) {
            most = Math.max(most, dispatch - before);
            before = dispatch;
        }
        return most;
    }

    /** True while nothing has disturbed the core, and branches are predicted as they were. */
    boolean holds() {
        return core.disturbances == disturbances
                && core.mode == Core.Mode.USER
                && core.microOps < expires
                && isInStep();
    }

    /** True if the core's dispatch is where the period has it: no more than a second look, for it always is. */
    private boolean isInStep() {
        long done = core.microOps - startMicroOps;
        int microOp = (int) (done % microOps);
        return core.dispatch == start + done / microOps * units + (microOp == 0 ? 0 : dispatches[microOp - 1]);
    }

    /** The first dispatch, in units, that is not before a limit. */
    long boundary(long limit) {
        long turns = Math.floorDiv(limit - start - 1, units);
        long rest = limit - start - turns * units; // 1 to units
        int microOp = firstAt[(int) ((rest - 1) >> Core.UNIT_BITS)];
        while (dispatches[microOp] < rest) {
            microOp++;
        }
        return start + turns * units + dispatches[microOp];
    }

    private int[] visits(PeriodScan scan) {
        int[] found = new int[registers.length];
        int microOp = 0;
        int visit = 0;
        for (int i = 0; i < scan.steps; i++) {
            if (scan.positions[i] == scan.head) {
                found[visit++] = microOp == 0 ? 0 : dispatches[microOp - 1];
            }
            microOp += scan.positions[i] >= 0 ? 1 : 0;
        }
        return found;
    }

    /** The core's next visit of the head, now included: dispatch before it. */
    long nextVisit() {
        long turns = Math.floorDiv(core.dispatch - start, units);
        int rest = (int) (core.dispatch - start - turns * units);
        int visit = Arrays.binarySearch(visits, rest);
        visit = visit < 0 ? ~visit : visit;
        return start + turns * units + (visit == visits.length ? units : visits[visit]);
    }

    /** True if all branches up to a dispatch, from where the core is, are predicted as in this turn. */
    boolean predictsUpTo(long dispatch) {
        return (dispatch - core.dispatch) / units + 1 < (expires - core.microOps) / microOps - 1;
    }

    /** The micro-operation before which no branch can be predicted otherwise. */
    private long expires(PeriodScan scan) {
        long turns = Long.MAX_VALUE / microOps / 2;
        for (int i = 0; i < trips.length; i++) {
            if (trips[i] != 0) {
                turns = Math.min(turns, Recurrence.turnsToMiss(core, i, scan.tripCount[i]) / trips[i]);
            }
        }
        return scan.startMicroOps + turns * microOps;
    }

    /**
     * Skips as many turns as there are to a later dispatch; the core is at a {@link #nextVisit}.
     *
     * @return micro-operations that they have
     */
    long skipTo(long dispatch) {
        long turns = (dispatch - core.dispatch) / units;
        if (turns > 0) {
            skip(turns);
        }
        return turns * microOps;
    }

    private void skip(long turns) {
        int rest = (int) Math.floorMod(core.dispatch - start, units);
        long[] register = registers[Arrays.binarySearch(visits, rest)];
        for (int i = 0; i < register.length; i++) {
            core.thread.regs[i] += turns * register[i];
        }
        core.last = null;
        long by = turns * units;
        core.dispatch += by;
        core.retireCycle += turns * cycles;
        core.takenAt += by;
        core.fence += by;
        core.memoryDone += by;
        core.lockedDone += by;
        core.drain += by;
        later(core.ready, by);
        later(core.waitRing, by);
        later(core.forwardReady, by);
        later(core.forwardUntil, by);
        rotate(core.ring, turns * entries, by);
        rotate(core.takenRing, turns * taken, by);
        core.wrongPath.shift(turns * entries, turns * taken, by);
        rotate(core.storeRing, turns * stores, by);
        core.microOps += turns * microOps;
        core.entries += turns * entries;
        core.taken += turns * taken;
        core.stores += turns * stores;
        core.atomics += turns * atomics;
        core.mispredicts += turns * mispredicts;
        core.evenUntil = -1;
        for (int i = 0; i < trips.length; i++) {
            core.tripCount[i] += (int) (turns * trips[i]);
        }
        long[] memory = machine.memory.words;
        for (int i = 0; i < words.length; i++) {
            memory[words[i]] += turns * counted[i];
        }
        for (int i = 0; i < exposure.length; i++) {
            machine.exposureCycles[i] += turns * exposure[i];
        }
        journal.repeat(turns, turns * cycles);
    }

    private static void later(long[] times, long by) {
        for (int i = 0; i < times.length; i++) {
            times[i] += by;
        }
    }

    /** Entries move with the index that is taken of them. */
    private void rotate(long[] ring, long entries, long by) {
        System.arraycopy(ring, 0, scratch, 0, ring.length);
        int mask = ring.length - 1;
        for (int i = 0; i < ring.length; i++) {
            ring[(int) (i + entries) & mask] = scratch[i] + by;
        }
    }
}
