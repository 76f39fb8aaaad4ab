package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * Groups of superblocks by how full they are, for {@link Superblocks}: doubly linked lists whose heads stand in a row
 * in what a heap has per size. Changes A0, A2 and T8; the superblock is in BLOCKS.
 */
final class SuperblockGroups {
    static final int BLOCKS = Reg.T11;

    // ---- a superblock's words, and where a bin's groups begin
    static final int GROUP = 32;
    static final int NEXT = 40;
    /** Where the word lies that points to this superblock. */
    private static final int POINTER = 48;

    static final int GROUPS = 64;

    private static final int SCRATCH = Reg.T8;
    private static final int SPARE = Reg.A0;
    private static final int ADDRESS = Reg.A2;

    private SuperblockGroups() {}

    /** BLOCKS = a superblock of the fullest group that has room; falls through if there is none. */
    static void fullest(Assembler a, int bin, int groups, Assembler.Label found) {
        for (int group = groups - 1; group >= 0; group--) {
            a.ld64(BLOCKS, bin, GROUPS + 8 * group);
            a.bnez(BLOCKS, found);
        }
    }

    /** BLOCKS = a superblock of the emptiest group; there must be one. */
    static void emptiest(Assembler a, int bin, int groups) {
        Assembler.Label found = a.label();
        for (int group = 0; group < groups; group++) {
            a.ld64(BLOCKS, bin, GROUPS + 8 * group);
            a.bnez(BLOCKS, found);
        }
        a.place(found);
    }

    /** BLOCKS leaves its group. */
    static void unlink(Assembler a) {
        Assembler.Label last = a.label();
        a.ld64(SPARE, BLOCKS, NEXT);
        a.ld64(ADDRESS, BLOCKS, POINTER);
        a.st64(ADDRESS, 0, SPARE);
        a.beqz(SPARE, last);
        a.st64(SPARE, POINTER, ADDRESS);
        a.place(last);
    }

    /** BLOCKS is the first of the bin's group whose number is in SCRATCH. */
    static void link(Assembler a, int bin) {
        Assembler.Label alone = a.label();
        a.st64(BLOCKS, GROUP, SCRATCH);
        a.shli(SCRATCH, SCRATCH, 3);
        a.add(SCRATCH, SCRATCH, bin);
        a.ld64(SPARE, SCRATCH, GROUPS);
        a.st64(BLOCKS, NEXT, SPARE);
        a.beqz(SPARE, alone);
        a.addi(ADDRESS, BLOCKS, NEXT);
        a.st64(SPARE, POINTER, ADDRESS);
        a.place(alone);
        a.st64(SCRATCH, GROUPS, BLOCKS);
        a.addi(SCRATCH, SCRATCH, GROUPS);
        a.st64(BLOCKS, POINTER, SCRATCH);
    }
}
