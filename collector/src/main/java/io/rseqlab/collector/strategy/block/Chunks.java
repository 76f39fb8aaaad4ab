package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * The words of ptmalloc's chunks, which lie one behind the other. A word in each says its arena, its class if it is
 * used, and its bytes with flags: whether it is free, and whether the one before it is. A free chunk has its bytes in
 * its last word, too, where the one behind it finds them. Live blocks keep the one word; it changes under the lock of
 * their arena alone.
 *
 * <p>Source: glibc {@code malloc.c} (struct malloc_chunk, set_inuse_bit_at_offset, unlink_chunk).
 */
final class Chunks {
    static final int NEXT = NodeLayout.NEXT;
    /** Of a free chunk: where the word lies that points to it. */
    static final int POINTER = 8;
    /** In 16 bits each the arena and the class, above them bytes and flags. */
    static final int HEAD = NodeLayout.OWNER;

    static final int CLASS_SHIFT = 16;
    static final int SIZE_SHIFT = 32;
    static final int NUMBER_MASK = 0xffff;
    /** All chunks are multiples of 32 bytes. */
    static final int SIZE_MASK = -32;

    static final int PREVIOUS_FREE = 1;
    static final int FREE = 2;
    /** A run of pages by itself. */
    static final int LARGE = 4;
    /** The last of an arena's memory, where more follows elsewhere: at the address in its first word. */
    static final int FENCE = 8;

    static final int LEAST_BYTES = 32;

    static final int CHUNK = Reg.T11;
    static final int SIZE = Reg.T10;

    private Chunks() {}

    /** rd = the arena of a block: load, mask. */
    static void arena(Assembler a, int rd, int block) {
        a.ld64(rd, block, HEAD);
        a.andi(rd, rd, NUMBER_MASK);
    }

    /** rd = the class of a block: load, shift, mask. */
    static void sizeClass(Assembler a, int rd, int block) {
        a.ld64(rd, block, HEAD);
        a.shri(rd, rd, CLASS_SHIFT);
        a.andi(rd, rd, NUMBER_MASK);
    }

    static void size(Assembler a, int rd, int chunk) {
        a.ld64(rd, chunk, HEAD);
        a.shri(rd, rd, SIZE_SHIFT);
        a.andi(rd, rd, SIZE_MASK);
    }

    /** CHUNK is used, of so many bytes. Changes A0 and A1. */
    static void use(Assembler a, int bytes, int arena, int flags) {
        a.addi(Reg.A0, bytes, flags);
        a.shli(Reg.A0, Reg.A0, SIZE_SHIFT);
        a.shli(Reg.A1, BlockClasses.CLASS, CLASS_SHIFT);
        a.or(Reg.A0, Reg.A0, Reg.A1);
        a.or(Reg.A0, Reg.A0, arena);
        a.st64(CHUNK, HEAD, Reg.A0);
    }

    /** CHUNK is free, of SIZE bytes. Changes A0. */
    static void free(Assembler a) {
        a.addi(Reg.A0, SIZE, FREE);
        a.shli(Reg.A0, Reg.A0, SIZE_SHIFT);
        a.st64(CHUNK, HEAD, Reg.A0);
        a.add(Reg.A0, CHUNK, SIZE);
        a.st64(Reg.A0, -8, SIZE);
    }

    /** A chunk leaves its bin. Changes A0 and A2. */
    static void unlink(Assembler a, int chunk) {
        Assembler.Label last = a.label();
        a.ld64(Reg.A0, chunk, NEXT);
        a.ld64(Reg.A2, chunk, POINTER);
        a.st64(Reg.A2, 0, Reg.A0);
        a.beqz(Reg.A0, last);
        a.st64(Reg.A0, POINTER, Reg.A2);
        a.place(last);
    }
}
