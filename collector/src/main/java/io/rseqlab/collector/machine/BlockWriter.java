package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Op;
import java.util.List;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;

/**
 * Writes the method of a block. For each micro-operation it writes what its class ({@link MicroOp}) does about values,
 * memory and the predictor; times are the schedule's.
 */
final class BlockWriter {
    private static final String CALL = "(L" + BlockCode.CORE_TYPE + ";L" + BlockCode.SCHEDULE_TYPE + ";";

    private final BlockCode m;
    private final BlockMemory memory;
    private final int maxTrip;
    private final List<BlockCompiler.Step> steps;
    private final Label miss = new Label();
    private final Label stopped = new Label();
    private final Label leave = new Label();
    private final Label leaveMispredicted = new Label();

    private BlockWriter(BlockCode code, int maxTrip, List<BlockCompiler.Step> steps) {
        this.maxTrip = maxTrip;
        this.steps = steps;
        m = code;
        memory = new BlockMemory(code);
    }

    static void write(ClassVisitor writer, int maxTrip, List<BlockCompiler.Step> steps) {
        new BlockWriter(new BlockCode(writer), maxTrip, steps).write();
    }

    private void write() {
        m.enter();
        for (int i = 0; i < steps.size(); i++) {
            step(steps.get(i), i);
        }
        m.loadCall();
        m.callOwn("complete", CALL + ")I");
        m.insn(IRETURN);
        exits();
        m.end();
    }

    private void step(BlockCompiler.Step step, int index) {
        if (step.op() == Op.MARK) {
            mark(step, index);
            return;
        }
        m.next();
        switch (step.op()) {
            case Op.LD64, Op.LD32, Op.LD16 -> memory.load(step, index, miss);
            case Op.ST64, Op.ST32, Op.ST16 -> memory.store(step, index, miss);
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.DJNZ -> branch(step, index);
            case Op.JMP -> {}
            case Op.CALL -> {
                m.immediate(step);
                m.define(step.rd());
            }
            case Op.RET -> returning(step, index);
            default -> {
                result(step);
                m.define(step.rd());
            }
        }
    }

    private void mark(BlockCompiler.Step step, int index) {
        m.fromCore("machine", BlockCode.MACHINE_TYPE);
        m.field(BlockCode.MACHINE_TYPE, "marks", BlockCode.MARKS_TYPE);
        m.load(ALOAD, BlockCode.CORE);
        m.push(step.rd());
        m.immediate(step);
        m.insn(L2I);
        m.value(step.rs1());
        m.absolute(step.place());
        m.push(Core.UNIT_BITS);
        m.insn(LSHR);
        m.callMark();
        Label going = new Label();
        m.jump(IFEQ, going);
        m.push(index);
        m.jump(GOTO, stopped);
        m.place(going);
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

    private void branch(BlockCompiler.Step step, int index) {
        m.value(step.rs1());
        if (step.op() == Op.DJNZ) {
            m.insn(LCONST_1, LSUB);
            m.define(step.rs1());
            m.value(step.rs1());
            m.insn(LCONST_0);
        } else {
            m.value(step.rs2());
        }
        m.insn(LCMP);
        Label asExpected = new Label();
        Label predicted = new Label();
        m.jump(comparison(step.op(), step.taken()), asExpected);
        leaving(index, step.taken() ? 0 : 1, leave);
        m.place(asExpected);
        if (step.taken()) {
            countTurn(step, predicted);
        } else {
            m.element(BlockCode.NEVER_TAKEN, step.position());
            m.insn(BALOAD);
            m.jump(IFNE, predicted);
        }
        m.load(ALOAD, BlockCode.CORE);
        m.push(step.position());
        m.push(step.taken() ? 1 : 0);
        m.push(maxTrip);
        m.call(BlockCode.name(BranchPredictor.class), "predicted", "(L" + BlockCode.CORE_TYPE + ";IZI)Z");
        m.jump(IFNE, predicted);
        leaving(index, step.taken() ? 1 : 0, leaveMispredicted);
        m.place(predicted);
    }

    /** A turn of which the predictor does not learn anything but that it was one more. */
    private void countTurn(BlockCompiler.Step step, Label predicted) {
        Label learns = new Label();
        m.element(BlockCode.TRIP_COUNT, step.position());
        m.insn(IALOAD);
        m.store(ISTORE, BlockCode.KEY);
        m.load(ILOAD, BlockCode.KEY);
        m.element(BlockCode.TAKEN_BEYOND, step.position());
        m.insn(IALOAD);
        m.jump(IF_ICMPLE, learns);
        m.element(BlockCode.TRIP_COUNT, step.position());
        m.load(ILOAD, BlockCode.KEY);
        m.insn(ICONST_1, IADD, IASTORE);
        m.jump(GOTO, predicted);
        m.place(learns);
    }

    private void leaving(int index, int taken, Label where) {
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

    private void returning(BlockCompiler.Step step, int index) {
        Label asExpected = new Label();
        m.value(step.rs1());
        m.insn(L2I);
        m.immediate(step);
        m.insn(L2I);
        m.jump(IF_ICMPEQ, asExpected);
        m.push(index);
        m.jump(GOTO, miss);
        m.place(asExpected);
    }

    // ---- where blocks are left

    private void exits() {
        leaveBy(miss, "leaveBefore", false);
        leaveBy(stopped, "stop", false);
        leaveBy(leave, "leave", true);
        leaveBy(leaveMispredicted, "leaveMispredicted", true);
    }

    private void leaveBy(Label label, String method, boolean branch) {
        m.place(label);
        if (branch) {
            m.store(ISTORE, BlockCode.TAKEN);
        }
        m.store(ISTORE, BlockCode.STEP);
        m.loadCall();
        m.load(ILOAD, BlockCode.STEP);
        if (branch) {
            m.load(ILOAD, BlockCode.TAKEN);
        }
        m.callOwn(method, CALL + (branch ? "IZ)I" : "I)I"));
        m.insn(IRETURN);
    }
}
