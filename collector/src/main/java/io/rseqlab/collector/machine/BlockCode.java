package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Reg;
import org.objectweb.asm.ClassVisitor;

/** The vocabulary of {@link BlockWriter}: the locals of a block's method, and the bytecodes of what recurs. */
final class BlockCode extends HostCode {
    static final String CORE_TYPE = name(Core.class);
    static final String MACHINE_TYPE = name(Machine.class);
    static final String MARKS_TYPE = name(MarkListener.class);
    static final String BLOCK_TYPE = name(Block.class);
    static final String SCHEDULE_TYPE = name(Schedule.class);
    private static final String THREAD_TYPE = name(ThreadContext.class);
    private static final String MEMORY_TYPE = name(Memory.class);

    // ---- objects
    static final int CORE = 1;
    static final int SCHEDULE = 2;
    static final int REGS = 3;
    static final int WORDS = 4;
    static final int READ_FILTER = 5;
    static final int WRITE_FILTER = 6;
    static final int FORWARD_ADDRESS = 7;
    static final int FORWARD_READY = 8;
    static final int FORWARD_UNTIL = 9;
    static final int CONSTANTS = 10;
    static final int TIMES = 11;
    static final int TRIP_COUNT = 12;
    static final int TAKEN_BEYOND = 13;
    static final int NEVER_TAKEN = 14;
    static final int OTHER = 15;

    // ---- ints
    static final int KEY = 16;
    static final int SEEN = 17;
    static final int STEP = 18;
    static final int TAKEN = 19;
    static final int SPECIAL = 28;
    static final int SPECIAL_BEYOND = 29;
    static final int READ_MASK = 32;
    static final int WRITE_MASK = 33;
    static final int ADDRESS_MASK = 34;
    static final int READY_MASK = 35;
    static final int UNTIL_MASK = 36;

    // ---- longs
    static final int BASE = 20;
    static final int MEMORY_END = 22;
    static final int ADDRESS = 24;
    static final int WORD = 26;
    static final int RESULT = 30;
    private static final int REGISTERS = 37;

    /** Micro-operations for which a register is kept in a local: longer, and the host runs out of registers. */
    private static final int MEMORABLE = 16;

    private final int[] valueSince = new int[Reg.COUNT];
    private int now = MEMORABLE;

    BlockCode(ClassVisitor writer) {
        super(writer.visitMethod(0, "run", "(L" + CORE_TYPE + ";L" + SCHEDULE_TYPE + ";)I", null, null));
    }

    void callOwn(String name, String descriptor) {
        callVirtual(BLOCK_TYPE, name, descriptor);
    }

    void callMark() {
        callInterface(MARKS_TYPE, "mark", "(L" + CORE_TYPE + ";IIJJ)Z");
    }

    void enter() {
        keep("readFilter", "[J", READ_FILTER);
        keep("writeFilter", "[J", WRITE_FILTER);
        keep("forwardAddress", "[J", FORWARD_ADDRESS);
        keep("forwardReady", "[J", FORWARD_READY);
        keep("forwardUntil", "[J", FORWARD_UNTIL);
        mask(READ_FILTER, READ_MASK);
        mask(WRITE_FILTER, WRITE_MASK);
        mask(FORWARD_ADDRESS, ADDRESS_MASK);
        mask(FORWARD_READY, READY_MASK);
        mask(FORWARD_UNTIL, UNTIL_MASK);
        keep("tripCount", "[I", TRIP_COUNT);
        keep("takenBeyond", "[I", TAKEN_BEYOND);
        keep("neverTaken", "[Z", NEVER_TAKEN);
        fromCore("thread", THREAD_TYPE);
        field(THREAD_TYPE, "regs", "[J");
        store(ASTORE, REGS);
        fromCore("machine", MACHINE_TYPE);
        field(MACHINE_TYPE, "memory", MEMORY_TYPE);
        insn(DUP);
        field(MEMORY_TYPE, "words", "[J");
        store(ASTORE, WORDS);
        callVirtual(MEMORY_TYPE, "end", "()J");
        pushLong(7);
        insn(LSUB);
        store(LSTORE, MEMORY_END);
        load(ALOAD, 0);
        field(BLOCK_TYPE, "constants", "[J");
        store(ASTORE, CONSTANTS);
        times();
        fromCore("dispatch", "J");
        pushLong(-Core.UNIT);
        insn(LAND);
        store(LSTORE, BASE);
    }

    private void keep(String name, String type, int local) {
        fromCore(name, type);
        store(ASTORE, local);
    }

    private void times() {
        load(ALOAD, SCHEDULE);
        field(SCHEDULE_TYPE, "times", "[I");
        store(ASTORE, TIMES);
        load(ALOAD, SCHEDULE);
        field(SCHEDULE_TYPE, "special", "I");
        store(ISTORE, SPECIAL);
        load(ALOAD, SCHEDULE);
        field(SCHEDULE_TYPE, "specialBeyond", "I");
        store(ISTORE, SPECIAL_BEYOND);
    }

    /** The schedule becomes the other one. */
    void follow() {
        load(ALOAD, OTHER);
        store(ASTORE, SCHEDULE);
        times();
    }

    void fromCore(String name, String fieldType) {
        load(ALOAD, CORE);
        field(CORE_TYPE, name, fieldType);
    }

    /** On the stack: the block, the core and the schedule, for one of the block's own methods. */
    void loadCall() {
        load(ALOAD, 0);
        load(ALOAD, CORE);
        load(ALOAD, SCHEDULE);
    }

    /** On the stack: a time of the schedule. */
    void time(int place) {
        element(TIMES, place);
        insn(IALOAD);
    }

    /** On the stack: the same in absolute units. */
    void absolute(int place) {
        time(place);
        insn(I2L);
        load(LLOAD, BASE);
        insn(LADD);
    }

    // ---- values

    /** The next micro-operation begins. */
    void next() {
        now++;
    }

    void value(int register) {
        if (register == Reg.ZERO) {
            insn(LCONST_0);
            return;
        }
        if (now - valueSince[register] >= MEMORABLE) {
            valueSince[register] = now;
            element(REGS, register);
            insn(LALOAD);
            store(LSTORE, REGISTERS + 2 * register);
        }
        load(LLOAD, REGISTERS + 2 * register);
    }

    /** The register becomes what is on the stack. */
    void define(int register) {
        valueSince[register] = now;
        store(LSTORE, REGISTERS + 2 * register);
        element(REGS, register);
        load(LLOAD, REGISTERS + 2 * register);
        insn(LASTORE);
    }

    void immediate(BlockCompiler.Step step) {
        if (step.constant() < 0) {
            pushLong(step.small());
        } else {
            load(ALOAD, CONSTANTS);
            push(step.constant());
            insn(LALOAD);
        }
    }
}
