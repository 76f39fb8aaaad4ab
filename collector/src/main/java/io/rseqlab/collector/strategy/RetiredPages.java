package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.OwnedSlabs;

/**
 * What becomes of pages of {@link MimallocInstance} and {@link MimallocV3Instance} none of whose blocks is used. A page
 * whose last block its thread frees goes back, for any size, unless it is the only one in its size's queue: then it
 * lingers for so many times as the thread makes a page of any size, a quarter as often with larger blocks, and goes
 * back if nothing was allocated from it.
 *
 * <p>Source: _mi_page_retire and _mi_heap_collect_retired in {@code page.c} of mimalloc 2 and 3. Left out: that a
 * search gives back empty pages it comes by.
 */
final class RetiredPages {
    /** MI_SMALL_OBJ_SIZE_MAX: pages of larger blocks linger a quarter as long. */
    private static final int MOST_SMALL_BYTES = 1024;

    static final int PAGE = Reg.T2;
    static final int HEAP = Reg.T6;
    /** Address from which the queue of a size lies where queues do. */
    static final int QUEUE = Reg.T0;

    private static final int SIZE = Reg.T1;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int LAST = Reg.T10;
    private static final int LINK = Reg.T3;

    private final OwnedSlabs slabs;
    private final Words words;
    private final Queues queues;
    private final int classes;
    private final int times;
    private Assembler.Label retire;

    /**
     * Where the words lie that matter here.
     *
     * @param used in a page: blocks in use
     * @param lingers in a page: how much longer it lingers, 0 of those that do not
     * @param pages in a heap: the first page of each size
     * @param lowest in a heap: the lowest size with pages that linger
     * @param highest in a heap: the highest
     */
    record Words(int used, int lingers, int pages, int lowest, int highest) {}

    /** What a version does with queues; all change T4 and T5. */
    interface Queues {
        /** Goes to a label if PAGE is not the only one in QUEUE; its first one is in T4. */
        void unlessOnly(Assembler a, Assembler.Label others);

        /** PAGE leaves QUEUE. */
        void remove(Assembler a);

        /** PAGE, in no queue, goes back, with its words as a new page's. Changes A0 to A2, T0, and T12 and T13. */
        void give(Assembler a);
    }

    /** @param times how often a lingering page is looked at before it goes back; 0: pages never do */
    RetiredPages(OwnedSlabs slabs, Words words, Queues queues, int classes, int times) {
        this.slabs = slabs;
        this.words = words;
        this.queues = queues;
        this.classes = classes;
        this.times = times;
    }

    /** True if empty pages go back. */
    boolean happens() {
        return times > 0;
    }

    /** Initial words of a heap. */
    void layOut(Layout layout, long heap) {
        layout.word(heap + words.lowest(), classes);
        layout.word(heap + words.highest(), -1);
    }

    /** Writes the subroutine. */
    void emit(Assembler a) {
        retire = a.here();
        if (happens()) {
            emitRetire(a);
        }
    }

    /** PAGE, in use no more, lingers or goes back. Changes A0 to A2, T0, T1, T3 to T5, T12 and T13. */
    void retire(Assembler a) {
        a.call(retire, LINK);
    }

    private void emitRetire(Assembler a) {
        Assembler.Label others = a.label();
        Assembler.Label small = a.label();
        Assembler.Label set = a.label();
        Assembler.Label done = a.label();
        a.ld64(SIZE, PAGE, OwnedSlabs.CLASS);
        queue(a);
        a.ld64(SCRATCH, QUEUE, words.pages());
        a.bne(SCRATCH, PAGE, others);
        queues.unlessOnly(a, others);
        slabs.row(a, SCRATCH, SIZE);
        a.ld64(SCRATCH, SCRATCH, OwnedSlabs.BYTES);
        a.li(OTHER, MOST_SMALL_BYTES);
        a.bge(OTHER, SCRATCH, small);
        a.li(SCRATCH, Math.max(1, times / 4));
        a.jmp(set);
        a.place(small);
        a.li(SCRATCH, times);
        a.place(set);
        a.st64(PAGE, words.lingers(), SCRATCH);
        linger(a, done);
        a.place(done);
        a.ret(LINK);
        a.place(others);
        queues.remove(a);
        queues.give(a);
        a.ret(LINK);
    }

    private static void queue(Assembler a) {
        a.shli(QUEUE, SIZE, 3);
        a.add(QUEUE, QUEUE, HEAP);
    }

    /** SIZE is among those between which pages linger; goes to {@code done}, or falls through. */
    private void linger(Assembler a, Assembler.Label done) {
        Assembler.Label higher = a.label();
        a.ld64(SCRATCH, HEAP, words.lowest());
        a.bge(SIZE, SCRATCH, higher);
        a.st64(HEAP, words.lowest(), SIZE);
        a.place(higher);
        a.ld64(SCRATCH, HEAP, words.highest());
        a.bge(SCRATCH, SIZE, done);
        a.st64(HEAP, words.highest(), SIZE);
    }

    /** malloc has found blocks in PAGE, which lingers no more. */
    void used(Assembler a) {
        if (happens()) {
            a.st64(PAGE, words.lingers(), Reg.ZERO);
        }
    }

    /** Before a page is made: pages that have lingered long enough go back. Keeps HEAP, T7 and T9. */
    void collect(Assembler a) {
        if (!happens()) {
            return;
        }
        Assembler.Label next = a.label();
        Assembler.Label inUse = a.label();
        Assembler.Label still = a.label();
        Assembler.Label skip = a.label();
        Assembler.Label done = a.label();
        a.ld64(SIZE, HEAP, words.lowest());
        a.ld64(LAST, HEAP, words.highest());
        a.blt(LAST, SIZE, done);
        a.li(SCRATCH, classes);
        a.st64(HEAP, words.lowest(), SCRATCH);
        a.li(SCRATCH, -1);
        a.st64(HEAP, words.highest(), SCRATCH);
        a.place(next);
        queue(a);
        a.ld64(PAGE, QUEUE, words.pages());
        a.ld64(OTHER, PAGE, words.lingers());
        a.beqz(OTHER, skip);
        a.ld64(SCRATCH, PAGE, words.used());
        a.bnez(SCRATCH, inUse);
        a.addi(OTHER, OTHER, -1);
        a.st64(PAGE, words.lingers(), OTHER);
        a.bnez(OTHER, still);
        queues.remove(a);
        queues.give(a);
        a.jmp(skip);
        a.place(inUse);
        a.st64(PAGE, words.lingers(), Reg.ZERO);
        a.jmp(skip);
        a.place(still);
        linger(a, skip);
        a.place(skip);
        a.addi(SIZE, SIZE, 1);
        a.bge(LAST, SIZE, next);
        a.place(done);
    }

    // ---- audit

    /** Holds a page's count of used blocks against what is free in it, and expects an empty one to linger. */
    void audit(Audit audit, long page, long cut, long free, Place place) {
        long used = audit.word(page + words.used());
        audit.expect(
                used + free == cut,
                place + ": of the " + cut + " blocks of page 0x" + Long.toHexString(page) + " " + free
                        + " are free, and " + used + " are counted as used");
        audit.expect(
                !happens() || used > 0 || audit.word(page + words.lingers()) > 0,
                place + ": page 0x" + Long.toHexString(page) + " is empty and stays");
    }
}
