package io.rseqlab.collector.oracle;

import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import java.util.function.LongSupplier;

/** Decides where injected interruptions land. */
public final class Injector {
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
        double uniform = (random.getAsLong() >>> 11) * 0x1.0p-53;
        if (uniform >= probability) {
            return -1;
        }
        Section attempted = program.sections().get(section);
        return 1 + (int) Long.remainderUnsigned(random.getAsLong(), attempted.length());
    }
}
