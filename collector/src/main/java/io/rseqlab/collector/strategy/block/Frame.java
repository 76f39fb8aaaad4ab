package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * What a compiled function executes beside its work: it saves and restores registers and copies others. Counts are
 * those of the native driver (gcc 12.2 -O2), so that both execute the same number of micro-operations. The stack's
 * lines stand in the thread's area, in the first cache as the stack always is.
 */
public final class Frame {
    private static final int SCRATCH = Reg.T9;

    private Frame() {}

    /** Saves so many registers: one store each. */
    public static void save(Assembler a, int registers) {
        for (int i = 0; i < registers; i++) {
            a.st64(Reg.TLS, ThreadAreas.FRAME + 8 * i, SCRATCH);
        }
    }

    /** Restores them: one load each. */
    public static void restore(Assembler a, int registers) {
        for (int i = 0; i < registers; i++) {
            a.ld64(SCRATCH, Reg.TLS, ThreadAreas.FRAME + 8 * i);
        }
    }

    /** Copies registers without further effect: one micro-operation each. */
    public static void copies(Assembler a, int count) {
        for (int i = 0; i < count; i++) {
            a.mov(SCRATCH, Reg.TLS);
        }
    }
}
