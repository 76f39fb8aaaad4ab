package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;
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

    /**
     * A micro-operation or mark of a path as the class sees it.
     *
     * @param place where the times of a mark, a load or a store stand, see {@link Path#places}
     * @param access of a load or store, else null
     */
    record Step(
            int position,
            int op,
            int rd,
            int rs1,
            int rs2,
            long small,
            int constant,
            boolean taken,
            int place,
            Access access) {}

    /**
     * A load or store.
     *
     * @param number among them
     * @param forward of a store: where its times stand, see {@link Path#forwards}
     * @param known an earlier step has found it in the filter
     * @param low with {@code high}: from where to where from its base others rely on being in the same line; equal if
     *     none does, or where that is sure
     */
    record Access(int number, int forward, boolean known, int low, int high) {}

    private final Machine machine;
    private final Interpreter interpreter;
    private final Schedules schedules;
    private final long[] code;
    private final long[] liConstants;
    private int blocks;

    BlockCompiler(Machine machine, Interpreter interpreter, Schedules schedules) {
        this.machine = machine;
        this.interpreter = interpreter;
        this.schedules = schedules;
        code = machine.program.code();
        liConstants = machine.program.constants();
    }

    /** Compiles a path. */
    Block compile(Trace trace) {
        Path path = new Path(trace, code, interpreter.takes);
        List<Step> steps = new ArrayList<>();
        List<Long> constants = new ArrayList<>();
        for (int i = 0; i < trace.steps; i++) {
            steps.add(step(path, i, constants));
        }
        Block block = instantiate(steps);
        block.path = path;
        block.number = blocks++;
        block.machine = machine;
        block.schedules = schedules;
        block.forwarding = interpreter.forwarding;
        block.maxTrip = interpreter.maxTrip;
        block.constants = constants.stream().mapToLong(Long::longValue).toArray();
        return block;
    }

    /** True for immediates that are part of a class. */
    static boolean isSmall(long immediate) {
        return immediate < SMALL && immediate > -SMALL;
    }

    private Step step(Path path, int index, List<Long> constants) {
        int position = path.positions[index];
        int next = path.positions[index + 1];
        long word = code[position];
        int op = Op.code(word);
        boolean taken = Op.isConditional(op) && Op.imm(word) == next;
        long immediate = immediate(word, position, next);
        int constant = -1;
        boolean data = op == Op.CALL || op == Op.RET;
        if (data || !isSmall(immediate)) {
            constant = constants.size();
            constants.add(immediate);
        }
        return new Step(
                position,
                op,
                Op.rd(word),
                Op.rs1(word),
                Op.rs2(word),
                constant < 0 ? immediate : 0,
                constant,
                taken,
                path.places[index],
                Trace.isLoad(op) || Trace.isStore(op) ? access(path, index) : null);
    }

    private static Access access(Path path, int index) {
        SharedLines lines = path.lines;
        boolean known = lines.isFollower(index);
        boolean sure = known || path.rs1[index] == Reg.ZERO;
        return new Access(
                path.accesses[index],
                path.forwards[index],
                known,
                sure ? 0 : lines.low[index],
                sure ? 0 : lines.high[index]);
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

    private Block instantiate(List<Step> steps) {
        String shape = interpreter.maxTrip + " " + steps;
        if (SHAPES.size() > MOST_SHAPES) {
            SHAPES.clear();
        }
        try {
            return (Block) SHAPES.computeIfAbsent(shape, key -> define(steps)).invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("a compiled block cannot be made", e);
        }
    }

    private MethodHandle define(List<Step> steps) {
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
        BlockWriter.write(writer, interpreter.maxTrip, steps);
        writer.visitEnd();
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(writer.toByteArray(), true);
            return lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a compiled block cannot be defined", e);
        }
    }
}
