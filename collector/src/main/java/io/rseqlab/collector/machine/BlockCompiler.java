package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Turns a recorded path into a {@link Block}. Large immediates, positions and branch targets are data of the block, so
 * paths of one shape share one host class, from seed to seed and run to run; {@link BlockWriter} writes its method.
 */
final class BlockCompiler {
    /** Immediates of smaller magnitude are written into the class. */
    private static final long SMALL = 4096;

    /** Shapes kept; when there are more, all are forgotten and made again where needed. */
    private static final int MOST_SHAPES = 4096;

    private static final Map<String, MethodHandle> SHAPES = new ConcurrentHashMap<>();

    /** A micro-operation or mark of a path as the class sees it. */
    record Step(int position, int op, int rd, int rs1, int rs2, long small, int constant, boolean taken) {
        boolean isMark() {
            return op == Op.MARK;
        }
    }

    /** Numbers of the machine that are written into the class. */
    record Numbers(
            long slot,
            long taken,
            long takenSpacing,
            long callSpacing,
            long refill,
            long storeDone,
            long drain,
            long forward,
            long forwardDone,
            boolean forwardPredicted,
            long l1,
            int maxTrip,
            boolean registersRunOut,
            int ringMask,
            int storeMask) {
        int takes(int op) {
            return WindowEntries.takes(op, registersRunOut);
        }
    }

    private final long[] code;
    private final long[] liConstants;
    private final Numbers numbers;

    BlockCompiler(Machine machine, Interpreter interpreter) {
        code = machine.program.code();
        liConstants = machine.program.constants();
        Core core = machine.cores[0];
        numbers = new Numbers(
                interpreter.slotUnits,
                interpreter.takenUnits,
                interpreter.takenSpacingUnits,
                interpreter.callSpacingUnits,
                interpreter.refillUnits,
                interpreter.storeDoneUnits,
                interpreter.drainUnits,
                interpreter.forwardUnits,
                interpreter.forwardDoneUnits,
                interpreter.forwardPredicted,
                interpreter.l1Units,
                interpreter.maxTrip,
                machine.profile.registersRunOut(),
                core.ring.length - 1,
                core.storeRing.length - 1);
    }

    /**
     * Compiles a path.
     *
     * @param bound for when window or store buffer may hold dispatch back
     */
    Block compile(Trace trace, boolean bound) {
        List<Step> steps = new ArrayList<>();
        List<Long> constants = new ArrayList<>();
        for (int i = 0; i < trace.steps; i++) {
            steps.add(step(trace, i, constants));
        }
        Block block = instantiate(steps, bound);
        block.trace = trace;
        block.constants = constants.stream().mapToLong(Long::longValue).toArray();
        block.length = trace.microOps;
        block.stores = trace.stores;
        locate(block, trace);
        measure(block, steps);
        return block;
    }

    private Step step(Trace trace, int index, List<Long> constants) {
        int position = trace.positions[index];
        int next = trace.positions[index + 1];
        long word = code[position];
        int op = Op.code(word);
        boolean taken = Op.isConditional(op) && Op.imm(word) == next;
        long immediate = immediate(word, position, next);
        int constant = -1;
        boolean data = op == Op.CALL || op == Op.RET;
        if (data || immediate >= SMALL || immediate <= -SMALL) {
            constant = constants.size();
            constants.add(immediate);
        }
        return new Step(
                position, op, Op.rd(word), Op.rs1(word), Op.rs2(word), constant < 0 ? immediate : 0, constant, taken);
    }

    /** What a step's class or data must know besides its registers. */
    private long immediate(long word, int position, int next) {
        int op = Op.code(word);
        if (op == Op.LI) {
            return liConstants[Op.imm(word)];
        }
        if (Op.isConditional(op) || op == Op.JMP) {
            return 0;
        }
        if (op == Op.CALL) {
            return position + 1L;
        }
        return op == Op.RET ? next : Op.imm(word);
    }

    /** Positions by micro-operation; behind them what follows each mark, then the end. */
    private void locate(Block block, Trace trace) {
        int marks = trace.steps - trace.microOps;
        block.positions = new int[trace.microOps + marks + 1];
        block.takes = new byte[trace.microOps];
        block.targets = new int[trace.microOps];
        block.nexts = new int[trace.microOps];
        int microOp = 0;
        int mark = trace.microOps;
        for (int i = 0; i < trace.steps; i++) {
            int position = trace.positions[i];
            if (Op.code(code[position]) == Op.MARK) {
                block.positions[mark++] = position + 1;
            } else {
                block.targets[microOp] = Op.imm(code[position]);
                block.nexts[microOp] = trace.positions[i + 1];
                block.takes[microOp] = (byte) numbers.takes(Op.code(code[position]));
                block.entriesBeforeLast += microOp == 0 ? 0 : block.takes[microOp - 1];
                block.branches += trace.positions[i + 1] != position + 1 ? 1 : 0;
                block.positions[microOp++] = position;
            }
        }
        block.positions[mark] = trace.positions[trace.steps];
    }

    private void measure(Block block, List<Step> steps) {
        long units = 0;
        long cycles = 4 + numbers.forward / Core.UNIT;
        for (Step step : steps) {
            if (!step.isMark()) {
                units += Math.max(numbers.slot + numbers.taken, Math.max(numbers.takenSpacing, numbers.callSpacing));
                cycles += 2 + latency(step.op()) / Core.UNIT;
            }
        }
        block.spanUnits = units;
        block.spanCycles = cycles + units / Core.UNIT;
    }

    /** No micro-operation is done, or its value usable, later than so long behind its dispatch and its operands. */
    private long latency(int op) {
        return switch (op) {
            case Op.LD64, Op.LD32, Op.LD16 -> Math.max(numbers.l1, numbers.forwardDone);
            case Op.ST64, Op.ST32, Op.ST16 -> Math.max(numbers.storeDone, numbers.forward);
            default -> 3 * Core.UNIT;
        };
    }

    private Block instantiate(List<Step> steps, boolean bound) {
        String shape = numbers + " " + bound + steps;
        if (SHAPES.size() > MOST_SHAPES) {
            SHAPES.clear();
        }
        try {
            return (Block)
                    SHAPES.computeIfAbsent(shape, key -> define(steps, bound)).invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("a compiled block cannot be made", e);
        }
    }

    private MethodHandle define(List<Step> steps, boolean bound) {
        String superName = Block.class.getName().replace('.', '/');
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES | ClassWriter.COMPUTE_MAXS);
        String name = superName + "Shape";
        writer.visit(Opcodes.V17, Opcodes.ACC_FINAL | Opcodes.ACC_SUPER, name, null, superName, null);
        MethodVisitor init = writer.visitMethod(0, "<init>", "()V", null, null);
        init.visitCode();
        init.visitVarInsn(Opcodes.ALOAD, 0);
        init.visitMethodInsn(Opcodes.INVOKESPECIAL, superName, "<init>", "()V", false);
        init.visitInsn(Opcodes.RETURN);
        init.visitMaxs(0, 0);
        init.visitEnd();
        BlockWriter.write(writer, numbers, steps, bound);
        writer.visitEnd();
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(writer.toByteArray(), true);
            return lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a compiled block cannot be defined", e);
        }
    }
}
