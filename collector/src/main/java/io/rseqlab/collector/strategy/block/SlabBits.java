package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * The bits of a slab of {@link ArenaSlabs}, one for each free block, in its descriptor behind how many there are.
 *
 * <p>Source: jemalloc {@code bitmap.h}, {@code div.h}, arena_slab_reg_alloc_batch in {@code arena.c}.
 */
final class SlabBits {
    /** Most blocks of a slab: as many bits as fill the second line of its descriptor. */
    static final int MOST = 512;

    private static final int WORD_BITS = 64;
    private static final int WORD_SHIFT = 6;
    /** (offset * (2^32 / bytes + 1)) >> 32 is the number of a block. */
    private static final int MAGIC_SHIFT = 32;

    // ---- a slab's descriptor
    private static final int START = SlabHeap.START;
    /** How many blocks are free. */
    static final int FREE = 32;

    private static final int BITS = 64;

    // ---- a bin: bytes of a block, blocks of a slab
    private static final int BLOCK = 128;
    /** Blocks of a slab. */
    static final int BLOCKS = 136;

    private static final int MAGIC = 144;
    /** Bytes of as many blocks as a word has bits for. */
    private static final int GROUP = 152;
    /** The bits of the last word, if it has fewer. */
    private static final int LAST_BITS = 160;
    /** First word of that line of a bin that is not this one's. */
    static final int BIN_REST = 168;

    private static final int TO = Reg.T0;
    private static final int WORD = Reg.T2;
    private static final int AT = Reg.T3;
    private static final int LEFT = Reg.T4;
    private static final int FROM = Reg.T5;
    private static final int OBJECT = Reg.T5;
    private static final int BIN = SlabHeap.BIN;
    private static final int SCRATCH = Reg.T8;
    private static final int OTHER = Reg.T10;
    private static final int SLAB = SlabHeap.SLAB;

    private final BitTables tables;

    SlabBits(Layout layout) {
        tables = new BitTables(layout);
    }

    /** The words of a bin, whose slabs have so many blocks of so many bytes. */
    static void layOut(Layout layout, long bin, int block, int blocks) {
        layout.word(bin + BLOCK, block);
        layout.word(bin + BLOCKS, blocks);
        layout.word(bin + MAGIC, (1L << MAGIC_SHIFT) / block + 1);
        layout.word(bin + GROUP, (long) WORD_BITS * block);
        layout.word(bin + LAST_BITS, (1L << blocks) - 1);
    }

    /** All blocks of a slab are free; changes T3, T8 and T10. */
    void fill(Assembler a, int slab) {
        Assembler.Label last = a.label();
        Assembler.Label described = a.label();
        a.ld64(OTHER, BIN, BLOCKS);
        a.st64(slab, FREE, OTHER);
        a.shri(OTHER, OTHER, WORD_SHIFT);
        a.mov(AT, slab);
        a.li(SCRATCH, -1);
        a.beqz(OTHER, last);
        Assembler.Label word = a.here();
        a.st64(AT, BITS, SCRATCH);
        a.addi(AT, AT, 8);
        a.djnz(OTHER, word);
        a.place(last);
        a.ld64(SCRATCH, BIN, LAST_BITS);
        a.beqz(SCRATCH, described);
        a.st64(AT, BITS, SCRATCH);
        a.place(described);
    }

    /**
     * Up to LEFT blocks of SLAB, the lowest first, of which SCRATCH are free, at least one, into the array at T0, which
     * goes on behind them. Changes T2, T3, T5, T8, T10, T12 and A0 to A2.
     */
    void take(Assembler a) {
        Assembler.Label enough = a.label();
        Assembler.Label some = a.label();
        Assembler.Label stored = a.label();
        int block = Reg.A0;
        int bytes = Reg.A1;
        int group = Reg.A2;
        int sequence = Reg.T12;
        a.mov(OTHER, LEFT);
        a.bge(SCRATCH, LEFT, enough);
        a.mov(OTHER, SCRATCH);
        a.place(enough);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.st64(SLAB, FREE, SCRATCH);
        a.sub(LEFT, LEFT, OTHER);
        a.ld64(bytes, BIN, BLOCK);
        a.ld64(group, BIN, GROUP);
        BitTables.sequence(a, sequence);
        a.ld64(FROM, SLAB, START);
        a.mov(AT, SLAB);
        Assembler.Label word = a.here();
        a.ld64(WORD, AT, BITS);
        a.bnez(WORD, some);
        Assembler.Label next = a.here();
        a.addi(AT, AT, 8);
        a.add(FROM, FROM, group);
        a.jmp(word);
        a.place(some);
        BitTables.lowest(a, block, WORD);
        a.xor(WORD, WORD, block);
        tables.number(a, block, sequence);
        a.mul(block, block, bytes);
        a.add(block, block, FROM);
        a.st64(TO, 0, block);
        a.addi(TO, TO, 8);
        a.addi(OTHER, OTHER, -1);
        a.beqz(OTHER, stored);
        a.bnez(WORD, some);
        a.st64(AT, BITS, WORD);
        a.jmp(next);
        a.place(stored);
        a.st64(AT, BITS, WORD);
    }

    /** The bit of OBJECT, a block of SLAB, is set; SCRATCH = how many blocks of SLAB are free now. */
    void set(Assembler a) {
        int bit = Reg.A0;
        int word = Reg.A1;
        int old = Reg.A2;
        a.ld64(SCRATCH, SLAB, START);
        a.sub(OBJECT, OBJECT, SCRATCH);
        a.ld64(SCRATCH, BIN, MAGIC);
        a.mul(OBJECT, OBJECT, SCRATCH);
        a.shri(OBJECT, OBJECT, MAGIC_SHIFT);
        a.andi(bit, OBJECT, WORD_BITS - 1);
        tables.bit(a, bit);
        a.shri(word, OBJECT, WORD_SHIFT);
        a.shli(word, word, 3);
        a.add(word, word, SLAB);
        a.ld64(old, word, BITS);
        a.or(old, old, bit);
        a.st64(word, BITS, old);
        a.ld64(SCRATCH, SLAB, FREE);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(SLAB, FREE, SCRATCH);
    }

    // ---- audit

    /** The free blocks of a slab of a bin. */
    static List<Long> free(MemoryView memory, long slab, long bin) {
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < memory.read64(bin + BLOCKS); i++) {
            if ((memory.read64(slab + BITS + 8L * (i / WORD_BITS)) >>> i & 1) != 0) {
                blocks.add(memory.read64(slab + START) + i * memory.read64(bin + BLOCK));
            }
        }
        return blocks;
    }
}
