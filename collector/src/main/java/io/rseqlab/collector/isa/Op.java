package io.rseqlab.collector.isa;

/**
 * Operation codes of the micro-operation instruction set. They are plain ints, because the inner loop switches on them.
 * Register 0 always reads 0. All arithmetic is on 64 bits.
 */
public final class Op {
    /** Zero-cost note to the host, see {@link Mark}; it belongs to the micro-operation behind it. */
    public static final int MARK = 0;
    /** rd = constant. */
    public static final int LI = 1;
    /** rd = rs1. */
    public static final int MOV = 2;

    public static final int ADD = 3;
    public static final int ADDI = 4;
    public static final int SUB = 5;
    public static final int AND = 6;
    public static final int ANDI = 7;
    public static final int OR = 8;
    public static final int XOR = 9;
    /** rd = rs1 << imm. */
    public static final int SHLI = 10;
    /** rd = rs1 >>> imm. */
    public static final int SHRI = 11;
    /** rd = rs1 * rs2, three cycles. */
    public static final int MUL = 12;
    /** rd = 64 bits at rs1 + imm. */
    public static final int LD64 = 13;
    /** rd = 32 bits at rs1 + imm, zero-extended. */
    public static final int LD32 = 14;
    /** rd = 16 bits at rs1 + imm, zero-extended. */
    public static final int LD16 = 15;
    /** 64 bits at rs1 + imm = rs2. */
    public static final int ST64 = 16;

    public static final int ST32 = 17;
    public static final int ST16 = 18;
    /** Branch to imm if rs1 == rs2. */
    public static final int BEQ = 19;

    public static final int BNE = 20;
    /** Branch if rs1 < rs2, signed. */
    public static final int BLT = 21;
    /** Branch if rs1 >= rs2, signed. */
    public static final int BGE = 22;
    /** rs1 = rs1 - 1; branch to imm if it is not 0: one fused micro-operation, as dec/jnz is. */
    public static final int DJNZ = 23;

    public static final int JMP = 24;
    /** rd = return position; jump to imm. */
    public static final int CALL = 25;
    /** Jump to the position in rs1, predicted by the return stack. */
    public static final int RET = 26;
    /** Locked: rd = 64 bits at rs1 + imm; if equal to rs2, store rs3 there. */
    public static final int CAS64 = 27;
    /**
     * Locked, 16 bytes at rs1 + imm: compare with registers rs2 and rs2+1; if equal store rs3 and rs3+1, rd = 1; else
     * rd = 0 and rs2, rs2+1 = what was there.
     */
    public static final int CAS128 = 28;
    /** Locked: rd = 64 bits at rs1 + imm, which become rs2. */
    public static final int XCHG = 29;
    /** Locked: rd = 64 bits at rs1 + imm, to which rs2 is added. */
    public static final int XADD = 30;
    /** Full memory fence. */
    public static final int FENCE = 31;
    /** Spin-wait hint. */
    public static final int PAUSE = 32;
    /** Keeps the core busy for imm cycles. */
    public static final int WORK = 33;
    /** System call number imm with arguments in r1..r4; result in r1. */
    public static final int SYSCALL = 34;
    /** Call number imm of the host: r1..r3 in, r1 out; costs what the host declares. */
    public static final int HOST = 35;
    /** The four signature bytes that stand before an abort handler; never executed. */
    public static final int SIG = 36;
    /**
     * Begins a hardware transaction, as XBEGIN of Intel's Restricted Transactional Memory does. Where it is undone, all
     * registers and memory are as they were here, rd = why ({@link TransactionStatus}), and execution goes on at imm.
     */
    public static final int XBEGIN = 37;
    /** Commits the transaction: what it has written is there for others, all at once. An error outside of one. */
    public static final int XEND = 38;
    /** Undoes the transaction, for the reason of which imm, 0 to 255, is the number; outside of one it does nothing. */
    public static final int XABORT = 39;
    /** Number of operation codes. */
    public static final int COUNT = 40;

    private static final String[] NAMES = {
        "mark",
        "li",
        "mov",
        "add",
        "addi",
        "sub",
        "and",
        "andi",
        "or",
        "xor",
        "shli",
        "shri",
        "mul",
        "ld64",
        "ld32",
        "ld16",
        "st64",
        "st32",
        "st16",
        "beq",
        "bne",
        "blt",
        "bge",
        "djnz",
        "jmp",
        "call",
        "ret",
        "lock cas64",
        "lock cas128",
        "lock xchg",
        "lock xadd",
        "fence",
        "pause",
        "work",
        "syscall",
        "host",
        "sig",
        "xbegin",
        "xend",
        "xabort"
    };

    private Op() {}

    /** Packs a micro-operation: 8 bits code, four registers of 5 bits, 32 bits signed immediate in the upper half. */
    static long pack(int op, int rd, int rs1, int rs2, int rs3, int imm) {
        return (op & 0xffL)
                | (long) rd << 8
                | (long) rs1 << 13
                | (long) rs2 << 18
                | (long) rs3 << 23
                | (long) imm << 32;
    }

    public static int code(long word) {
        return (int) word & 0xff;
    }

    public static int rd(long word) {
        return (int) (word >>> 8) & 31;
    }

    public static int rs1(long word) {
        return (int) (word >>> 13) & 31;
    }

    public static int rs2(long word) {
        return (int) (word >>> 18) & 31;
    }

    public static int rs3(long word) {
        return (int) (word >>> 23) & 31;
    }

    public static int imm(long word) {
        return (int) (word >> 32);
    }

    /** True for the operations with a lock prefix. */
    public static boolean isLocked(int op) {
        return op >= CAS64 && op <= XADD;
    }

    /**
     * True for what a processor takes a new register for: not for copies, which it renames, nor for return addresses.
     */
    public static boolean writesRegister(int op) {
        return op == LI || op >= ADD && op <= LD16 || op == DJNZ || isLocked(op);
    }

    /** True for conditional branches. */
    public static boolean isConditional(int op) {
        return op >= BEQ && op <= DJNZ;
    }

    /** The mnemonic. */
    public static String name(int op) {
        return NAMES[op];
    }
}
