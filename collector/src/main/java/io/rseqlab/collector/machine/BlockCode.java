package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Reg;
import org.objectweb.asm.ClassVisitor;

/**
 * The vocabulary of {@link BlockWriter}: which local holds what, and the bytecodes of what recurs. Times are ints, in
 * units behind {@link #BASE}; what is earlier counts as 0, for every time is compared with a later one first.
 */
final class BlockCode extends HostCode {
    static final String CORE_TYPE = name(Core.class);
    static final String MACHINE_TYPE = name(Machine.class);
    static final String MARKS_TYPE = name(MarkListener.class);
    static final String BLOCK_TYPE = name(Block.class);
    private static final String THREAD_TYPE = name(ThreadContext.class);
    private static final String MEMORY_TYPE = name(Memory.class);

    // ---- arrays
    static final int CORE = 1;
    static final int RING = 2;
    private static final int REGS = 3;
    private static final int READY = 4;
    static final int WORDS = 5;
    static final int STORE_RING = 6;
    static final int READ_FILTER = 7;
    static final int WRITE_FILTER = 8;
    static final int FORWARD_ADDRESS = 9;
    static final int FORWARD_READY = 10;
    private static final int CONSTANTS = 11;
    private static final int POSITIONS = 12;
    private static final int DONE_TIMES = 18;

    // ---- ints: how the block is left
    static final int EXECUTED = 13;
    static final int NEXT = 14;
    static final int OUTCOME = 15;
    static final int TAKEN = 16;

    private static final int SETTLED = 17;

    // ---- ints: times
    private static final int PHASE = 19;
    static final int DISPATCH = 20;
    static final int AT = 21;
    static final int DONE = 22;
    static final int FENCE = 23;
    static final int MEMORY_DONE = 24;
    static final int DRAIN = 25;

    // ---- longs
    static final int BASE = 26;
    private static final int FIRST = 28;
    static final int ENTRY = 30;
    static final int STORES = 32;
    private static final int MEMORY_END = 34;
    static final int ADDRESS = 36;
    static final int KEY = 38;
    static final int RESULT = 40;
    private static final int REGISTERS = 42;

    /** Micro-operations for which a register is kept in a local: longer, and the host runs out of registers. */
    private static final int MEMORABLE = 12;

    private final BlockCompiler.Numbers numbers;
    private final boolean bound;
    private final int[] valueSince = new int[Reg.COUNT];
    private final int[] readySince = new int[Reg.COUNT];
    private int now = MEMORABLE;
    private long dispatched;
    private long at;
    private int settled;

    /** @param bound where window and store buffer may hold dispatch back; else its times are known beforehand */
    BlockCode(ClassVisitor writer, String type, BlockCompiler.Numbers numbers, boolean bound) {
        super(writer.visitMethod(0, "run", "(L" + CORE_TYPE + ";)I", null, null), type);
        this.numbers = numbers;
        this.bound = bound;
    }

    private static int valueLocal(int register) {
        return REGISTERS + 3 * register;
    }

    private static int readyLocal(int register) {
        return REGISTERS + 3 * register + 2;
    }

    void callOwn(String name, String descriptor) {
        callVirtual(BLOCK_TYPE, name, descriptor);
    }

    void callMark() {
        callInterface(MARKS_TYPE, "mark", "(L" + CORE_TYPE + ";IIJJ)Z");
    }

    void max() {
        call("java/lang/Math", "max", "(II)I");
    }

    // ---- entry and exit

    void enter() {
        String[] arrays = {
            "ring", null, "ready", null, "storeRing", "readFilter", "writeFilter", "forwardAddress", "forwardReady"
        };
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] != null) {
                fromCore(arrays[i], "[J");
                array(RING + i);
            }
        }
        fromCore("doneTimes", "[I");
        array(DONE_TIMES);
        push(0);
        store(ISTORE, SETTLED);
        fromCore("thread", THREAD_TYPE);
        field(THREAD_TYPE, "regs", "[J");
        array(REGS);
        memory();
        fromBlock("constants", "[J", CONSTANTS);
        fromBlock("positions", "[I", POSITIONS);
        fromCore("microOps", "J");
        store(LSTORE, FIRST);
        fromCore("stores", "J");
        store(LSTORE, STORES);
        times();
    }

    private void times() {
        fromCore("dispatch", "J");
        insn(DUP2);
        pushLong(-Core.UNIT);
        insn(LAND, DUP2);
        store(LSTORE, BASE);
        insn(LSUB, L2I);
        store(ISTORE, PHASE);
        load(ILOAD, PHASE);
        store(ISTORE, DISPATCH);
        time("fence", FENCE);
        time("memoryDone", MEMORY_DONE);
        time("drain", DRAIN);
    }

    private void time(String name, int local) {
        fromCore(name, "J");
        toTime();
        store(ISTORE, local);
    }

    private void memory() {
        fromCore("machine", MACHINE_TYPE);
        field(MACHINE_TYPE, "memory", MEMORY_TYPE);
        insn(DUP);
        field(MEMORY_TYPE, "words", "[J");
        array(WORDS);
        callVirtual(MEMORY_TYPE, "end", "()J");
        pushLong(7);
        insn(LSUB);
        store(LSTORE, MEMORY_END);
    }

    void fromCore(String name, String fieldType) {
        load(ALOAD, CORE);
        field(CORE_TYPE, name, fieldType);
    }

    private void fromBlock(String name, String fieldType, int local) {
        load(ALOAD, 0);
        field(BLOCK_TYPE, name, fieldType);
        store(ASTORE, local);
    }

    /** Keeps an array; asking for its length tells the host's compiler that it is there. */
    private void array(int local) {
        store(ASTORE, local);
        load(ALOAD, local);
        insn(ARRAYLENGTH, POP);
    }

    /** Stores the state back; {@link #EXECUTED}, {@link #NEXT} and {@link #OUTCOME} say how the block was left. */
    void leave() {
        fromCore("thread", THREAD_TYPE);
        load(ILOAD, NEXT);
        putField(THREAD_TYPE, "pc", "I");
        load(ALOAD, CORE);
        load(LLOAD, STORES);
        putField(CORE_TYPE, "stores", "J");
        load(ALOAD, 0);
        load(ALOAD, CORE);
        load(LLOAD, BASE);
        for (int local : new int[] {DISPATCH, MEMORY_DONE, DRAIN, SETTLED, EXECUTED}) {
            load(ILOAD, local);
        }
        callOwn("settle", "(L" + CORE_TYPE + ";JIIIII)V");
        load(ILOAD, OUTCOME);
        insn(IRETURN);
        end();
    }

    /** On the stack: the position with a number. */
    void position(int index) {
        load(ALOAD, POSITIONS);
        push(index);
        insn(IALOAD);
    }

    void positionOfExecuted() {
        load(ALOAD, POSITIONS);
        load(ILOAD, EXECUTED);
        insn(IALOAD);
    }

    // ---- dispatch, operands, retirement

    /** A micro-operation is dispatched a slot behind the one before, and not before there is room in the window. */
    void dispatch(int microOp) {
        now++;
        at = dispatched + numbers.slot();
        if (bound) {
            load(LLOAD, FIRST);
            pushLong(microOp);
            insn(LADD);
            masked(numbers.ringMask());
            store(LSTORE, ENTRY);
            load(ILOAD, DISPATCH);
            add(numbers.slot());
            get(RING, ENTRY);
            toTime();
            max();
            store(ISTORE, AT);
        }
    }

    /** On the stack: when the micro-operation is dispatched. */
    void at() {
        if (bound) {
            load(ILOAD, AT);
        } else {
            load(ILOAD, PHASE);
            add(at);
        }
    }

    /** The micro-operation has been dispatched, and what is behind it is later by some units. */
    void dispatched(long later) {
        dispatched = at + later;
        if (bound) {
            load(ILOAD, AT);
            add(later);
            store(ISTORE, DISPATCH);
        }
    }

    /** Makes DISPATCH and AT true before the block is left; {@code done} if the micro-operation is part of it. */
    void tellDispatch() {
        if (!bound) {
            load(ILOAD, PHASE);
            add(dispatched);
            store(ISTORE, DISPATCH);
            load(ILOAD, PHASE);
            add(at);
            store(ISTORE, AT);
        }
    }

    /** Waits for room in the store buffer, whose oldest entry is on the stack. */
    void waitForRoom() {
        load(ILOAD, AT);
        max();
        store(ISTORE, AT);
    }

    boolean isBound() {
        return bound;
    }

    void value(int register) {
        if (register == Reg.ZERO) {
            insn(LCONST_0);
            return;
        }
        if (now - valueSince[register] >= MEMORABLE) {
            valueSince[register] = now;
            getElement(REGS, register);
            store(LSTORE, valueLocal(register));
        }
        load(LLOAD, valueLocal(register));
    }

    /** The register becomes what is on the stack, ready at DONE. */
    void define(int register) {
        valueSince[register] = now;
        readySince[register] = now;
        store(LSTORE, valueLocal(register));
        element(REGS, register);
        load(LLOAD, valueLocal(register));
        unsafePut();
        load(ILOAD, DONE);
        store(ISTORE, readyLocal(register));
        element(READY, register);
        load(ILOAD, DONE);
        fromTime();
        unsafePut();
    }

    void readyOrAt(int register) {
        at();
        orReady(register);
    }

    void orReady(int register) {
        if (register == Reg.ZERO) {
            return;
        }
        if (now - readySince[register] >= MEMORABLE) {
            readySince[register] = now;
            getElement(READY, register);
            toTime();
            store(ISTORE, readyLocal(register));
        }
        load(ILOAD, readyLocal(register));
        max();
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

    /** Notes when a micro-operation is done, for {@link Block#retire}. */
    void noteDone(int microOp) {
        putInt(DONE_TIMES, microOp, DONE);
    }

    /** Retires the micro-operations before one, and leaves on the stack the cycle of the last. */
    void cycleBefore(int microOp) {
        if (microOp > settled) {
            load(ALOAD, 0);
            load(ALOAD, CORE);
            load(LLOAD, BASE);
            push(settled);
            push(microOp);
            callOwn("retire", "(L" + CORE_TYPE + ";JII)V");
            settled = microOp;
            push(settled);
            store(ISTORE, SETTLED);
        }
        fromCore("retireCycle", "J");
    }

    // ---- times

    /** Makes a time on the stack one behind BASE. */
    void toTime() {
        load(LLOAD, BASE);
        insn(LSUB, DUP2);
        push(63);
        insn(LSHR);
        pushLong(-1);
        insn(LXOR, LAND, L2I);
    }

    void fromTime() {
        insn(I2L);
        load(LLOAD, BASE);
        insn(LADD);
    }

    /** Puts a time. */
    void put(int array, int offset, int time) {
        unsafe(array);
        load(LLOAD, offset);
        load(ILOAD, time);
        fromTime();
        unsafePut();
    }

    void memoryEnd() {
        load(LLOAD, MEMORY_END);
    }

    void predicted() {
        push(numbers.maxTrip());
        call(name(Interpreter.class), "predicted", "(L" + CORE_TYPE + ";IZI)Z");
    }
}
