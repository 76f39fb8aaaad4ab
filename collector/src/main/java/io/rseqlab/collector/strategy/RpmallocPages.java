package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.OwnedSlabs;

/**
 * The four kinds of rpmalloc's pages: with 64 KiB for the smallest these are for blocks of up to 4 KiB, 1 MiB up to 32
 * KiB, 4 MiB up to 256 KiB, 16 MiB up to 2 MiB. With another smallest page all scale with it.
 *
 * <p>Source: rpmalloc 2.0 rpmalloc.c.
 */
final class RpmallocPages {
    /** Binary logarithms of how many times as large as the smallest pages those of a kind are. */
    private static final int[] PAGE_SHIFTS = {0, 4, 6, 8};
    /** The same of the largest blocks on them. */
    private static final int[] BLOCK_SHIFTS = {-4, -1, 2, 5};

    static final int KINDS = PAGE_SHIFTS.length;

    private static final int FRESH = RpmallocInstance.FRESH;
    private static final int PAGE = RpmallocInstance.PAGE;
    private static final int SCRATCH = RpmallocInstance.SCRATCH;
    private static final int OTHER = RpmallocInstance.OTHER;
    private static final int BLOCK = RpmallocInstance.BLOCK;
    private static final int ENTRY = RpmallocInstance.ENTRY;
    private static final int COUNT = RpmallocInstance.COUNT;
    private static final int ROW = RpmallocInstance.ROW;

    private RpmallocPages() {}

    /** The kind of page that blocks of so many bytes are on; larger ones than all kinds' are of one more. */
    static int kind(int blockBytes, int pageShift) {
        int kind = 0;
        while (kind < KINDS && blockBytes > 1 << pageShift + BLOCK_SHIFTS[kind]) {
            kind++;
        }
        return kind;
    }

    /** Bytes of a page of such blocks; what is larger than all kinds' has a mapping of its own. */
    static int bytes(int blockBytes, int pageShift) {
        int least = 1 << pageShift;
        int kind = kind(blockBytes, pageShift);
        return kind == KINDS ? blockBytes + least - 1 & -least : 1 << pageShift + PAGE_SHIFTS[kind];
    }

    /** A0 = fresh blocks of the page, COUNT of them; pages in the queue that have nothing else have some. */
    static void extend(Assembler a) {
        Assembler.Label fits = a.label();
        a.ld64(OTHER, PAGE, FRESH);
        a.ld64(COUNT, ROW, OwnedSlabs.BLOCKS);
        a.sub(COUNT, COUNT, OTHER);
        a.ld64(SCRATCH, ROW, OwnedSlabs.EXTRA);
        a.bge(SCRATCH, COUNT, fits);
        a.mov(COUNT, SCRATCH);
        a.place(fits);
        a.add(SCRATCH, OTHER, COUNT);
        a.st64(PAGE, FRESH, SCRATCH);
        a.ld64(SCRATCH, ROW, OwnedSlabs.BYTES);
        a.mul(OTHER, OTHER, SCRATCH);
        a.ld64(Reg.A0, PAGE, OwnedSlabs.START);
        a.add(Reg.A0, Reg.A0, OTHER);
        a.mov(BLOCK, COUNT);
        OwnedSlabs.link(a, Reg.A0, BLOCK, SCRATCH, ENTRY, OTHER);
    }
}
