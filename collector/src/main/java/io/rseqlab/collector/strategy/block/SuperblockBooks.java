package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * What a heap of {@link Superblocks} counts per size: its blocks in use, and its blocks in all; and what a superblock
 * counts: its blocks in use, which say into which group it belongs. Changes A0, A2 and T8; the superblock is in BLOCKS.
 *
 * <p>Source: {@code hoardmanager.h} (Statistics).
 */
final class SuperblockBooks {
    // ---- in what a heap has per size
    static final int IN_USE = FutexMutex.BYTES;
    static final int HELD = IN_USE + 8;
    static final int CAPACITY = 200;
    /** Groups of a block, as a fraction of 2^32. */
    static final int STEP = 216;

    static final int STEP_SHIFT = 32;

    /** In a superblock. */
    static final int USED = 8;

    private static final int BLOCKS = SuperblockGroups.BLOCKS;
    private static final int SCRATCH = Reg.T8;
    private static final int SPARE = Reg.A0;

    private SuperblockBooks() {}

    /** A block more of BLOCKS is in use, or one less; the superblock changes its group if it must. */
    static void count(Assembler a, int bin, int by) {
        Assembler.Label same = a.label();
        a.ld64(SCRATCH, bin, IN_USE);
        a.addi(SCRATCH, SCRATCH, by);
        a.st64(bin, IN_USE, SCRATCH);
        a.ld64(SCRATCH, BLOCKS, USED);
        a.addi(SCRATCH, SCRATCH, by);
        a.st64(BLOCKS, USED, SCRATCH);
        a.ld64(SPARE, bin, STEP);
        a.mul(SCRATCH, SCRATCH, SPARE);
        a.shri(SCRATCH, SCRATCH, STEP_SHIFT);
        a.ld64(SPARE, BLOCKS, SuperblockGroups.GROUP);
        a.beq(SPARE, SCRATCH, same);
        SuperblockGroups.unlink(a);
        SuperblockGroups.link(a, bin);
        a.place(same);
    }

    /** The blocks of BLOCKS are a bin's from now on, or no longer. */
    static void hold(Assembler a, int bin, int sign) {
        a.ld64(SCRATCH, BLOCKS, USED);
        change(a, bin, IN_USE, sign);
        a.ld64(SCRATCH, bin, CAPACITY);
        change(a, bin, HELD, sign);
    }

    private static void change(Assembler a, int bin, int word, int sign) {
        a.ld64(SPARE, bin, word);
        if (sign > 0) {
            a.add(SPARE, SPARE, SCRATCH);
        } else {
            a.sub(SPARE, SPARE, SCRATCH);
        }
        a.st64(bin, word, SPARE);
    }
}
