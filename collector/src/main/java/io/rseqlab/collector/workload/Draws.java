package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * Random draws of a thread: xorshift64 (13, 7, 17) of G. Marsaglia, "Xorshift RNGs" (2003), whose state lies in the
 * thread's area. Ten micro-operations a draw, load and store included.
 */
final class Draws {
    /** Most that {@link #below} can draw from. */
    static final int MOST = 1 << 24;

    private static final int USED_BITS = 24;

    private final int random;
    private final int scratch;

    /**
     * @param random register that holds the number drawn last
     * @param scratch register that a draw may change
     */
    Draws(int random, int scratch) {
        this.random = random;
        this.scratch = scratch;
    }

    /** Draws a number: the register for it = 64 random bits. */
    void draw(Assembler a) {
        a.ld64(random, Reg.WORKLOAD, ThreadLoop.RANDOM);
        a.shli(scratch, random, 13);
        a.xor(random, random, scratch);
        a.shri(scratch, random, 7);
        a.xor(random, random, scratch);
        a.shli(scratch, random, 17);
        a.xor(random, random, scratch);
        a.st64(Reg.WORKLOAD, ThreadLoop.RANDOM, random);
    }

    /** rd = a number from 0 to below n, from the upper bits of what was drawn. */
    void below(Assembler a, int rd, int n) {
        if (n < 1 || n > MOST) {
            throw new IllegalArgumentException("a draw from " + n);
        }
        a.shri(scratch, random, 64 - USED_BITS);
        a.li(rd, n);
        a.mul(rd, rd, scratch);
        a.shri(rd, rd, USED_BITS);
    }

    /** The same from the lower bits, which tell nothing of the upper ones. */
    void belowByLowerBits(Assembler a, int rd, int n) {
        a.shli(scratch, random, 64 - USED_BITS);
        a.shri(scratch, scratch, 64 - USED_BITS);
        a.li(rd, n);
        a.mul(rd, rd, scratch);
        a.shri(rd, rd, USED_BITS);
    }
}
