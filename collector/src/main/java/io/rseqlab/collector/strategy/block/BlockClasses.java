package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;

/**
 * The size class that an operation is about, and that of every block. malloc is told its class; free looks it up in a
 * page map, a table in simulated memory with 16 bits per page of 4 KiB, written when a span is cut up, as TCMalloc and
 * snmalloc find it. Meanwhile the class stands in the thread's area, like a register that was spilled. With one class
 * only there is neither map nor code, unless the strategy asks for them: real allocators look things up in any case.
 */
public final class BlockClasses {
    /** Bytes of a page: spans are whole pages. */
    public static final int PAGE_BYTES = 4096;
    /** The operation's class, in strategies that look it up in any case. */
    public static final int CLASS = Reg.T9;

    private static final int PAGE_SHIFT = 12;
    /** Bytes of heap for which the map has room: all that a machine lets spans take. */
    private static final long REACH_BYTES = 8L << 30;

    private final SizeClasses sizes;
    private final Lookup lookup;
    private final int map;
    private final int numbers;

    /** Who looks what up. */
    public enum Lookup {
        /** Nobody where there is one class; else free looks up the block's. */
        WHERE_SEVERAL,
        /** malloc the class and free the block's, even where there is one class: in {@link BlockClasses#CLASS}. */
        ALWAYS,
        /** malloc the class, as before; free has a way of its own. */
        IN_MALLOC,
        /** Nobody: malloc has the class in {@link BlockClasses#CLASS} from its argument; free has a way of its own. */
        NOTHING
    }

    public BlockClasses(Layout layout, SizeClasses sizes, Lookup lookup) {
        this.sizes = sizes;
        this.lookup = lookup;
        boolean needsMap = lookup == Lookup.ALWAYS || lookup == Lookup.WHERE_SEVERAL && !sizes.single();
        map = needsMap ? reserve(layout, REACH_BYTES >> PAGE_SHIFT - 1) : 0;
        boolean table = lookup == Lookup.ALWAYS || lookup == Lookup.IN_MALLOC;
        numbers = table ? reserve(layout, 8L * sizes.count()) : 0;
        for (int i = 0; i < sizes.count() && numbers != 0; i++) {
            layout.word(numbers + 8L * i, i);
        }
    }

    private static int reserve(Layout layout, long bytes) {
        return Math.toIntExact(layout.reserve(bytes, 2 * Layout.LINE));
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

    /** True if there is a page map. */
    public boolean mapped() {
        return map != 0;
    }

    /** malloc begins: keeps the class that is in A0. */
    public void enterMalloc(Assembler a) {
        if (numbers != 0) {
            lookUpSize(a);
        } else if (lookup == Lookup.NOTHING && single()) {
            a.li(CLASS, 0);
        } else if (lookup == Lookup.NOTHING) {
            a.mov(CLASS, Reg.A0);
            restore(a, CLASS);
        } else if (!single()) {
            restore(a, Reg.A0);
        }
    }

    /** CLASS = the class, from a table that all threads read, as real allocators find it by the size. */
    private void lookUpSize(Assembler a) {
        if (single()) {
            a.ld64(CLASS, Reg.ZERO, numbers);
        } else {
            a.shli(CLASS, Reg.A0, 3);
            a.ld64(CLASS, CLASS, numbers);
            restore(a, CLASS);
        }
    }

    /** free begins: looks up the class of the block in A0 and keeps it; changes T0, or leaves it in CLASS. */
    public void enterFree(Assembler a) {
        int number = lookup == Lookup.ALWAYS ? CLASS : Reg.T0;
        if (mapped()) {
            ofBlock(a, number, Reg.A0);
        }
        if (mapped() && !single()) {
            restore(a, number);
        }
    }

    /** The operation is about that block's class from now on: four micro-operations. */
    public void adopt(Assembler a, int block, int temporary) {
        ofBlock(a, temporary, block);
        restore(a, temporary);
    }

    /** rd = the block's class: shift, shift, load. */
    public void ofBlock(Assembler a, int rd, int block) {
        a.shri(rd, block, PAGE_SHIFT);
        a.shli(rd, rd, 1);
        a.ld16(rd, rd, map);
    }

    /**
     * The class of a block, as free finds it.
     *
     * @throws IllegalStateException where there are several classes and no page map: the strategy has a way of its own
     */
    public int ofBlock(MemoryView memory, long block) {
        if (single()) {
            return 0;
        }
        if (!mapped()) {
            throw new IllegalStateException("no page map: the strategy must say itself what a block's class is");
        }
        return (int) (memory.read64(map + (block >>> PAGE_SHIFT << 1 & -8L)) >>> ((block >>> PAGE_SHIFT & 3) << 4))
                & 0xffff;
    }

    /** rd = the operation's class, where there are several. */
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
     * Writes the operation's class into the map for a span's pages: a loop over them.
     *
     * @param span register that holds the span's address; kept
     * @param pages register that holds how many pages it has; 0 afterwards
     */
    public void map(Assembler a, int span, int pages, int number, int temporary) {
        if (single()) {
            a.li(number, 0);
        } else {
            current(a, number);
        }
        a.shri(temporary, span, PAGE_SHIFT);
        a.shli(temporary, temporary, 1);
        Assembler.Label page = a.here();
        a.st16(temporary, map, number);
        a.addi(temporary, temporary, 2);
        a.djnz(pages, page);
    }

    /** Writes a class into the map for the pages of a span before the run. */
    public void map(FreshMemory memory, long span, long bytes, int sizeClass) {
        for (long page = span >>> PAGE_SHIFT; page < span + bytes >>> PAGE_SHIFT && mapped(); page++) {
            long word = map + (page << 1 & -8L);
            int shift = (int) (page & 3) << 4;
            memory.write64(word, memory.read64(word) & ~(0xffffL << shift) | (long) sizeClass << shift);
        }
    }
}
