package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;

/**
 * How empty pages leave the queues of {@link MimallocInstance}, which are lists, or rings in which full pages stay.
 * What others have emptied is found when the owner looks: every so many times that a page runs empty it takes in what
 * was freed into all pages in its queues, and gives back those that are empty.
 *
 * <p>Source: mi_page_queue_remove in {@code page-queue.c}, mi_heap_collect_ex in {@code heap.c} of mimalloc 2.
 */
final class PageQueue implements RetiredPages.Queues {
    // ---- a page's words: the one before it in its queue, how much longer it lingers
    static final int PREVIOUS = OwnedSlabs.SECOND_FAR_WORD + 8;
    private static final int LINGERS = OwnedSlabs.SECOND_FAR_WORD + 16;

    // ---- of a heap: the sizes between which pages linger; how often delayed blocks were looked at since all pages
    // were
    private static final int LOWEST = 144;
    private static final int HIGHEST = 152;
    private static final int LOOKS = 160;

    /** The words of mimalloc 2. */
    static final RetiredPages.Words WORDS =
            new RetiredPages.Words(MimallocInstance.USED, LINGERS, MimallocInstance.PAGES, LOWEST, HIGHEST);

    private static final int PAGE = RetiredPages.PAGE;
    private static final int HEAP = RetiredPages.HEAP;
    private static final int QUEUE = RetiredPages.QUEUE;
    private static final int SIZE = Reg.T1;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int AFTER = Reg.T11;

    private final OwnedSlabs slabs;
    private final OrphanedPages abandoned;
    private final long none;
    private final int classes;
    private final boolean ring;
    private SpinLock locks;

    /**
     * @param abandoned null where threads do not end
     * @param none address that stands for no page in a size's queue
     * @param ring queues are rings in which full pages stay
     */
    PageQueue(OwnedSlabs slabs, OrphanedPages abandoned, long none, int classes, boolean ring) {
        this.slabs = slabs;
        this.abandoned = abandoned;
        this.none = none;
        this.classes = classes;
        this.ring = ring;
    }

    void locks(SpinLock newLocks) {
        locks = newLocks;
    }

    @Override
    public void unlessOnly(Assembler a, Assembler.Label others) {
        a.ld64(OTHER, PAGE, MimallocInstance.NEXT);
        if (ring) {
            a.bne(OTHER, PAGE, others);
        } else {
            a.bnez(OTHER, others);
        }
    }

    @Override
    public void remove(Assembler a) {
        Assembler.Label last = a.label();
        Assembler.Label some = a.label();
        Assembler.Label first = a.label();
        Assembler.Label others = a.label();
        Assembler.Label done = a.label();
        a.ld64(OTHER, PAGE, MimallocInstance.NEXT);
        if (!ring) {
            a.li(SCRATCH, MimallocInstance.FULL);
            a.beq(OTHER, SCRATCH, done);
        }
        a.ld64(SCRATCH, PAGE, PREVIOUS);
        if (ring) {
            a.bne(OTHER, PAGE, others);
            a.li(OTHER, none);
            a.jmp(first);
            a.place(others);
            a.st64(SCRATCH, MimallocInstance.NEXT, OTHER);
            a.st64(OTHER, PREVIOUS, SCRATCH);
            a.ld64(SCRATCH, QUEUE, MimallocInstance.PAGES);
            a.bne(SCRATCH, PAGE, done);
        } else {
            a.beqz(OTHER, last);
            a.st64(OTHER, PREVIOUS, SCRATCH);
            a.bnez(SCRATCH, some);
            a.jmp(first);
            a.place(last);
            a.bnez(SCRATCH, some);
            a.li(OTHER, none);
            a.jmp(first);
            a.place(some);
            a.st64(SCRATCH, MimallocInstance.NEXT, OTHER);
            a.jmp(done);
        }
        a.place(first);
        a.st64(QUEUE, MimallocInstance.PAGES, OTHER);
        a.place(done);
    }

    @Override
    public void give(Assembler a) {
        if (abandoned != null) {
            abandoned.leave(a);
        }
        clearAndGive(a);
    }

    /** The same of a page that is in no list of its heap's. */
    void clearAndGive(Assembler a) {
        a.st64(PAGE, MimallocInstance.FREE, Reg.ZERO);
        a.st64(PAGE, MimallocInstance.LOCAL, Reg.ZERO);
        a.st64(PAGE, MimallocInstance.THREAD_FREE, Reg.ZERO);
        a.st64(PAGE, MimallocInstance.NEXT, Reg.ZERO);
        a.st64(PAGE, MimallocInstance.FRESH, Reg.ZERO);
        a.st64(PAGE, PREVIOUS, Reg.ZERO);
        a.st64(PAGE, LINGERS, Reg.ZERO);
        slabs.give(a, locks, PAGE);
    }

    /**
     * Delayed blocks have been looked at; after so many times all pages are. Keeps HEAP, T7 and T9.
     *
     * @param looks how many times
     */
    void collectAll(Assembler a, int looks) {
        Assembler.Label done = a.label();
        Assembler.Label page = a.label();
        Assembler.Label used = a.label();
        Assembler.Label empty = a.label();
        a.ld64(SCRATCH, HEAP, LOOKS);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(HEAP, LOOKS, SCRATCH);
        a.li(OTHER, looks);
        a.blt(SCRATCH, OTHER, done);
        a.st64(HEAP, LOOKS, Reg.ZERO);
        a.li(SIZE, 0);
        Assembler.Label next = a.here();
        a.shli(QUEUE, SIZE, 3);
        a.add(QUEUE, QUEUE, HEAP);
        a.ld64(PAGE, QUEUE, MimallocInstance.PAGES);
        a.li(SCRATCH, none);
        a.beq(PAGE, SCRATCH, empty);
        a.place(page);
        a.ld64(AFTER, PAGE, MimallocInstance.NEXT);
        takeIn(a);
        a.ld64(SCRATCH, PAGE, MimallocInstance.USED);
        a.bnez(SCRATCH, used);
        remove(a);
        give(a);
        a.shli(QUEUE, SIZE, 3);
        a.add(QUEUE, QUEUE, HEAP);
        a.place(used);
        a.mov(PAGE, AFTER);
        a.bnez(PAGE, page);
        a.place(empty);
        a.addi(SIZE, SIZE, 1);
        a.li(SCRATCH, classes);
        a.blt(SIZE, SCRATCH, next);
        a.place(done);
    }

    /** What others have freed into PAGE goes to its local list. */
    private static void takeIn(Assembler a) {
        Assembler.Label nothing = a.label();
        int last = Reg.A1;
        a.ld64(SEEN, PAGE, MimallocInstance.THREAD_FREE);
        Assembler.Label again = a.here();
        a.beqz(SEEN, nothing);
        a.mov(OTHER, SEEN);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, Reg.ZERO);
        a.bne(SEEN, OTHER, again);
        a.ld64(SCRATCH, PAGE, MimallocInstance.USED);
        Assembler.Label walk = a.here();
        a.addi(SCRATCH, SCRATCH, -1);
        a.mov(last, OTHER);
        a.ld64(OTHER, OTHER, NodeLayout.NEXT);
        a.bnez(OTHER, walk);
        a.st64(PAGE, MimallocInstance.USED, SCRATCH);
        a.ld64(OTHER, PAGE, MimallocInstance.LOCAL);
        a.st64(last, NodeLayout.NEXT, OTHER);
        a.st64(PAGE, MimallocInstance.LOCAL, SEEN);
        a.place(nothing);
    }
}
