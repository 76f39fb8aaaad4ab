package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * Slabs of blocks of one size that belong to one thread, for allocators that return blocks to their owner. A page map
 * with an entry of 16 bytes per chunk says where a slab's metadata lie, and who owns it, with the size in the low bits:
 * one line is enough to tell own blocks from others'. Slabs are cut from spans of 1 MiB under one lock for all.
 *
 * <p>Source: snmalloc 0.7's page map; mimalloc finds the same by masking the address, in as many loads. Slabs never go
 * back.
 */
public final class OwnedSlabs {
    // ---- a slab's metadata, two lines; the first words are the strategy's
    /** Words of the metadata that the strategy uses as it likes: 0, 8, 16, 24, 32. */
    public static final int OWN_WORDS = 0;
    /** The class of the slab's blocks. */
    public static final int CLASS = 40;
    /** The slab's first byte. */
    public static final int START = 48;
    /** The slab that was made before. */
    private static final int BEFORE = 56;

    /** First of eight more words of the strategy's, on a line of their own. */
    public static final int FAR_WORD = 64;

    private static final int META_BYTES = 128;

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
    private static final int SPAN_BYTES = 1 << 20;
    private static final int META_SPAN_BYTES = 64 << 10;
    private static final int LEAST_BLOCKS = 4;
    private static final int ENTRY_SHIFT = 4;

    private static final int FRESH = 8;
    private static final int END = 16;
    private static final int META_FRESH = 24;
    private static final int META_END = 32;
    private static final int LATEST = 40;
    private static final int COUNT = 48;

    private static final int GLOBAL = Reg.A1;

    private final BlockClasses classes;
    private final int chunkShift;
    private final int map;
    private final long rows;
    private final long globals;
    private final int spanBytes;
    private final int mostBlocks;

    /**
     * Slabs of one chunk, or of as many as four blocks take.
     *
     * @param chunkShift binary logarithm of a chunk's bytes, of which slabs are multiples
     * @param extra what stands in a class's row as {@link #EXTRA}: from the bytes of a block and the blocks of a slab
     */
    public OwnedSlabs(Layout layout, BlockClasses classes, int chunkShift, IntBinaryOperator extra) {
        this(layout, classes, chunkShift, bytes -> ofFourBlocks(bytes, 1 << chunkShift), extra);
    }

    /** @param slabBytes how large the slab is from which blocks of so many bytes are cut: a multiple of a chunk's */
    public OwnedSlabs(
            Layout layout, BlockClasses classes, int chunkShift, IntUnaryOperator slabBytes, IntBinaryOperator extra) {
        this.classes = classes;
        this.chunkShift = chunkShift;
        map = Math.toIntExact(layout.reserve(REACH_BYTES >> chunkShift - ENTRY_SHIFT, 2 * Layout.LINE));
        rows = layout.reserve((long) classes.count() << ROW_SHIFT, 2 * Layout.LINE);
        globals = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        int largest = 0;
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
            largest = Math.max(largest, slab);
            most = Math.max(most, slab / bytes);
        }
        mostBlocks = most;
        spanBytes = Math.max(SPAN_BYTES, largest) + (1 << chunkShift);
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

    /**
     * A0 = the first block of a new slab of the class in {@link BlockClasses#CLASS}, and {@code meta} = its metadata,
     * with class and start written. Changes A1, A2, T0 to T5, T12 and T13.
     *
     * @param owner register with the owner's address, whose low bits are 0; kept
     * @param meta T10 or T11; {@code row} the other: the class's row
     */
    public void make(Assembler a, SpinLock locks, int owner, int meta, int row) {
        Assembler.Label cut = a.label();
        Assembler.Label fits = a.label();
        Assembler.Label described = a.label();
        int slab = Reg.T0;
        int end = Reg.T1;
        int scratch = Reg.T2;
        row(a, row, BlockClasses.CLASS);
        a.li(GLOBAL, globals);
        locks.lock(a);
        a.place(cut);
        a.ld64(slab, GLOBAL, FRESH);
        a.ld64(end, row, SLAB);
        a.add(end, end, slab);
        a.ld64(scratch, GLOBAL, END);
        a.bge(scratch, end, fits);
        a.li(Reg.A0, spanBytes);
        a.host(HostCall.HOST_SPAN);
        a.li(scratch, spanBytes);
        a.add(scratch, scratch, Reg.A0);
        a.st64(GLOBAL, END, scratch);
        a.addi(Reg.A0, Reg.A0, (1 << chunkShift) - 1);
        a.andi(Reg.A0, Reg.A0, -(1 << chunkShift));
        a.st64(GLOBAL, FRESH, Reg.A0);
        a.jmp(cut);
        a.place(fits);
        a.st64(GLOBAL, FRESH, end);
        a.ld64(meta, GLOBAL, META_FRESH);
        a.ld64(scratch, GLOBAL, META_END);
        a.bne(meta, scratch, described);
        a.li(Reg.A0, META_SPAN_BYTES);
        a.host(HostCall.HOST_SPAN);
        a.mov(meta, Reg.A0);
        a.li(scratch, META_SPAN_BYTES);
        a.add(scratch, scratch, Reg.A0);
        a.st64(GLOBAL, META_END, scratch);
        a.place(described);
        a.addi(scratch, meta, META_BYTES);
        a.st64(GLOBAL, META_FRESH, scratch);
        a.ld64(scratch, GLOBAL, LATEST);
        a.st64(meta, BEFORE, scratch);
        a.st64(meta, CLASS, BlockClasses.CLASS);
        a.st64(meta, START, slab);
        a.st64(GLOBAL, LATEST, meta);
        a.ld64(scratch, GLOBAL, COUNT);
        a.addi(scratch, scratch, 1);
        a.st64(GLOBAL, COUNT, scratch);
        locks.unlock(a);
        a.mov(Reg.A0, slab);

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
        List<Long> found = new ArrayList<>();
        for (long meta = memory.read64(globals + LATEST); meta != 0; meta = memory.read64(meta + BEFORE)) {
            found.add(meta);
        }
        return found;
    }

    /** The owner of what lies at an address. */
    public long ownerOf(MemoryView memory, long address) {
        return memory.read64(map + (address >>> chunkShift << ENTRY_SHIFT) + 8) & ~(long) CLASS_MASK;
    }

    /** The class of a block. */
    public int classOf(MemoryView memory, long block) {
        return (int) memory.read64(map + (block >>> chunkShift << ENTRY_SHIFT) + 8) & CLASS_MASK;
    }

    /** Most blocks there can be. */
    public long mostBlocks(MemoryView memory) {
        return memory.read64(globals + COUNT) * mostBlocks;
    }
}
