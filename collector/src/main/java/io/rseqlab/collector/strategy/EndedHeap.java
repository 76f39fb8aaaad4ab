package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;

/**
 * What a thread of {@link MimallocV3Instance} does with its pages when it ends: each takes in what was freed into it
 * and goes back if it is empty, else is abandoned. One in which something is free, or which is not cut up yet, is
 * entered where all look for pages ({@link AbandonedPages}); a full one is found by who frees into it. No page
 * remembers the heap it was in, for that is gone: whoever frees into one takes it in only where that is allowed to all.
 *
 * <p>Source: mi_theap_collect_ex with MI_ABANDON in theap.c and _mi_page_abandon in page.c of mimalloc 3.
 */
final class EndedHeap {
    private static final int PAGE = MimallocV3Instance.PAGE;
    private static final int HEAP = MimallocV3Instance.HEAP;
    private static final int QUEUE = MimallocV3Instance.QUEUE;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int NEXT_PAGE = Reg.T11;

    private final OwnedSlabs slabs;
    private final AbandonedPages abandoned;
    private final long none;
    private final int queues;
    private final PageLinks emptied;

    /**
     * @param none the page that stands for none
     * @param queues how many a heap has
     * @param emptied takes pages that are empty, null if they are abandoned too
     */
    EndedHeap(OwnedSlabs slabs, AbandonedPages abandoned, long none, int queues, PageLinks emptied) {
        this.slabs = slabs;
        this.abandoned = abandoned;
        this.none = none;
        this.queues = queues;
        this.emptied = emptied;
    }

    /** Abandons all pages of HEAP, which is empty then. */
    void abandon(Assembler a) {
        Assembler.Label empty = a.label();
        a.mov(QUEUE, HEAP);
        Assembler.Label queue = a.here();
        a.ld64(PAGE, QUEUE, MimallocV3Instance.PAGES);
        a.li(SCRATCH, none);
        a.st64(QUEUE, MimallocV3Instance.PAGES, SCRATCH);
        Assembler.Label page = a.here();
        a.li(SCRATCH, none);
        a.beq(PAGE, SCRATCH, empty);
        a.ld64(NEXT_PAGE, PAGE, MimallocV3Instance.NEXT);
        leave(a);
        a.mov(PAGE, NEXT_PAGE);
        a.jmp(page);
        a.place(empty);
        a.addi(QUEUE, QUEUE, 8);
        a.addi(SCRATCH, HEAP, 8 * queues);
        a.blt(QUEUE, SCRATCH, queue);
    }

    /** PAGE has no owner any more. */
    private void leave(Assembler a) {
        Assembler.Label again = a.label();
        Assembler.Label collected = a.label();
        Assembler.Label enter = a.label();
        Assembler.Label release = a.label();
        Assembler.Label used = a.label();
        Assembler.Label gone = a.label();
        a.st64(PAGE, MimallocV3Instance.OWNER, Reg.ZERO);
        a.st64(PAGE, MimallocV3Instance.HOME, Reg.ZERO);
        a.ld64(Reg.A0, PAGE, MimallocV3Instance.LOCAL);
        a.beqz(Reg.A0, again);
        a.st64(PAGE, MimallocV3Instance.LOCAL, Reg.ZERO);
        a.mov(OTHER, Reg.A0);
        Assembler.Label last = a.here();
        a.mov(SEEN, OTHER);
        a.ld64(OTHER, SEEN, NodeLayout.NEXT);
        a.bnez(OTHER, last);
        ThreadFree.toFree(a);
        a.place(again);
        ThreadFree.collect(a, collected);
        ThreadFree.toFree(a);
        a.place(collected);
        if (emptied != null) {
            a.ld64(OTHER, PAGE, MimallocV3Instance.USED);
            a.bnez(OTHER, used);
            emptied.giveAbandoned(a);
            a.jmp(gone);
            a.place(used);
        }
        a.ld64(OTHER, PAGE, MimallocV3Instance.FREE);
        a.bnez(OTHER, enter);
        a.ld64(OTHER, PAGE, OwnedSlabs.CLASS);
        slabs.row(a, SCRATCH, OTHER);
        a.ld64(SCRATCH, SCRATCH, OwnedSlabs.BLOCKS);
        a.ld64(OTHER, PAGE, MimallocV3Instance.FRESH);
        a.beq(OTHER, SCRATCH, release);
        a.place(enter);
        abandoned.enter(a);
        a.place(release);
        a.li(OTHER, MimallocV3Instance.OWNED);
        a.cas64(SEEN, PAGE, MimallocV3Instance.THREAD_FREE, OTHER, Reg.ZERO);
        a.bne(SEEN, OTHER, again);
        a.place(gone);
    }
}
