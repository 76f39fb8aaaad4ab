package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;

/**
 * Whether a stretch after which a core's registers and times are as before would be gone through once more, and for
 * ever: what it reads of memory must be as before, too, and branches must be predicted as before.
 *
 * <p>Words may differ if they only count: what was read of such a word may be moved between registers, have numbers
 * added, and be written back to the same word or compared with it, and nothing else. Then no address, branch or other
 * word depends on it, and it grows by the same amount each time.
 */
final class Recurrence {
    private static final int NOTHING = -1;

    /** Of a register whose content is not what it was when the stretch began: it must be written before it is read. */
    private static final int UNKNOWN = -2;

    private final PeriodScan scan;
    private final Core core;
    private final long[] memory;
    private final long[] code;

    // ---- the words that were accessed, as a hash table
    private int[] keys = new int[1024];
    private int[] slots = new int[1024];
    private int count;
    private int[] word = new int[256];
    private long[] first = new long[256];
    /** The counting word that the content of a word, or of a register, stems from, and what was added to it. */
    private int[] origin = new int[256];

    private long[] added = new long[256];
    private final int[] registerOrigin = new int[Reg.COUNT];
    private final long[] registerAdded = new long[Reg.COUNT];
    private int access;

    /** By visit of the head: the origins of registers. */
    private int[][] visits = new int[64][];

    private int visitCount;

    Recurrence(PeriodScan scan, Machine machine) {
        this.scan = scan;
        core = scan.core;
        memory = machine.memory.words;
        code = machine.program.code();
    }

    /** True if the stretch repeats. */
    boolean holds() {
        return predictorRepeats() && memoryRepeats();
    }

    // ---- branches

    private boolean predictorRepeats() {
        if (!Arrays.equals(core.tripExpected, scan.tripExpected)
                || !Arrays.equals(core.tripCandidate, scan.tripCandidate)
                || !Arrays.equals(core.tripSeen, scan.tripSeen)
                || !Arrays.equals(core.bias, scan.bias)) {
            return false;
        }
        int[] executed = new int[code.length];
        for (int i = 0; i < scan.steps; i++) {
            if (scan.positions[i] >= 0) {
                executed[scan.positions[i]]++;
            }
        }
        for (int position = 0; position < code.length; position++) {
            int grown = core.tripCount[position] - scan.tripCount[position];
            boolean alwaysTaken =
                    grown == executed[position] && turnsToMiss(core, position, scan.tripCount[position]) > grown;
            if (grown != 0 && !alwaysTaken) {
                return false;
            }
        }
        return true;
    }

    /**
     * How often a branch that is always taken is still predicted to be, from a count of its turns on: until the count,
     * which starts again below zero when it has become too large, comes to the number that is expected, or before to
     * the turn at which a loop that long is guessed to end.
     */
    static long turnsToMiss(Core core, int position, int tripCount) {
        int expected = core.tripExpected[position];
        long turns = turnsBetween(tripCount, expected);
        return core.stumbleTurn < expected ? Math.min(turns, turnsBetween(tripCount, core.stumbleTurn)) : turns;
    }

    private static long turnsBetween(int tripCount, int later) {
        return (long) later - tripCount & 0xffffffffL;
    }

    // ---- memory

    private boolean memoryRepeats() {
        Arrays.fill(keys, NOTHING);
        for (int i = 0; i < scan.accesses; i++) {
            int slot = slot(scan.words[i]);
            if (slot == count) {
                add(scan.words[i], scan.before[i]);
            }
        }
        for (int i = 0; i < count; i++) {
            origin[i] = counts(i) ? i : NOTHING;
            added[i] = 0;
        }
        return countersOnlyCount();
    }

    private int slot(int wordIndex) {
        int mask = keys.length - 1;
        int at = wordIndex * 0x9e3779b9 >>> 7 & mask;
        while (keys[at] != NOTHING && keys[at] != wordIndex) {
            at = at + 1 & mask;
        }
        return keys[at] == NOTHING ? count : slots[at];
    }

    private void add(int wordIndex, long value) {
        if (2 * count >= keys.length) {
            grow();
        }
        if (count == word.length) {
            word = Arrays.copyOf(word, 2 * count);
            first = Arrays.copyOf(first, 2 * count);
            origin = Arrays.copyOf(origin, 2 * count);
            added = Arrays.copyOf(added, 2 * count);
        }
        word[count] = wordIndex;
        first[count] = value;
        enter(wordIndex, count++);
    }

    private void enter(int wordIndex, int slot) {
        int mask = keys.length - 1;
        int at = wordIndex * 0x9e3779b9 >>> 7 & mask;
        while (keys[at] != NOTHING) {
            at = at + 1 & mask;
        }
        keys[at] = wordIndex;
        slots[at] = slot;
    }

    private void grow() {
        keys = new int[2 * keys.length];
        slots = new int[keys.length];
        Arrays.fill(keys, NOTHING);
        for (int i = 0; i < count; i++) {
            enter(word[i], i);
        }
    }

    private boolean countersOnlyCount() {
        long[] regs = core.thread.regs;
        for (int register = 0; register < Reg.COUNT; register++) {
            registerOrigin[register] = regs[register] == scan.startRegs[register] ? NOTHING : UNKNOWN;
        }
        int[] begin = registerOrigin.clone();
        access = 0;
        for (int i = 0; i < scan.steps; i++) {
            int position = scan.positions[i];
            if (position == scan.head) {
                visit();
            }
            boolean allowed = position < 0 ? mark(code[~position]) : microOp(code[position]);
            if (!allowed) {
                return false;
            }
        }
        for (int i = 0; i < count; i++) {
            if (counts(i) && (origin[i] != i || first[i] + added[i] != memory[word[i]])) {
                return false;
            }
        }
        return registersRepeat(begin);
    }

    /**
     * A register that is as before must not have become so by counting; one that is not, has its origin from now on.
     */
    private boolean registersRepeat(int[] begin) {
        for (int register = 0; register < Reg.COUNT; register++) {
            int end = registerOrigin[register];
            if (begin[register] == NOTHING && end != NOTHING) {
                return false;
            }
            for (int visit = 0; visit < visitCount; visit++) {
                if (visits[visit][register] == UNKNOWN) {
                    visits[visit][register] = end;
                }
            }
        }
        return true;
    }

    private void visit() {
        if (visitCount == visits.length) {
            visits = Arrays.copyOf(visits, 2 * visitCount);
        }
        visits[visitCount++] = registerOrigin.clone();
    }

    /** True of a word that is not what it was when the stretch began. */
    private boolean counts(int slot) {
        return memory[word[slot]] != first[slot];
    }

    private boolean mark(long mark) {
        int kind = Op.rd(mark);
        boolean operation = kind == Mark.OP_BEGIN || kind == Mark.OP_END;
        return plain(Op.rs1(mark)) && (!operation || plain(Reg.A0));
    }

    private boolean plain(int register) {
        return registerOrigin[register] == NOTHING;
    }

    private void define(int register, int from, long sum) {
        if (register != Reg.ZERO) {
            registerOrigin[register] = from;
            registerAdded[register] = sum;
        }
    }

    private boolean microOp(long op) {
        int rd = Op.rd(op);
        int rs1 = Op.rs1(op);
        int rs2 = Op.rs2(op);
        switch (Op.code(op)) {
            case Op.LI, Op.CALL -> define(rd, NOTHING, 0);
            case Op.MOV, Op.ADDI -> {
                define(rd, registerOrigin[rs1], registerAdded[rs1] + (Op.code(op) == Op.ADDI ? Op.imm(op) : 0));
                return registerOrigin[rs1] != UNKNOWN;
            }
            case Op.ANDI, Op.SHLI, Op.SHRI -> {
                if (!plain(rs1)) {
                    return false;
                }
                define(rd, NOTHING, 0);
            }
            case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR, Op.MUL -> {
                if (!plain(rs1) || !plain(rs2)) {
                    return false;
                }
                define(rd, NOTHING, 0);
            }
            case Op.LD64, Op.LD32, Op.LD16 -> {
                int slot = slot(scan.words[access++]);
                if (!plain(rs1) || Op.code(op) != Op.LD64 && origin[slot] != NOTHING) {
                    return false;
                }
                define(rd, origin[slot], added[slot]);
            }
            case Op.ST64, Op.ST32, Op.ST16 -> {
                int slot = slot(scan.words[access++]);
                boolean whole = Op.code(op) == Op.ST64;
                return plain(rs1) && (whole || origin[slot] == NOTHING && plain(rs2)) && store(slot, rs2, whole);
            }
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE -> {
                return plain(rs1) && plain(rs2);
            }
            case Op.DJNZ, Op.RET -> {
                return plain(rs1);
            }
            case Op.CAS64, Op.CAS128, Op.XCHG, Op.XADD -> {
                return plain(rs1) && locked(op, rd, rs2);
            }
            default -> {
                return true; // a jump, a fence, a pause, work
            }
        }
        return true;
    }

    /** A word takes the content of a register: what stems from itself if it counts, else anything plain. */
    private boolean store(int slot, int register, boolean whole) {
        if (registerOrigin[register] != (counts(slot) ? slot : NOTHING)) {
            return false;
        }
        if (whole) {
            origin[slot] = registerOrigin[register];
            added[slot] = registerAdded[register];
        }
        return true;
    }

    private boolean locked(long op, int rd, int rs2) {
        int rs3 = Op.rs3(op);
        boolean matched = scan.matched[access];
        if (Op.code(op) == Op.CAS128) {
            int high = slot(scan.words[access++]);
            int low = slot(scan.words[access++]);
            if (!comparable(low, rs2) || !comparable(high, rs2 + 1)) {
                return false;
            }
            if (!matched) {
                define(rs2, origin[low], added[low]);
                define(rs2 + 1, origin[high], added[high]);
            } else if (!store(low, rs3, true) || !store(high, rs3 + 1, true)) {
                return false;
            }
            define(rd, NOTHING, 0);
            return true;
        }
        int slot = slot(scan.words[access++]);
        int oldOrigin = origin[slot];
        long oldAdded = added[slot];
        boolean allowed = switch (Op.code(op)) {
            case Op.CAS64 -> comparable(slot, rs2) && (!matched || store(slot, rs3, true));
            case Op.XCHG -> store(slot, rs2, true);
            default -> oldOrigin == NOTHING && plain(rs2);
        };
        define(rd, oldOrigin, oldAdded);
        return allowed;
    }

    /** True if a word and a register are equal in each turn or in none. */
    private boolean comparable(int slot, int register) {
        return origin[slot] == registerOrigin[register];
    }

    // ---- what came of it

    /** The words that count. */
    int[] countingWords() {
        int[] found = new int[count];
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (counts(i)) {
                found[n++] = word[i];
            }
        }
        return Arrays.copyOf(found, n);
    }

    /** By how much a word counts. */
    long countedBy(int wordIndex) {
        int slot = slot(wordIndex);
        return memory[wordIndex] - first[slot];
    }

    /**
     * By visit of the head and register: by how much the register's content will be more at the same visit next time.
     */
    long[][] registersCountBy() {
        long[][] by = new long[visitCount][];
        for (int visit = 0; visit < visitCount; visit++) {
            by[visit] = new long[Reg.COUNT];
            for (int register = 0; register < Reg.COUNT; register++) {
                int from = visits[visit][register];
                by[visit][register] = from < 0 ? 0 : memory[word[from]] - first[from];
            }
        }
        return by;
    }
}
