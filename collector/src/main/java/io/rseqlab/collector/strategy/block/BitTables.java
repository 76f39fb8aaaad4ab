package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * Numbers of bits in a word of 64, where real machines have an instruction: the number of the only bit that is set by
 * de Bruijn's multiplication and a table, the bit with a number by a table.
 *
 * <p>Source: Leiserson, Prokop and Randall, "Using de Bruijn Sequences to Index a 1 in a Computer Word" (1998).
 */
public final class BitTables {
    /** de Bruijn's sequence of 64 bits that begins with six zeros: each shift has other six bits on top. */
    private static final long SEQUENCE = 0x03f79d71b4cb0a89L;

    private static final int NUMBER_SHIFT = 58;

    private final int numbers;
    private final int bits;

    public BitTables(Layout layout) {
        numbers = reserve(layout);
        bits = reserve(layout);
        for (int bit = 0; bit < Long.SIZE; bit++) {
            layout.word(numbers + 8 * (SEQUENCE << bit >>> NUMBER_SHIFT), bit);
            layout.word(bits + 8L * bit, 1L << bit);
        }
    }

    private static int reserve(Layout layout) {
        return Math.toIntExact(layout.reserve(8L * Long.SIZE, 2 * Layout.LINE));
    }

    /** rd = the lowest bit of a word that is set, alone. */
    public static void lowest(Assembler a, int rd, int word) {
        a.sub(rd, Reg.ZERO, word);
        a.and(rd, rd, word);
    }

    /** rd = what {@link #number} needs. */
    public static void sequence(Assembler a, int rd) {
        a.li(rd, SEQUENCE);
    }

    /** rd = the number of the only bit that is set in it. */
    public void number(Assembler a, int rd, int sequence) {
        a.mul(rd, rd, sequence);
        a.shri(rd, rd, NUMBER_SHIFT);
        a.shli(rd, rd, 3);
        a.ld64(rd, rd, numbers);
    }

    /** rd = the bit with the number in it. */
    public void bit(Assembler a, int rd) {
        a.shli(rd, rd, 3);
        a.ld64(rd, rd, bits);
    }
}
