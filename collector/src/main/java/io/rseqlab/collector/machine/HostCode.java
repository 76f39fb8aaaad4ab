package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/** One method of a host class, in bytecodes. */
abstract class HostCode {
    private final MethodVisitor m;

    HostCode(MethodVisitor method) {
        m = method;
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

    // ---- arrays

    /** A local = the greatest index of an array whose length is a power of two. */
    void mask(int array, int local) {
        load(ALOAD, array);
        insn(ARRAYLENGTH, ICONST_1, ISUB);
        store(ISTORE, local);
    }

    /** Makes a long on the stack an index, wrapped round by a {@link #mask}: so the host knows that it is in bounds. */
    void masked(int mask) {
        insn(L2I);
        load(ILOAD, mask);
        insn(IAND);
    }

    void get(int array, int index) {
        load(ALOAD, array);
        load(ILOAD, index);
        insn(LALOAD);
    }

    void putLong(int array, int index, int value) {
        load(ALOAD, array);
        load(ILOAD, index);
        load(LLOAD, value);
        insn(LASTORE);
    }

    void element(int array, int index) {
        load(ALOAD, array);
        push(index);
    }
}
