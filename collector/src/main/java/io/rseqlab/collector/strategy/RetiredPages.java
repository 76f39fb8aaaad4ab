package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;

/**
 * What becomes of pages of {@link MimallocInstance} none of whose blocks is used. A page whose last block its thread
 * frees goes back to the thread's pages, for any size, unless it is the only one in its size's queue: then it lingers
 * for so many times as the thread makes a page of any size, a quarter as often with larger blocks, and goes back if
 * nothing was allocated from it. What others freed last is found when the owner looks: every so many times that a page
 * runs empty it takes in what was freed into all pages in its queues, and gives back those that are empty.
 *
 * <p>Source: _mi_page_retire, _mi_heap_collect_retired in {@code page.c} and mi_heap_collect_ex in {@code heap.c} of
 * mimalloc 2. Left out: that a search gives back empty pages it comes by.
 */
final class RetiredPages {
    /** MI_SMALL_OBJ_SIZE_MAX: pages of larger blocks linger a quarter as long. */
    private static final int MOST_SMALL_BYTES = 1024;

    // ---- a page's words: the one before it in its queue, how much longer it lingers
    static final int PREVIOUS = OwnedSlabs.SECOND_FAR_WORD + 8;
    static final int LINGERS = OwnedSlabs.SECOND_FAR_WORD + 16;

    // ---- of a heap: the sizes between which pages linger; how often delayed blocks were looked at since all pages
    // were
    private static final int LOWEST = 144;
    private static final int HIGHEST = 152;
    private static final int LOOKS = 160;

    private static final int PAGE = MimallocInstance.PAGE;
    private static final int HEAP = MimallocInstance.HEAP;
    private static final int QUEUE = Reg.T0;
    private static final int SIZE = Reg.T1;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int LAST = Reg.T10;
    private static final int AFTER = Reg.T11;

    private final OwnedSlabs slabs;
    private final OrphanedPages abandoned;
    private final long none;
    private final int classes;
    private final boolean ring;
    private final int times;
    private final int looks;
    private SpinLock locks;
    private Assembler.Label retire;
    private Assembler.Label remove;

    /**
     * @param abandoned null where threads do not end
     * @param none address that stands for no page in a size's queue
     * @param ring queues are rings in which full pages stay
     * @param times how often a lingering page is looked at before it goes back; 0: pages never do
     * @param looks at delayed blocks before all pages are looked at
     */
    RetiredPages(
            OwnedSlabs slabs, OrphanedPages abandoned, long none, int classes, boolean ring, int times, int looks) {
        this.slabs = slabs;
        this.abandoned = abandoned;
        this.none = none;
        this.classes = classes;
        this.ring = ring;
        this.times = times;
        this.looks = looks;
    }

    /** True if empty pages go back. */
    boolean happens() {
        return times > 0;
    }

    /** Initial words of a heap. */
    void layOut(Layout layout, long heap) {
        layout.word(heap + LOWEST, classes);
        layout.word(heap + HIGHEST, -1);
    }

    /** Writes the subroutines. */
    void emit(Assembler a, SpinLock newLocks) {
        locks = newLocks;
        if (!happens()) {
            return;
        }
        remove = a.label();
        retire = a.label();
        a.place(remove);
        emitRemove(a);
        a.place(retire);
        emitRetire(a);
    }

    /** PAGE, in use no more, lingers or goes back. Changes A0 to A2, T0, T1, T4, T5, T12 and T13. */
    void retire(Assembler a) {
        a.call(retire, Reg.T13);
    }

    private void emitRetire(Assembler a) {
        Assembler.Label full = a.label();
        Assembler.Label others = a.label();
        Assembler.Label lingers = a.label();
        Assembler.Label highest = a.label();
        Assembler.Label done = a.label();
        a.ld64(OTHER, PAGE, MimallocInstance.NEXT);
        if (!ring) {
            a.li(SCRATCH, MimallocInstance.FULL);
            a.beq(OTHER, SCRATCH, full);
        }
        a.ld64(SIZE, PAGE, OwnedSlabs.CLASS);
        a.shli(QUEUE, SIZE, 3);
        a.add(QUEUE, QUEUE, HEAP);
        a.ld64(SCRATCH, QUEUE, MimallocInstance.PAGES);
        a.bne(SCRATCH, PAGE, others);
        if (ring) {
            a.bne(OTHER, PAGE, others);
        } else {
            a.bnez(OTHER, others);
        }
        slabs.row(a, SCRATCH, SIZE);
        a.ld64(SCRATCH, SCRATCH, OwnedSlabs.BYTES);
        a.li(OTHER, MOST_SMALL_BYTES);
        a.bge(OTHER, SCRATCH, lingers);
        a.li(SCRATCH, Math.max(1, times / 4));
        a.st64(PAGE, LINGERS, SCRATCH);
        a.jmp(done);
        a.place(lingers);
        a.li(SCRATCH, times);
        a.st64(PAGE, LINGERS, SCRATCH);
        a.place(done);
        linger(a, highest);
        a.place(highest);
        a.ret(Reg.T13);

        a.place(others);
        a.mov(Reg.A0, Reg.T13);
        a.call(remove, Reg.T13);
        a.mov(Reg.T13, Reg.A0);
        a.place(full);
        a.mov(Reg.T12, Reg.T13);
        giveBack(a);
        a.ret(Reg.T12);
    }

    /** SIZE is among those between which pages linger; goes to {@code done}, or falls through. */
    private static void linger(Assembler a, Assembler.Label done) {
        Assembler.Label higher = a.label();
        a.ld64(SCRATCH, HEAP, LOWEST);
        a.bge(SIZE, SCRATCH, higher);
        a.st64(HEAP, LOWEST, SIZE);
        a.place(higher);
        a.ld64(SCRATCH, HEAP, HIGHEST);
        a.bge(SCRATCH, SIZE, done);
        a.st64(HEAP, HIGHEST, SIZE);
    }

    /** Subroutine, link T13: PAGE leaves QUEUE. Changes T4 and T5. */
    private void emitRemove(Assembler a) {
        Assembler.Label others = a.label();
        Assembler.Label last = a.label();
        Assembler.Label done = a.label();
        a.ld64(OTHER, PAGE, MimallocInstance.NEXT);
        a.ld64(SCRATCH, PAGE, PREVIOUS);
        if (ring) {
            a.bne(OTHER, PAGE, others);
            a.li(OTHER, none);
            a.st64(QUEUE, MimallocInstance.PAGES, OTHER);
            a.ret(Reg.T13);
            a.place(others);
            a.st64(SCRATCH, MimallocInstance.NEXT, OTHER);
            a.st64(OTHER, PREVIOUS, SCRATCH);
            a.ld64(SCRATCH, QUEUE, MimallocInstance.PAGES);
            a.bne(SCRATCH, PAGE, done);
            a.st64(QUEUE, MimallocInstance.PAGES, OTHER);
        } else {
            a.beqz(OTHER, last);
            a.st64(OTHER, PREVIOUS, SCRATCH);
            a.place(last);
            a.beqz(SCRATCH, others);
            a.st64(SCRATCH, MimallocInstance.NEXT, OTHER);
            a.ret(Reg.T13);
            a.place(others);
            Assembler.Label some = a.label();
            a.bnez(OTHER, some);
            a.li(OTHER, none);
            a.place(some);
            a.st64(QUEUE, MimallocInstance.PAGES, OTHER);
        }
        a.place(done);
        a.ret(Reg.T13);
    }

    /** PAGE, in no queue, goes back, with its words as a new page's. Changes A0 to A2, T0, T4 and T5. */
    private void giveBack(Assembler a) {
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

    /** Before a page is made: pages that have lingered long enough go back. Keeps HEAP, T7 and T9. */
    void collectLingering(Assembler a) {
        Assembler.Label next = a.label();
        Assembler.Label used = a.label();
        Assembler.Label still = a.label();
        Assembler.Label skip = a.label();
        Assembler.Label done = a.label();
        a.ld64(SIZE, HEAP, LOWEST);
        a.ld64(LAST, HEAP, HIGHEST);
        a.blt(LAST, SIZE, done);
        a.li(SCRATCH, classes);
        a.st64(HEAP, LOWEST, SCRATCH);
        a.li(SCRATCH, -1);
        a.st64(HEAP, HIGHEST, SCRATCH);
        a.place(next);
        a.shli(QUEUE, SIZE, 3);
        a.add(QUEUE, QUEUE, HEAP);
        a.ld64(PAGE, QUEUE, MimallocInstance.PAGES);
        a.ld64(OTHER, PAGE, LINGERS);
        a.beqz(OTHER, skip);
        a.ld64(SCRATCH, PAGE, MimallocInstance.USED);
        a.bnez(SCRATCH, used);
        a.addi(OTHER, OTHER, -1);
        a.st64(PAGE, LINGERS, OTHER);
        a.bnez(OTHER, still);
        a.call(remove, Reg.T13);
        giveBack(a);
        a.jmp(skip);
        a.place(used);
        a.st64(PAGE, LINGERS, Reg.ZERO);
        a.jmp(skip);
        a.place(still);
        linger(a, skip);
        a.place(skip);
        a.addi(SIZE, SIZE, 1);
        a.bge(LAST, SIZE, next);
        a.place(done);
    }

    /** Delayed blocks have been looked at; after some times all pages are. Keeps HEAP, T7 and T9. */
    void collectAll(Assembler a) {
        Assembler.Label done = a.label();
        Assembler.Label page = a.label();
        Assembler.Label used = a.label();
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
        Assembler.Label empty = a.label();
        a.li(SCRATCH, none);
        a.beq(PAGE, SCRATCH, empty);
        a.place(page);
        a.ld64(AFTER, PAGE, MimallocInstance.NEXT);
        takeIn(a);
        a.ld64(SCRATCH, PAGE, MimallocInstance.USED);
        a.bnez(SCRATCH, used);
        a.call(remove, Reg.T13);
        giveBack(a);
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

    // ---- audit

    /** Holds a page's count of used blocks against what is free in it, and expects none in use to linger. */
    void audit(Audit audit, long page, long free, Place place) {
        long used = audit.word(page + MimallocInstance.USED);
        long cut = audit.word(page + MimallocInstance.FRESH);
        audit.expect(
                used + free == cut,
                place + ": of the " + cut + " blocks of page 0x" + Long.toHexString(page) + " " + free
                        + " are free, and " + used + " are counted as used");
        audit.expect(
                !happens() || used > 0 || audit.word(page + LINGERS) > 0 || place.holder() == Place.Holder.POOL,
                place + ": page 0x" + Long.toHexString(page) + " is empty and stays");
    }
}
