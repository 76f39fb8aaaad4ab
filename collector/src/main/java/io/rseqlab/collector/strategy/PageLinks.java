package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;

/**
 * The queues of {@link MimallocV3Instance}: each page knows the next one and the word that points to itself, and the
 * last one points to a page that stands for none.
 *
 * <p>Source: {@code page-queue.c} of mimalloc 3.
 */
final class PageLinks implements RetiredPages.Queues {
    private static final int NEXT = MimallocV3Instance.NEXT;
    /** In a page: where the word lies that points to it. */
    private static final int POINTER = NEXT + 40;

    private static final int LINGERS = NEXT + 48;
    // ---- of a heap, before its queues
    private static final int LOWEST = 0;
    private static final int HIGHEST = 8;

    /** The words of mimalloc 3. */
    static final RetiredPages.Words WORDS =
            new RetiredPages.Words(MimallocV3Instance.USED, LINGERS, MimallocV3Instance.PAGES, LOWEST, HIGHEST);

    private static final int PAGE = MimallocV3Instance.PAGE;
    private static final int LINK = MimallocV3Instance.LINK;
    private static final int HEAP = MimallocV3Instance.HEAP;
    private static final int QUEUE = MimallocV3Instance.QUEUE;
    private static final int PAGES = MimallocV3Instance.PAGES;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;

    private final OwnedSlabs slabs;
    private final AbandonedPages abandoned;
    private final long none;
    private SpinLock locks;

    /** @param none the page that stands for none */
    PageLinks(OwnedSlabs slabs, AbandonedPages abandoned, long none) {
        this.slabs = slabs;
        this.abandoned = abandoned;
        this.none = none;
    }

    void locks(SpinLock newLocks) {
        locks = newLocks;
    }

    /** Register {@code next}, a page or none, is pointed to from the address in a register from now on. */
    private void pointed(Assembler a, int next, int from, int temporary) {
        Assembler.Label last = a.label();
        a.li(temporary, none);
        a.beq(next, temporary, last);
        a.st64(next, POINTER, from);
        a.place(last);
    }

    /** LINK = where the word lies that points to PAGE. */
    void link(Assembler a) {
        a.ld64(LINK, PAGE, POINTER);
    }

    /** PAGE, to which LINK points, comes to the front of the queue at QUEUE. */
    void toFront(Assembler a) {
        Assembler.Label first = a.label();
        a.addi(SCRATCH, QUEUE, PAGES);
        a.beq(LINK, SCRATCH, first);
        a.ld64(OTHER, PAGE, NEXT);
        a.st64(LINK, 0, OTHER);
        pointed(a, OTHER, LINK, SEEN);
        a.ld64(OTHER, QUEUE, PAGES);
        a.st64(PAGE, NEXT, OTHER);
        a.addi(SEEN, PAGE, NEXT);
        a.st64(OTHER, POINTER, SEEN);
        a.st64(QUEUE, PAGES, PAGE);
        a.st64(PAGE, POINTER, SCRATCH);
        a.place(first);
    }

    /** The full page at LINK leaves the queue and has no owner; {@code walk} on, from it if it is full no longer. */
    void abandon(Assembler a, Assembler.Label walk) {
        a.ld64(OTHER, PAGE, NEXT);
        a.st64(LINK, 0, OTHER);
        pointed(a, OTHER, LINK, SEEN);
        a.st64(PAGE, MimallocV3Instance.OWNER, Reg.ZERO);
        a.li(OTHER, MimallocV3Instance.OWNED);
        a.cas64(SEEN, PAGE, MimallocV3Instance.THREAD_FREE, OTHER, Reg.ZERO);
        a.beq(SEEN, OTHER, walk);
        // freed into just now: it stays
        a.st64(PAGE, MimallocV3Instance.OWNER, HEAP);
        a.st64(LINK, 0, PAGE);
        a.ld64(OTHER, PAGE, NEXT);
        a.addi(SCRATCH, PAGE, NEXT);
        pointed(a, OTHER, SCRATCH, SEEN);
    }

    /** PAGE, which this thread owns and which is in no queue, goes behind the first of its size's queue at QUEUE. */
    void adopt(Assembler a) {
        Assembler.Label alone = a.label();
        Assembler.Label done = a.label();
        a.st64(PAGE, MimallocV3Instance.OWNER, HEAP);
        a.st64(PAGE, MimallocV3Instance.HOME, HEAP);
        a.ld64(OTHER, QUEUE, PAGES);
        a.li(SCRATCH, none);
        a.beq(OTHER, SCRATCH, alone);
        a.ld64(SCRATCH, OTHER, NEXT);
        a.st64(PAGE, NEXT, SCRATCH);
        a.addi(SEEN, PAGE, NEXT);
        a.st64(OTHER, NEXT, PAGE);
        a.addi(OTHER, OTHER, NEXT);
        a.st64(PAGE, POINTER, OTHER);
        pointed(a, SCRATCH, SEEN, OTHER);
        a.jmp(done);
        a.place(alone);
        a.st64(PAGE, NEXT, SCRATCH);
        a.st64(QUEUE, PAGES, PAGE);
        a.addi(OTHER, QUEUE, PAGES);
        a.st64(PAGE, POINTER, OTHER);
        a.place(done);
    }

    // ---- pages that are empty

    @Override
    public void unlessOnly(Assembler a, Assembler.Label others) {
        a.ld64(OTHER, PAGE, NEXT);
        a.li(SCRATCH, none);
        a.bne(OTHER, SCRATCH, others);
    }

    @Override
    public void remove(Assembler a) {
        a.ld64(OTHER, PAGE, NEXT);
        a.ld64(SCRATCH, PAGE, POINTER);
        a.st64(SCRATCH, 0, OTHER);
        Assembler.Label last = a.label();
        a.li(Reg.A0, none);
        a.beq(OTHER, Reg.A0, last);
        a.st64(OTHER, POINTER, SCRATCH);
        a.place(last);
    }

    /**
     * {@inheritDoc} It stays owned, so that who read of it in the map of abandoned pages cannot get it, and keeps its
     * number.
     */
    @Override
    public void give(Assembler a) {
        a.st64(PAGE, MimallocV3Instance.FREE, Reg.ZERO);
        a.st64(PAGE, MimallocV3Instance.LOCAL, Reg.ZERO);
        a.st64(PAGE, MimallocV3Instance.FRESH, Reg.ZERO);
        a.st64(PAGE, LINGERS, Reg.ZERO);
        slabs.give(a, locks, PAGE);
    }

    /** PAGE was abandoned, is this thread's and empty: nobody finds it any more, and it goes back. */
    void giveAbandoned(Assembler a) {
        abandoned.leave(a);
        give(a);
    }
}
