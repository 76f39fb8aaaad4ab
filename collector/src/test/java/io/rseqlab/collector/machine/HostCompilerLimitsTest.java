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

    /** The JVM's HugeMethodLimit: longer methods are not compiled at all. */
    private static final int COMPILED_BYTES = 8000;

    /** Copied twice, it had the loop load what a miss needs before every micro-operation: a fifth of the time. */
    @Test
    void missesAreNotCopiedIntoTheInterpretersLoop() throws IOException {
        assertThat(bytes(Coherence.class, "access")).isGreaterThan(COPIED_BYTES);
    }

    @Test
    void theInterpretersLoopIsCompiled() throws IOException {
        assertThat(bytes(Interpreter.class, "run")).isBetween(COPIED_BYTES, COMPILED_BYTES);
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
