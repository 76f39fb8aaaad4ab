package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Reg;
import org.objectweb.asm.ClassVisitor;

/** The vocabulary of {@link BlockWriter}: the bytecodes of what recurs. */
final class BlockCode extends DispatchCode {
    static final String CORE_TYPE = name(Core.class);
    static final String MACHINE_TYPE = name(Machine.class);
    static final String MARKS_TYPE = name(MarkListener.class);
    static final String BLOCK_TYPE = name(Block.class);
    private static final String THREAD_TYPE = name(ThreadContext.class);
    private static final String MEMORY_TYPE = name(Memory.class);

    /** Micro-operations for which a register is kept in a local: longer, and the host runs out of registers. */
    private static final int MEMORABLE = 12;

    private final int[] valueSince = new int[Reg.COUNT];
    private final int[] readySince = new int[Reg.COUNT];
    private int now = MEMORABLE;
    private int settled;

    BlockCode(ClassVisitor writer, BlockCompiler.Numbers numbers, boolean bound) {
        super(writer.visitMethod(0, "run", "(L" + CORE_TYPE + ";)I", null, null), numbers, bound);
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
        fromCore("forwardUntil", "[J");
        array(FORWARD_UNTIL);
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
        fromCore("entries", "J");
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
        time("takenAt", TAKEN_AT);
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
        pushLong(Memory.BASE + 7);
        insn(LSUB);
        store(LSTORE, MEMORY_BYTES);
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
        load(ALOAD, CORE);
        load(LLOAD, BASE);
        loadInts(DISPATCH, TAKEN_AT, MEMORY_DONE, DRAIN);
        call(BLOCK_TYPE, "settle", "(L" + CORE_TYPE + ";JIIII)V");
        load(ALOAD, 0);
        load(ALOAD, CORE);
        load(LLOAD, BASE);
        loadInts(SETTLED, EXECUTED, OUTCOME);
        callOwn("retireLast", "(L" + CORE_TYPE + ";JIII)V");
        load(ILOAD, OUTCOME);
        insn(IRETURN);
        end();
    }

    private void loadInts(int... locals) {
        for (int local : locals) {
            load(ILOAD, local);
        }
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

    @Override
    void dispatch(int entries) {
        now++;
        super.dispatch(entries);
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
            store(LSTORE, valueLocal(register));
        }
        load(LLOAD, valueLocal(register));
    }

    /** The register becomes what is on the stack, ready at a time. */
    void define(int register, int time) {
        valueSince[register] = now;
        readySince[register] = now;
        store(LSTORE, valueLocal(register));
        element(REGS, register);
        load(LLOAD, valueLocal(register));
        insn(LASTORE);
        load(ILOAD, time);
        store(ISTORE, readyLocal(register));
        element(READY, register);
        load(ILOAD, time);
        fromTime();
        insn(LASTORE);
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
            element(READY, register);
            insn(LALOAD);
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
        element(DONE_TIMES, microOp);
        load(ILOAD, DONE);
        insn(IASTORE);
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

    /** Puts a time. */
    void put(int array, int index, int time) {
        load(ALOAD, array);
        load(ILOAD, index);
        load(ILOAD, time);
        fromTime();
        insn(LASTORE);
    }

    void memoryBytes() {
        load(LLOAD, MEMORY_BYTES);
    }

    void predicted() {
        push(numbers.maxTrip());
        call(name(BranchPredictor.class), "predicted", "(L" + CORE_TYPE + ";IZI)Z");
    }
}
