package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/** A path as it was executed once: positions in order, marks included, and the position behind the last of them. */
final class Trace {
    /**
     * About how many bytecodes the micro-operations of a block may take, inlined helpers included: the host's compiler
     * gives up at 8000.
     */
    private static final int MOST_BYTES = 7600;

    static final int MOST_STEPS = 128;

    /** {@link Schedule} has one bit for each load and store. */
    static final int MOST_ACCESSES = 64;

    final int[] positions = new int[MOST_STEPS + 1];
    /** Of loads and stores: where they went. */
    final long[] addresses = new long[MOST_STEPS];

    int steps;
    int microOps;
    int stores;
    private int accesses;
    private int bytes;

    /** Takes a position up; false if the path ends before it. */
    boolean add(int position, long word, long[] regs, int windowEntries, int storeEntries) {
        int size = bytes(position, word);
        boolean isStore = isStore(Op.code(word));
        boolean isAccess = isStore || isLoad(Op.code(word));
        if (size < 0
                || bytes + size > MOST_BYTES
                || steps == MOST_STEPS
                || isAccess && accesses == MOST_ACCESSES
                || microOps == windowEntries
                || isStore && stores == storeEntries) {
            return false;
        }
        bytes += size;
        addresses[steps] = isAccess ? regs[Op.rs1(word)] + Op.imm(word) : 0;
        accesses += isAccess ? 1 : 0;
        positions[steps++] = position;
        microOps += Op.code(word) == Op.MARK ? 0 : 1;
        stores += isStore ? 1 : 0;
        return true;
    }

    /** Says where the path goes on. */
    void end(int position) {
        positions[steps] = position;
    }

    /** A mark behind the last micro-operation is not part of the path: the horizon may lie between. */
    void dropTrailingMarks(long[] code) {
        while (steps > 0 && Op.code(code[positions[steps - 1]]) == Op.MARK) {
            steps--;
        }
    }

    static boolean isLoad(int op) {
        return op >= Op.LD64 && op <= Op.LD16;
    }

    static boolean isStore(int op) {
        return op >= Op.ST64 && op <= Op.ST16;
    }

    /** Bytecodes of a micro-operation, about; -1 if blocks leave it to the interpreter. */
    private static int bytes(int position, long word) {
        int op = Op.code(word);
        return switch (op) {
            case Op.MARK -> 45;
            case Op.LI, Op.MOV, Op.ADDI, Op.ANDI, Op.SHLI, Op.SHRI -> Op.rd(word) == 0 ? -1 : 22;
            case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR, Op.MUL -> Op.rd(word) == 0 ? -1 : 30;
            case Op.LD64, Op.LD32, Op.LD16 -> Op.rd(word) == 0 ? -1 : 150;
            case Op.ST64, Op.ST32, Op.ST16 -> 155;
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE -> Op.imm(word) == position ? -1 : 70;
            case Op.DJNZ -> Op.imm(word) == position || Op.rs1(word) == 0 ? -1 : 80;
            case Op.JMP -> 0;
            case Op.RET -> 25;
            case Op.CALL -> Op.rd(word) == 0 ? -1 : 20;
            default -> -1;
        };
    }
}
