package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import java.util.Arrays;

/**
 * One stretch of a core's work that may be a period, written down micro-operation by micro-operation while the
 * interpreter does it.
 */
final class PeriodScan {
    /** Longer stretches are left alone: an event would come before they pay. */
    static final int MOST_MICRO_OPS = 1 << 19;

    /** Turns of a loop that is one branch are noted so many at a time, at most. */
    static final int MOST_TURNS = 1 << 10;

    private static final int FIRST_SIZE = 1 << 14;

    final Core core;
    final CoreState start = new CoreState();
    final MarkJournal journal;
    final long disturbances;
    final long startDispatch;
    final long startCycle;
    final long startMicroOps;
    final long startEntries;
    final long startTaken;
    final long startStores;
    final long startAtomics;
    final long startMispredicts;
    final long[] startRegs;
    final int[] tripCount;
    final int[] tripExpected;
    final int[] tripCandidate;
    final byte[] tripSeen;
    final byte[] bias;

    /** Positions in order; those of marks inverted. */
    int[] positions = new int[FIRST_SIZE];

    int steps;
    /** By micro-operation: dispatch behind it, from the start, in units. */
    int[] dispatches = new int[FIRST_SIZE];

    int microOps;
    /** By access, in order: the word, what was in it before, and if a compare-and-swap found what it expected. */
    int[] words = new int[FIRST_SIZE];

    long[] before = new long[FIRST_SIZE];
    boolean[] matched = new boolean[FIRST_SIZE];
    int accesses;
    /** Exposure as it grew. */
    final long[] exposure;
    /** How far, in cycles, retirement was ahead of dispatch at most. */
    long lead;
    /** Where the stretch begins, and may be skipped from. */
    final int head;

    private final Machine machine;
    private final long[] code;
    private boolean attempted;

    /** Begins at a core's present state. */
    PeriodScan(Machine machine, Core core, MarkJournal journal) {
        this.machine = machine;
        this.core = core;
        this.journal = journal;
        code = machine.program.code();
        exposure = new long[code.length + 1];
        start.capture(core);
        head = core.thread.pc;
        disturbances = core.disturbances;
        startDispatch = core.dispatch;
        startCycle = core.retireCycle;
        startMicroOps = core.microOps;
        startEntries = core.entries;
        startTaken = core.taken;
        startStores = core.stores;
        startAtomics = core.atomics;
        startMispredicts = core.mispredicts;
        startRegs = core.thread.regs.clone();
        tripCount = core.tripCount.clone();
        tripExpected = core.tripExpected.clone();
        tripCandidate = core.tripCandidate.clone();
        tripSeen = core.tripSeen.clone();
        bias = core.bias.clone();
    }

    /**
     * Lets the core do one micro-operation or mark, or turns of a loop that is one branch up to a dispatch; false if
     * the stretch is no period for that.
     */
    boolean step(long limit) {
        int position = core.thread.pc;
        long word = code[position];
        int op = Op.code(word);
        makeRoom();
        attempted = false;
        if (op == Op.MARK) {
            positions[steps++] = ~position;
            attempted = true;
            machine.interpreter.run(core, Long.MIN_VALUE);
            return core.thread.pc == position + 1 && core.forceIn < 0;
        }
        if (op == Op.DJNZ && Op.imm(word) == position && position != head && takeTurns(position, word, limit)) {
            attempted = true;
            return goesOn();
        }
        if (op == Op.HOST || op == Op.SYSCALL || op == Op.XBEGIN || !noteAccess(word, op)) {
            return false;
        }
        positions[steps++] = position;
        long retired = core.retireCycle;
        attempted = true;
        machine.interpreter.run(core, Long.MIN_VALUE);
        noteMicroOp(core.dispatch, core.retireCycle);
        if (core.retireCycle != retired) {
            exposure[core.lastGap == 1 ? position : core.thread.pc] += core.lastGap;
        }
        return goesOn();
    }

    private boolean goesOn() {
        return core.microOps == startMicroOps + microOps
                && core.disturbances == disturbances
                && microOps < MOST_MICRO_OPS;
    }

    private boolean takeTurns(int position, long word, long limit) {
        long exposed = machine.exposureCycles[position];
        int turns = (int) machine.interpreter.selfLoop.spinNoting(this, position, word, limit);
        exposure[position] += machine.exposureCycles[position] - exposed;
        Arrays.fill(positions, steps, steps + turns, position);
        steps += turns;
        return turns > 0;
    }

    /** A micro-operation is done: when the next can be dispatched, and what has retired. */
    void noteMicroOp(long dispatch, long retireCycle) {
        dispatches[microOps++] = (int) (dispatch - startDispatch);
        lead = Math.max(lead, retireCycle - (dispatch >> Core.UNIT_BITS));
    }

    /** True if the last step came so far as to ask the interpreter. */
    boolean attempted() {
        return attempted;
    }

    private boolean noteAccess(long word, int op) {
        boolean plain = op >= Op.LD64 && op <= Op.ST16;
        boolean locked = op >= Op.CAS64 && op <= Op.XADD;
        if (!plain && !locked) {
            return true;
        }
        long[] regs = core.thread.regs;
        long address = regs[Op.rs1(word)] + Op.imm(word);
        long last = address + (op == Op.CAS128 ? 8 : 0);
        if (!machine.memory.mapped(address & -8) || !machine.memory.mapped(last & -8)) {
            return false;
        }
        boolean equal = machine.memory.read64(address & -8) == regs[Op.rs2(word)];
        if (op == Op.CAS128) {
            equal &= machine.memory.read64(last & -8) == regs[Op.rs2(word) + 1];
            access(last, equal);
        }
        access(address, equal);
        return true;
    }

    private void access(long address, boolean equal) {
        int index = Memory.index(address & -8);
        words[accesses] = index;
        before[accesses] = machine.memory.words[index];
        matched[accesses++] = equal;
    }

    private void makeRoom() {
        if (steps + MOST_TURNS > positions.length) {
            positions = Arrays.copyOf(positions, 2 * positions.length);
        }
        if (microOps + MOST_TURNS > dispatches.length) {
            dispatches = Arrays.copyOf(dispatches, 2 * dispatches.length);
        }
        if (accesses + 2 > words.length) {
            words = Arrays.copyOf(words, 2 * words.length);
            before = Arrays.copyOf(before, words.length);
            matched = Arrays.copyOf(matched, words.length);
        }
    }

    /** True if the core is again in the state in which the stretch began, but for time, registers and memory. */
    boolean closes() {
        CoreState end = new CoreState();
        end.capture(core);
        return end.sameAs(start) && core.disturbances == disturbances;
    }
}
