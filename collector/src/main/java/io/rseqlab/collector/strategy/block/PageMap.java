package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;

/**
 * The map from a page to the descriptor of what lies there: a table in simulated memory with the number of the
 * descriptor's line, 32 bits per page. TCMalloc's has pointers and two levels, so a look-up is four micro-operations
 * here as there, one load instead of two; jemalloc's radix tree is found by a cache of its leaves, in as many loads.
 */
final class PageMap {
    private static final long REACH_BYTES = 8L << 30;
    private static final int LINE_SHIFT = 6;

    private final int map;
    private final int pageShift;

    /** @param pageShift a page has 2^pageShift bytes */
    PageMap(Layout layout, int pageShift) {
        this.pageShift = pageShift;
        map = Math.toIntExact(layout.reserve(REACH_BYTES >> pageShift - 2, 2 * Layout.LINE));
    }

    /** descriptor = that of what a block lies in: shift, shift, load, shift. */
    void descriptorOf(Assembler a, int descriptor, int block) {
        a.shri(descriptor, block, pageShift);
        a.shli(descriptor, descriptor, 2);
        a.ld32(descriptor, descriptor, map);
        a.shli(descriptor, descriptor, LINE_SHIFT);
    }

    /**
     * Writes a descriptor into the map: a loop over its pages.
     *
     * @param bytes register that holds how many bytes they are; 0 afterwards
     */
    void put(Assembler a, int span, int descriptor, int bytes, int temporary, int line) {
        a.shri(line, descriptor, LINE_SHIFT);
        a.shri(bytes, bytes, pageShift);
        a.shri(temporary, span, pageShift);
        a.shli(temporary, temporary, 2);
        Assembler.Label page = a.here();
        a.st32(temporary, map, line);
        a.addi(temporary, temporary, 4);
        a.djnz(bytes, page);
    }

    /** The descriptor of what a block lies in. */
    long descriptor(MemoryView memory, long block) {
        long at = map + (block >>> pageShift << 2);
        return (memory.read64(at & -8L) >>> ((at & 4) << 3) & 0xffffffffL) << LINE_SHIFT;
    }
}
