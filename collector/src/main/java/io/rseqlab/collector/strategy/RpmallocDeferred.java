package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;

/**
 * Blocks that others have freed into full pages of {@link RpmallocInstance}: a list per heap and kind of page, for
 * nobody looks at the remote list of a full page. The heap takes it whole when a size has no page left.
 *
 * <p>Source: rpmalloc 2.0 rpmalloc.c: page_put_thread_free_block, heap_get_page_generic.
 */
final class RpmallocDeferred {
    /** Where a heap has these lists, by kind. */
    static final int LISTS = 0;

    private static final int PAGE = RpmallocInstance.PAGE;
    private static final int HEAP = RpmallocInstance.HEAP;
    private static final int BLOCK = RpmallocInstance.BLOCK;
    private static final int ENTRY = RpmallocInstance.ENTRY;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;

    private final OwnedSlabs slabs;
    private final RpmallocFreePages freePages;
    private final int kinds;

    /** @param kinds address of a table that says eight times which kind of pages each class has */
    RpmallocDeferred(OwnedSlabs slabs, RpmallocFreePages freePages, int kinds) {
        this.slabs = slabs;
        this.freePages = freePages;
        this.kinds = kinds;
    }

    /** Blocks that others freed into full pages of this kind go to their pages; to {@code nothing} if there is none. */
    void take(Assembler a, Assembler.Label nothing) {
        a.shli(SCRATCH, BlockClasses.CLASS, 3);
        a.ld64(SCRATCH, SCRATCH, kinds);
        a.add(SCRATCH, SCRATCH, HEAP);
        a.ld64(BLOCK, SCRATCH, LISTS);
        a.beqz(BLOCK, nothing);
        a.xchg(BLOCK, SCRATCH, LISTS, Reg.ZERO);
        Assembler.Label full = a.label();
        Assembler.Label empty = a.label();
        Assembler.Label done = a.label();
        Assembler.Label next = a.here();
        a.mov(Reg.A0, BLOCK);
        a.ld64(BLOCK, Reg.A0, NodeLayout.NEXT);
        slabs.entry(a, ENTRY, Reg.A0);
        slabs.metadata(a, PAGE, ENTRY);
        freePages.pushLocal(a, empty, full);
        a.place(done);
        a.bnez(BLOCK, next);
        Assembler.Label over = a.label();
        a.jmp(over);
        a.place(full);
        freePages.available(a);
        a.jmp(done);
        a.place(empty);
        freePages.give(a);
        a.jmp(done);
        a.place(over);
    }

    /** The block in A0, of a full page, goes to the list that the page's owner has for its kind. */
    void defer(Assembler a, Cold cold) {
        Assembler.Label taken = a.label();
        int list = Reg.T1;
        a.ld64(list, PAGE, OwnedSlabs.CLASS);
        a.shli(list, list, 3);
        a.ld64(list, list, kinds);
        a.ld64(OTHER, PAGE, RpmallocInstance.OWNER);
        a.add(list, list, OTHER);
        a.ld64(SEEN, list, LISTS);
        Assembler.Label push = a.here();
        a.mov(OTHER, SEEN);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.cas64(SEEN, list, LISTS, OTHER, Reg.A0);
        a.bne(SEEN, OTHER, taken);
        Common.end(a, Mark.FREE);
        cold.later(() -> {
            a.place(taken);
            a.mark(Mark.TIER, 2);
            a.jmp(push);
        });
    }
}
