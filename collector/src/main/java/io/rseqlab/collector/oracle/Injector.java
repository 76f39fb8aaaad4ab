package io.rseqlab.collector.oracle;

import io.rseqlab.collector.isa.Program;
import java.util.function.LongSupplier;

/** Decides where injected interruptions land. */
public final class Injector {
    /** Where transactions are interrupted, from their begin on: shorter than most. */
    private static final int TRANSACTION_MICRO_OPS = 8;

    private final Program program;
    private final double probability;
    private final LongSupplier random;

    /**
     * @param probability of an injected interruption per attempt
     * @param random uniform 64-bit numbers
     */
    public Injector(Program program, double probability, LongSupplier random) {
        this.program = program;
        this.probability = probability;
        this.random = random;
    }

    /**
     * Micro-operations of the attempt that retire before the interruption, -1 for no interruption. The arming store,
     * with which the attempt begins, is the first of them; the section is interrupted before any of its own.
     */
    int draw(int section) {
        return draws() ? within(program.sections().get(section).length()) : -1;
    }

    /**
     * The same of a hardware transaction, of which XBEGIN is the first; one that commits earlier is not interrupted.
     */
    int drawTransaction() {
        return draws() ? within(TRANSACTION_MICRO_OPS) : -1;
    }

    private boolean draws() {
        return (random.getAsLong() >>> 11) * 0x1.0p-53 < probability;
    }

    private int within(int length) {
        return 1 + (int) Long.remainderUnsigned(random.getAsLong(), length);
    }
}
