package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Op;
import java.util.List;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;

/**
 * Writes the method of a block. For each micro-operation it writes what the case of {@link Interpreter#run} does, in
 * the same order and with the same names, but for retirement: {@link Block#retire} does it for many at once.
 */
final class BlockWriter {
    private static final int UNIT = Core.UNIT;

    private final BlockCode m;
    private final BlockMemory memory;
    private final BlockCompiler.Numbers numbers;
    private final List<BlockCompiler.Step> steps;
    private final Label exit = new Label();
    private final Label miss = new Label();
    private final Label stopped = new Label();
    private final Label leave = new Label();
    private final Label leaveMispredicted = new Label();
    private final Label leaveReturn = new Label();

    BlockWriter(BlockCode code, BlockCompiler.Numbers numbers, List<BlockCompiler.Step> steps) {
        this.numbers = numbers;
        this.steps = steps;
        m = code;
        memory = new BlockMemory(code, numbers);
    }

    static void write(
            ClassVisitor writer, BlockCompiler.Numbers numbers, List<BlockCompiler.Step> steps, boolean bound) {
        new BlockWriter(new BlockCode(writer, numbers, bound), numbers, steps).write();
    }

    private void write() {
        m.enter();
        int microOps = (int) steps.stream().filter(step -> !step.isMark()).count();
        int microOp = 0;
        int mark = microOps;
        int entries = 0;
        for (BlockCompiler.Step step : steps) {
            if (step.isMark()) {
                mark(step, microOp, mark++);
            } else {
                m.dispatch(entries);
                microOp(step, microOp++);
                entries += numbers.takes(step.op());
            }
        }
        m.set(BlockCode.EXECUTED, microOps);
        m.position(mark);
        m.store(ISTORE, BlockCode.NEXT);
        m.set(BlockCode.OUTCOME, Block.LEFT);
        m.tellDispatch();
        exits();
        m.leave();
    }

    private void mark(BlockCompiler.Step step, int microOp, int position) {
        m.fromCore("machine", BlockCode.MACHINE_TYPE);
        m.field(BlockCode.MACHINE_TYPE, "marks", BlockCode.MARKS_TYPE);
        m.load(ALOAD, BlockCode.CORE);
        m.push(step.rd());
        m.immediate(step);
        m.insn(L2I);
        m.value(step.rs1());
        m.cycleBefore(microOp);
        m.callMark();
        Label going = new Label();
        m.jump(IFEQ, going);
        m.tellDispatch();
        m.push(microOp);
        m.position(position);
        m.jump(GOTO, stopped);
        m.place(going);
    }

    private void microOp(BlockCompiler.Step step, int index) {
        switch (step.op()) {
            case Op.LD64, Op.LD32, Op.LD16 -> load(step, index);
            case Op.ST64, Op.ST32, Op.ST16 -> store(step, index);
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.DJNZ -> branch(step, index);
            case Op.JMP, Op.CALL, Op.RET -> jump(step, index);
            default -> arithmetic(step, index);
        }
    }

    private void done(long latency) {
        m.add(latency);
        m.store(ISTORE, BlockCode.DONE);
    }

    private void arithmetic(BlockCompiler.Step step, int index) {
        if (step.op() == Op.LI) {
            m.at();
        } else {
            m.readyOrAt(step.rs1());
        }
        switch (step.op()) {
            case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR, Op.MUL -> m.orReady(step.rs2());
            default -> {}
        }
        done(step.op() == Op.MOV ? 0 : step.op() == Op.MUL ? 3 * UNIT : UNIT);
        result(step);
        m.define(step.rd(), BlockCode.DONE);
        m.noteDone(index);
        m.dispatched();
    }

    private void result(BlockCompiler.Step step) {
        if (step.op() != Op.LI) {
            m.value(step.rs1());
        }
        switch (step.op()) {
            case Op.LI -> m.immediate(step);
            case Op.MOV -> {}
            case Op.ADDI -> immediate(step, LADD);
            case Op.ANDI -> immediate(step, LAND);
            case Op.SHLI -> shift(step, LSHL);
            case Op.SHRI -> shift(step, LUSHR);
            case Op.ADD -> second(step, LADD);
            case Op.SUB -> second(step, LSUB);
            case Op.AND -> second(step, LAND);
            case Op.OR -> second(step, LOR);
            case Op.XOR -> second(step, LXOR);
            default -> second(step, LMUL);
        }
    }

    private void immediate(BlockCompiler.Step step, int insn) {
        m.immediate(step);
        m.insn(insn);
    }

    private void shift(BlockCompiler.Step step, int insn) {
        m.immediate(step);
        m.insn(L2I, insn);
    }

    private void second(BlockCompiler.Step step, int insn) {
        m.value(step.rs2());
        m.insn(insn);
    }

    private void load(BlockCompiler.Step step, int index) {
        memory.missUnlessFiltered(step, BlockCode.READ_FILTER, index, miss);
        m.readyOrAt(step.rs1());
        m.load(ILOAD, BlockCode.FENCE);
        m.max();
        m.store(ISTORE, BlockCode.DONE);
        memory.arrival();
        memory.loadWord(step);
        m.define(step.rd(), BlockCode.USABLE);
        m.load(ILOAD, BlockCode.DONE);
        m.load(ILOAD, BlockCode.MEMORY_DONE);
        m.max();
        m.store(ISTORE, BlockCode.MEMORY_DONE);
        m.noteDone(index);
        m.dispatched();
    }

    private void store(BlockCompiler.Step step, int index) {
        memory.missUnlessFiltered(step, BlockCode.WRITE_FILTER, index, miss);
        memory.storeSlot();
        m.readyOrAt(step.rs1());
        m.store(ISTORE, BlockCode.USABLE);
        m.load(ILOAD, BlockCode.USABLE);
        m.add(numbers.storeDone());
        m.orReady(step.rs2());
        m.store(ISTORE, BlockCode.DONE);
        m.load(ILOAD, BlockCode.USABLE);
        m.orReady(step.rs2());
        m.add(numbers.forward());
        m.store(ISTORE, BlockCode.USABLE);
        memory.drainStore(index);
        memory.storeWord(step);
        memory.noteForward();
        m.noteDone(index);
        m.dispatched();
    }

    private void branch(BlockCompiler.Step step, int index) {
        m.readyOrAt(step.rs1());
        if (step.op() != Op.DJNZ) {
            m.orReady(step.rs2());
        }
        done(UNIT);
        m.noteDone(index);
        m.value(step.rs1());
        if (step.op() == Op.DJNZ) {
            m.insn(LCONST_1, LSUB);
            m.define(step.rs1(), BlockCode.DONE);
            m.value(step.rs1());
            m.insn(LCONST_0);
        } else {
            m.value(step.rs2());
        }
        m.insn(LCMP);
        Label asExpected = new Label();
        m.jump(comparison(step.op(), step.taken()), asExpected);
        leaving(index, step.taken() ? 0 : 1, leave);
        m.place(asExpected);
        m.load(ALOAD, BlockCode.CORE);
        m.push(step.position());
        m.push(step.taken() ? 1 : 0);
        m.predicted();
        Label predicted = new Label();
        m.jump(IFNE, predicted);
        leaving(index, step.taken() ? 1 : 0, leaveMispredicted);
        m.place(predicted);
        if (step.taken()) {
            m.dispatchedTaken(numbers.takenSpacing());
        } else {
            m.dispatched();
        }
    }

    private void leaving(int index, int taken, Label where) {
        m.tellDispatch();
        m.push(index);
        m.push(taken);
        m.jump(GOTO, where);
    }

    /** The host's jump on the sign of a comparison that is made when a branch goes the expected way. */
    private static int comparison(int op, boolean taken) {
        return switch (op) {
            case Op.BEQ -> taken ? IFEQ : IFNE;
            case Op.BLT -> taken ? IFLT : IFGE;
            case Op.BGE -> taken ? IFGE : IFLT;
            default -> taken ? IFNE : IFEQ;
        };
    }

    private void jump(BlockCompiler.Step step, int index) {
        if (step.op() == Op.RET) {
            m.readyOrAt(step.rs1());
        } else {
            m.at();
        }
        done(UNIT);
        if (step.op() == Op.CALL) {
            m.immediate(step);
            m.define(step.rd(), BlockCode.DONE);
        }
        m.noteDone(index);
        m.dispatchedTaken(step.op() == Op.JMP ? numbers.takenSpacing() : numbers.callSpacing());
        if (step.op() == Op.RET) {
            Label asExpected = new Label();
            m.value(step.rs1());
            m.insn(L2I);
            m.immediate(step);
            m.insn(L2I);
            m.jump(IF_ICMPEQ, asExpected);
            m.tellDispatch();
            m.push(index);
            m.value(step.rs1());
            m.insn(L2I);
            m.jump(GOTO, leaveReturn);
            m.place(asExpected);
        }
    }

    // ---- where blocks are left

    private void exits() {
        m.jump(GOTO, exit);
        m.place(miss);
        m.store(ISTORE, BlockCode.EXECUTED);
        m.positionOfExecuted();
        m.store(ISTORE, BlockCode.NEXT);
        m.set(BlockCode.OUTCOME, Block.NEEDS_INTERPRETER);
        m.jump(GOTO, exit);
        m.place(stopped);
        m.store(ISTORE, BlockCode.NEXT);
        m.store(ISTORE, BlockCode.EXECUTED);
        m.set(BlockCode.OUTCOME, Block.STOPPED);
        m.jump(GOTO, exit);
        m.place(leaveReturn);
        m.store(ISTORE, BlockCode.NEXT);
        m.store(ISTORE, BlockCode.EXECUTED);
        left();
        byBranch();
        m.place(exit);
    }

    /** A branch went the other way, or as expected but mispredicted; on the stack its number and if it is taken. */
    private void byBranch() {
        Label next = new Label();
        m.place(leave);
        m.store(ISTORE, BlockCode.TAKEN);
        m.store(ISTORE, BlockCode.EXECUTED);
        m.load(ALOAD, BlockCode.CORE);
        m.positionOfExecuted();
        m.load(ILOAD, BlockCode.TAKEN);
        m.predicted();
        m.store(ISTORE, BlockCode.OUTCOME);
        m.jump(GOTO, next);
        m.place(leaveMispredicted);
        m.store(ISTORE, BlockCode.TAKEN);
        m.store(ISTORE, BlockCode.EXECUTED);
        m.set(BlockCode.OUTCOME, 0);
        m.place(next);
        m.load(ALOAD, 0);
        m.load(ILOAD, BlockCode.EXECUTED);
        m.load(ILOAD, BlockCode.TAKEN);
        m.callOwn("behindBranch", "(IZ)I");
        m.store(ISTORE, BlockCode.NEXT);
        Label told = new Label();
        m.load(ILOAD, BlockCode.AT);
        m.store(ISTORE, BlockCode.DISPATCH);
        m.load(ILOAD, BlockCode.TAKEN);
        m.jump(IFEQ, told);
        m.dispatchBehindTaken(numbers.takenSpacing());
        m.place(told);
        m.load(ALOAD, BlockCode.CORE);
        m.load(ILOAD, BlockCode.OUTCOME);
        m.load(ILOAD, BlockCode.DISPATCH);
        m.load(ILOAD, BlockCode.DONE);
        m.add(numbers.refill());
        m.call(BlockCode.BLOCK_TYPE, "leave", "(L" + BlockCode.CORE_TYPE + ";ZII)I");
        m.store(ISTORE, BlockCode.DISPATCH);
        left();
    }

    private void left() {
        m.increment(BlockCode.EXECUTED);
        m.set(BlockCode.OUTCOME, Block.LEFT);
        m.jump(GOTO, exit);
    }
}
