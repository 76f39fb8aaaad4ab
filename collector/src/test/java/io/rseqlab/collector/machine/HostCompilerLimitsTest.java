package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** What the host's compiler does by the length of a method's bytecode, where speed depends on it. */
class HostCompilerLimitsTest {
    /** The JVM's FreqInlineSize: longer methods are called, however often, and not copied into their callers. */
    private static final int COPIED_BYTES = 325;

    /** Copied, it would have each load and store make room for what a miss needs. */
    @Test
    void missesAreNotCopiedIntoLoadsAndStores() throws IOException {
        assertThat(bytes(Coherence.class, "access")).isGreaterThan(COPIED_BYTES);
    }

    /** The end of each micro-operation is: it finds out more by what stands before it, and there is nothing to call. */
    @Test
    void retirementIsCopiedIntoEachMicroOperation() throws IOException {
        assertThat(bytes(MicroOp.class, "retire")).isBetween(1, COPIED_BYTES);
        assertThat(bytes(MicroOp.class, "define")).isBetween(1, COPIED_BYTES);
    }

    /** The longest of a class's methods of a name, as the tables of its local variables have it. */
    private static int bytes(Class<?> type, String method) throws IOException {
        int[] longest = {0};
        boolean[] inMethod = {false};
        ClassVisitor visitor = new ClassVisitor(Opcodes.ASM9) {
            @Override
            public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] thrown) {
                inMethod[0] = name.equals(method);
                return new MethodVisitor(Opcodes.ASM9) {};
            }
        };
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            new ClassReader(in) {
                @Override
                protected Label readLabel(int bytecodeOffset, Label[] labels) {
                    longest[0] = inMethod[0] ? Math.max(longest[0], bytecodeOffset) : longest[0];
                    return super.readLabel(bytecodeOffset, labels);
                }
            }.accept(visitor, 0);
        }
        return longest[0];
    }
}
