package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * Slabs of blocks of one size that belong to one thread, for allocators that return blocks to their owner. A page map
 * with an entry of 16 bytes per chunk says where a slab's metadata lie, and who owns it, with the size in the low bits:
 * one line is enough to tell own blocks from others'. Pages of slabs come from a heap that each thread has for itself,
 * or that all share, and go back there ({@link OwnedHeaps}).
 *
 * <p>Source: snmalloc 0.7's page map and {@code backend_helpers} (a buddy allocator per thread for up to 2 MiB before
 * one for all); mimalloc 2's segments, which are larger, and whose pages are found by masking the address, in as many
 * loads.
 */
public final class OwnedSlabs {
    // ---- a slab's metadata, two lines; the first words are the strategy's
    /** Words of the metadata that the strategy uses as it likes: 0, 8, 16, 24, 32. */
    public static final int OWN_WORDS = 0;
    /** The class of the slab's blocks. */
    public static final int CLASS = 40;
    /** The slab's first byte. */
    public static final int START = OwnedHeaps.START;

    /** First of eight more words of the strategy's, on a line of their own. */
    public static final int FAR_WORD = 64;

    public static final int SECOND_FAR_WORD = 72;

    // ---- a row per class, a line
    /** Bytes of a block. */
    public static final int BYTES = 0;
    /** Blocks of a slab. */
    public static final int BLOCKS = 8;
    /** A number that the strategy wants there. */
    public static final int EXTRA = 16;

    private static final int SLAB = 24;
    private static final int CHUNKS = 32;
    private static final int ROW_SHIFT = 6;

    /** Low bits of a page map's second word that hold the class. */
    public static final int CLASS_MASK = 255;

    private static final long REACH_BYTES = 8L << 30;
    private static final int LEAST_BLOCKS = 4;
    private static final int ENTRY_SHIFT = 4;

    private final BlockClasses classes;
    private final int chunkShift;
    private final int map;
    private final long rows;
    private final OwnedHeaps heaps;
    private final int mostBlocks;

    /**
     * Slabs of one chunk, or of as many as four blocks take.
     *
     * @param heaps of pages: as many as threads, 0 for one that all share
     * @param chunkShift binary logarithm of a chunk's bytes, of which slabs are multiples
     * @param extra what stands in a class's row as {@link #EXTRA}: from the bytes of a block and the blocks of a slab
     */
    public OwnedSlabs(Layout layout, BlockClasses classes, int heaps, int chunkShift, IntBinaryOperator extra) {
        this(layout, classes, heaps, chunkShift, bytes -> ofFourBlocks(bytes, 1 << chunkShift), extra);
    }

    /** @param slabBytes how large the slab is from which blocks of so many bytes are cut: a multiple of a chunk's */
    public OwnedSlabs(
            Layout layout,
            BlockClasses classes,
            int heaps,
            int chunkShift,
            IntUnaryOperator slabBytes,
            IntBinaryOperator extra) {
        this.classes = classes;

        this.chunkShift = chunkShift;
        map = Math.toIntExact(layout.reserve(REACH_BYTES >> chunkShift - ENTRY_SHIFT, 2 * Layout.LINE));
        rows = layout.reserve((long) classes.count() << ROW_SHIFT, 2 * Layout.LINE);
        this.heaps = new OwnedHeaps(layout, heaps, chunkShift);
        int most = 0;
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            int slab = slabBytes.applyAsInt(bytes);
            long row = rows + ((long) i << ROW_SHIFT);
            layout.word(row + BYTES, bytes);
            layout.word(row + BLOCKS, slab / bytes);
            layout.word(row + EXTRA, extra.applyAsInt(bytes, slab / bytes));
            layout.word(row + SLAB, slab);
            layout.word(row + CHUNKS, slab >> chunkShift);
            most = Math.max(most, slab / bytes);
        }
        mostBlocks = most;
    }

    private static int ofFourBlocks(int blockBytes, int chunk) {
        long least = blockBytes <= 64 << 10 ? (long) LEAST_BLOCKS * blockBytes : blockBytes;
        return (int) Math.max(chunk, least + chunk - 1 & -chunk);
    }

    /** rd = where the entry of a block lies, less the map's address: shift, mask and scale. */
    public void entry(Assembler a, int rd, int block) {
        a.shri(rd, block, chunkShift);
        a.shli(rd, rd, ENTRY_SHIFT);
    }

    /** rd = the metadata's address, from an entry. */
    public void metadata(Assembler a, int rd, int entry) {
        a.ld64(rd, entry, map);
    }

    /** rd = the owner's address with the class in its low bits, from an entry. */
    public void owner(Assembler a, int rd, int entry) {
        a.ld64(rd, entry, map + 8);
    }

    /** rd = address of the row of the class in a register. */
    public void row(Assembler a, int rd, int sizeClass) {
        a.shli(rd, sizeClass, ROW_SHIFT);
        a.addi(rd, rd, Math.toIntExact(rows));
    }

    /** rd = bytes of a slab, from a row. */
    public void slabBytes(Assembler a, int rd, int row) {
        a.ld64(rd, row, SLAB);
    }

    /**
     * A0 = the first block of a new slab of the class in {@link BlockClasses#CLASS}, and {@code meta} = its metadata,
     * with class and start written, all other words 0 or as {@link #give} has left them. Changes A1, A2, T0 to T5, T12
     * and T13.
     *
     * @param owner register with the owner's address, whose low bits are 0; kept
     * @param meta T10 or T11; {@code row} the other: the class's row
     */
    public void make(Assembler a, SpinLock locks, int owner, int meta, int row) {
        int slab = Reg.A0;
        int end = Reg.T1;
        int scratch = Reg.T2;
        row(a, row, BlockClasses.CLASS);
        heaps.enter(a, locks);
        OwnedHeaps.describe(a, meta, scratch);
        a.ld64(Reg.A0, row, SLAB);
        heaps.pages(a, locks);
        a.st64(meta, CLASS, BlockClasses.CLASS);
        a.st64(meta, START, slab);
        int entry = Reg.T3;
        entry(a, entry, slab);
        a.or(end, owner, BlockClasses.CLASS);
        a.ld64(scratch, row, CHUNKS);
        Assembler.Label chunk = a.here();
        a.st64(entry, map, meta);
        a.st64(entry, map + 8, end);
        a.addi(entry, entry, 1 << ENTRY_SHIFT);
        a.djnz(scratch, chunk);
    }

    /**
     * A slab whose blocks are all free goes back to the pages of this thread's heap, or of that for all, and its
     * metadata to those of no slab: other slabs will have them with the strategy's words as they are. Changes A0 to A2,
     * T0, and T12 and T13 where all share a heap.
     *
     * @param meta register with the slab's metadata; kept
     */
    public void give(Assembler a, SpinLock locks, int meta) {
        heaps.enter(a, locks);
        a.ld64(Reg.A1, meta, CLASS);
        row(a, Reg.A1, Reg.A1);
        a.ld64(Reg.A1, Reg.A1, SLAB);
        heaps.give(a, locks, meta);
    }

    /**
     * A0 = the first of fresh blocks of a slab, linked: as many as its row's {@link #EXTRA} says, or as are left. T5
     * holds how many were cut so far and T4 how many are left, at least one; both change, as does T0.
     *
     * @param meta register with the slab's metadata
     * @param fresh word of the metadata that counts what was cut
     * @param row register with the row of the class
     * @param at register that changes
     */
    public static void extend(Assembler a, int meta, int fresh, int row, int at) {
        Assembler.Label fits = a.label();
        int number = Reg.T0;
        int left = Reg.T4;
        int cut = Reg.T5;
        a.ld64(number, row, EXTRA);
        a.bge(left, number, fits);
        a.mov(number, left);
        a.place(fits);
        a.add(left, cut, number);
        a.st64(meta, fresh, left);
        a.ld64(left, row, BYTES);
        a.mul(cut, cut, left);
        a.ld64(Reg.A0, meta, START);
        a.add(Reg.A0, Reg.A0, cut);
        link(a, Reg.A0, number, left, at, cut);
    }

    /**
     * Another owner for a slab: an entry per chunk is written. Changes T0, T1, T3 and T4.
     *
     * @param meta register with the slab's metadata; kept
     * @param owner register with the new owner's address, whose low bits are 0; kept
     */
    public void handOver(Assembler a, int meta, int owner) {
        int entry = Reg.T0;
        int word = Reg.T1;
        int chunks = Reg.T3;
        a.ld64(word, meta, CLASS);
        row(a, chunks, word);
        a.ld64(chunks, chunks, CHUNKS);
        a.or(word, word, owner);
        a.ld64(Reg.T4, meta, START);
        entry(a, entry, Reg.T4);
        Assembler.Label chunk = a.here();
        a.st64(entry, map + 8, word);
        a.addi(entry, entry, 1 << ENTRY_SHIFT);
        a.djnz(chunks, chunk);
    }

    /**
     * Links blocks from one address on, the last one to nothing.
     *
     * @param first register with the first block; kept
     * @param count register that says how many; 0 afterwards
     * @param bytes register with the size of a block
     */
    public static void link(Assembler a, int first, int count, int bytes, int at, int next) {
        Assembler.Label last = a.label();
        a.mov(at, first);
        Assembler.Label more = a.here();
        a.addi(count, count, -1);
        a.beqz(count, last);
        a.add(next, at, bytes);
        a.st64(at, NodeLayout.NEXT, next);
        a.mov(at, next);
        a.jmp(more);
        a.place(last);
        a.st64(at, NodeLayout.NEXT, Reg.ZERO);
    }

    // ---- audit

    /** Addresses of the metadata of all slabs. */
    public List<Long> all(MemoryView memory) {
        return heaps.all(memory);
    }

    /** The owner of what lies at an address. */
    public long ownerOf(MemoryView memory, long address) {
        return memory.read64(map + (address >>> chunkShift << ENTRY_SHIFT) + 8) & ~(long) CLASS_MASK;
    }

    /** The class of the slab that a block lies in, by its metadata; 0 if it has none yet. */
    public int classIn(MemoryView memory, long block) {
        long meta = memory.read64(map + (block >>> chunkShift << ENTRY_SHIFT));
        return meta == 0 ? 0 : (int) memory.read64(meta + CLASS);
    }

    /** The class of a block, by the map. */
    public int classOf(MemoryView memory, long block) {
        return (int) memory.read64(map + (block >>> chunkShift << ENTRY_SHIFT) + 8) & CLASS_MASK;
    }

    /** Blocks of a slab of a class. */
    public long blocks(MemoryView memory, int sizeClass) {
        return memory.read64(rows + ((long) sizeClass << ROW_SHIFT) + BLOCKS);
    }

    /** What the strategy wanted in a class's row. */
    public long extra(MemoryView memory, int sizeClass) {
        return memory.read64(rows + ((long) sizeClass << ROW_SHIFT) + EXTRA);
    }

    /** Most blocks there can be. */
    public long mostBlocks(MemoryView memory) {
        return heaps.slabs(memory) * mostBlocks;
    }
}
