package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;

/**
 * The size class that an operation is about, and that of every block. malloc is told its class; free looks it up in a
 * page map, a table in simulated memory with 16 bits per page of 4 KiB, written when a span is cut up, as TCMalloc and
 * snmalloc find it. Meanwhile the class stands in the thread's area, like a register that was spilled. With one class
 * only there is neither map nor code.
 */
public final class BlockClasses {
    /** Bytes of heap for which the map has room: what programs can address. */
    private static final long REACH_BYTES = 8L << 30;

    private static final int PAGE_SHIFT = 12;
    /** Bytes of a page: spans are whole pages. */
    public static final int PAGE_BYTES = 1 << PAGE_SHIFT;

    private final SizeClasses sizes;
    private final int map;

    public BlockClasses(Layout layout, SizeClasses sizes) {
        this.sizes = sizes;
        map = sizes.single() ? 0 : Math.toIntExact(layout.reserve(REACH_BYTES >> PAGE_SHIFT - 1, 2 * Layout.LINE));
    }

    public SizeClasses sizes() {
        return sizes;
    }

    public int count() {
        return sizes.count();
    }

    public boolean single() {
        return sizes.single();
    }

    /** malloc begins: keeps the class that is in A0. */
    public void enterMalloc(Assembler a) {
        if (!single()) {
            a.st64(Reg.TLS, ThreadAreas.CLASS, Reg.A0);
        }
    }

    /** free begins: looks up the class of the block in A0 and keeps it; changes T0. */
    public void enterFree(Assembler a) {
        if (!single()) {
            adopt(a, Reg.A0, Reg.T0);
        }
    }

    /** The operation is about that block's class from now on: four micro-operations. */
    public void adopt(Assembler a, int block, int temporary) {
        ofBlock(a, temporary, block);
        a.st64(Reg.TLS, ThreadAreas.CLASS, temporary);
    }

    /** rd = the block's class: shift, shift, load. */
    public void ofBlock(Assembler a, int rd, int block) {
        a.shri(rd, block, PAGE_SHIFT);
        a.shli(rd, rd, 1);
        a.ld16(rd, rd, map);
    }

    /** rd = the operation's class. */
    public void current(Assembler a, int rd) {
        a.ld64(rd, Reg.TLS, ThreadAreas.CLASS);
    }

    /** The operation's class is the one in a register from now on. */
    public void restore(Assembler a, int rs) {
        a.st64(Reg.TLS, ThreadAreas.CLASS, rs);
    }

    /** entry += class << shift, where there is more than one. */
    public void index(Assembler a, int entry, int temporary, int shift) {
        if (!single()) {
            current(a, temporary);
            a.shli(temporary, temporary, shift);
            a.add(entry, entry, temporary);
        }
    }

    /**
     * Writes the class of a span's pages into the map: a loop over its pages.
     *
     * @param span register that holds the span's address; kept
     * @param pages register that holds how many pages it has; 0 afterwards
     * @param number register that holds the class
     */
    public void map(Assembler a, int span, int pages, int number, int temporary) {
        a.shri(temporary, span, PAGE_SHIFT);
        a.shli(temporary, temporary, 1);
        Assembler.Label page = a.here();
        a.st16(temporary, map, number);
        a.addi(temporary, temporary, 2);
        a.djnz(pages, page);
    }
}
