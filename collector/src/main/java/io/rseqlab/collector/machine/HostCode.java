package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/** One method of a host class, in bytecodes; and array elements without range checks. */
abstract class HostCode {
    private final MethodVisitor m;
    private final String type;

    /** @param type the class that the method is in */
    HostCode(MethodVisitor method, String type) {
        m = method;
        this.type = type;
        m.visitCode();
    }

    static String name(Class<?> type) {
        return type.getName().replace('.', '/');
    }

    void insn(int... codes) {
        for (int code : codes) {
            m.visitInsn(code);
        }
    }

    void load(int code, int local) {
        m.visitVarInsn(code, local);
    }

    void store(int code, int local) {
        m.visitVarInsn(code, local);
    }

    void jump(int code, Label label) {
        m.visitJumpInsn(code, label);
    }

    void place(Label label) {
        m.visitLabel(label);
    }

    void increment(int local) {
        m.visitIincInsn(local, 1);
    }

    void push(int value) {
        if (value >= -1 && value <= 5) {
            m.visitInsn(ICONST_0 + value);
        } else if (value >= Short.MIN_VALUE && value <= Short.MAX_VALUE) {
            m.visitIntInsn(value >= Byte.MIN_VALUE && value <= Byte.MAX_VALUE ? BIPUSH : SIPUSH, value);
        } else {
            m.visitLdcInsn(value);
        }
    }

    void pushLong(long value) {
        if (value == 0 || value == 1) {
            m.visitInsn(value == 0 ? LCONST_0 : LCONST_1);
        } else {
            m.visitLdcInsn(value);
        }
    }

    void set(int local, int value) {
        push(value);
        store(ISTORE, local);
    }

    void add(long value) {
        push((int) value);
        insn(IADD);
    }

    void field(String owner, String name, String fieldType) {
        String descriptor = fieldType.length() > 2 ? "L" + fieldType + ";" : fieldType;
        m.visitFieldInsn(GETFIELD, owner, name, descriptor);
    }

    void call(String owner, String name, String descriptor) {
        m.visitMethodInsn(INVOKESTATIC, owner, name, descriptor, false);
    }

    void callVirtual(String owner, String name, String descriptor) {
        m.visitMethodInsn(INVOKEVIRTUAL, owner, name, descriptor, false);
    }

    void callInterface(String owner, String name, String descriptor) {
        m.visitMethodInsn(INVOKEINTERFACE, owner, name, descriptor, true);
    }

    void putField(String owner, String name, String descriptor) {
        m.visitFieldInsn(PUTFIELD, owner, name, descriptor);
    }

    void end() {
        m.visitMaxs(0, 0);
        m.visitEnd();
    }

    // ---- arrays, without range checks: indexes are masked here or were held against memory's end

    /** Makes an index on the stack the offset of an array's element, wrapped round. */
    void masked(int mask) {
        pushLong(mask);
        insn(LAND);
        offset();
    }

    void offset() {
        push(3);
        insn(LSHL);
        pushLong(BlockCompiler.ARRAY_BASE);
        insn(LADD);
    }

    void get(int array, int offset) {
        unsafe(array);
        load(LLOAD, offset);
        unsafeGet();
    }

    void putLong(int array, int offset, int value) {
        unsafe(array);
        load(LLOAD, offset);
        load(LLOAD, value);
        unsafePut();
    }

    /** Puts an int into an array of ints. */
    void putInt(int array, int index, int value) {
        unsafe(array);
        pushLong(BlockCompiler.INT_ARRAY_BASE + 4L * index);
        load(ILOAD, value);
        m.visitMethodInsn(INVOKEVIRTUAL, BlockCompiler.UNSAFE_TYPE, "putInt", "(Ljava/lang/Object;JI)V", false);
    }

    void getElement(int array, int index) {
        element(array, index);
        unsafeGet();
    }

    void element(int array, int index) {
        unsafe(array);
        pushLong(BlockCompiler.ARRAY_BASE + 8L * index);
    }

    void unsafe(int array) {
        m.visitFieldInsn(GETSTATIC, type, BlockCompiler.UNSAFE_FIELD, "L" + BlockCompiler.UNSAFE_TYPE + ";");
        load(ALOAD, array);
    }

    void unsafeGet() {
        m.visitMethodInsn(INVOKEVIRTUAL, BlockCompiler.UNSAFE_TYPE, "getLong", "(Ljava/lang/Object;J)J", false);
    }

    void unsafePut() {
        m.visitMethodInsn(INVOKEVIRTUAL, BlockCompiler.UNSAFE_TYPE, "putLong", "(Ljava/lang/Object;JJ)V", false);
    }
}
