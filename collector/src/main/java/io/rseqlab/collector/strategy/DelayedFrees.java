package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;

/** What a mimalloc heap is told of its full pages: blocks that others have freed into them, on its delayed list. */
final class DelayedFrees {
    private static final int ENTRY = Reg.T0;
    private static final int PAGE = MimallocInstance.PAGE;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int HEAP = MimallocInstance.HEAP;
    private static final int BLOCK = MimallocInstance.BLOCK;

    private final OwnedSlabs slabs;
    private final long none;
    private final OrphanedPages abandoned;
    private Assembler.Label unfull;

    /**
     * @param none address that stands for no page in a size's queue
     * @param abandoned null where threads do not end
     */
    DelayedFrees(OwnedSlabs slabs, long none, OrphanedPages abandoned) {
        this.slabs = slabs;
        this.none = none;
        this.abandoned = abandoned;
    }

    /** Writes the subroutine. */
    void emit(Assembler a) {
        unfull = a.label();
        emitUnfull(a);
    }

    /** PAGE, full so far, goes behind the current one of its size and wants no word. */
    void callUnfull(Assembler a) {
        a.call(unfull, Reg.T13);
    }

    /** Blocks that others freed into full pages go to their pages' local lists, and the pages into their queues. */
    void take(Assembler a) {
        Assembler.Label nothing = a.label();
        Assembler.Label here = a.label();
        Assembler.Label foreign = a.label();
        a.st64(HEAP, MimallocInstance.CALLS, Reg.ZERO);
        a.xchg(BLOCK, HEAP, MimallocInstance.DELAYED, Reg.ZERO);
        a.beqz(BLOCK, nothing);
        Assembler.Label next = a.here();
        a.mov(Reg.A0, BLOCK);
        a.ld64(BLOCK, Reg.A0, NodeLayout.NEXT);
        slabs.entry(a, ENTRY, Reg.A0);
        if (abandoned != null) {
            abandoned.testOwner(a, foreign);
        }
        slabs.metadata(a, PAGE, ENTRY);
        pushLocal(a);
        a.beqz(SCRATCH, here);
        a.call(unfull, Reg.T13);
        a.place(here);
        a.bnez(BLOCK, next);
        if (abandoned != null) {
            a.jmp(nothing);
            a.place(foreign);
            abandoned.giveBack(a);
            a.jmp(here);
        }
        a.place(nothing);
    }

    /** The block in A0 goes to the page's local list; SCRATCH is not 0 if the page is full. */
    static void pushLocal(Assembler a) {
        a.ld64(OTHER, PAGE, MimallocInstance.LOCAL);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.st64(PAGE, MimallocInstance.LOCAL, Reg.A0);
        a.ld64(OTHER, PAGE, MimallocInstance.USED);
        a.addi(OTHER, OTHER, -1);
        a.st64(PAGE, MimallocInstance.USED, OTHER);
        a.ld64(SCRATCH, PAGE, MimallocInstance.NEXT);
        a.andi(SCRATCH, SCRATCH, MimallocInstance.FULL);
    }

    /** Subroutine, link T13: PAGE, full so far, goes behind the current one of its size and wants no word. */
    private void emitUnfull(Assembler a) {
        Assembler.Label alone = a.label();
        Assembler.Label queued = a.label();
        Assembler.Label done = a.label();
        int queue = Reg.T0;
        a.place(unfull);
        a.ld64(queue, PAGE, OwnedSlabs.CLASS);
        a.shli(queue, queue, 3);
        a.add(queue, queue, HEAP);
        a.ld64(OTHER, queue, MimallocInstance.PAGES);
        a.li(SCRATCH, none);
        a.beq(OTHER, SCRATCH, alone);
        a.ld64(SCRATCH, OTHER, MimallocInstance.NEXT);
        a.st64(PAGE, MimallocInstance.NEXT, SCRATCH);
        a.st64(OTHER, MimallocInstance.NEXT, PAGE);
        a.jmp(queued);
        a.place(alone);
        a.st64(PAGE, MimallocInstance.NEXT, Reg.ZERO);
        a.st64(queue, MimallocInstance.PAGES, PAGE);
        a.place(queued);
        a.ld64(OTHER, PAGE, MimallocInstance.THREAD_FREE);
        Assembler.Label again = a.here();
        a.andi(SCRATCH, OTHER, MimallocInstance.WANTED);
        a.beqz(SCRATCH, done);
        a.addi(SCRATCH, OTHER, -MimallocInstance.WANTED);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, SCRATCH);
        a.beq(SEEN, OTHER, done);
        a.mov(OTHER, SEEN);
        a.jmp(again);
        a.place(done);
        a.ret(Reg.T13);
    }
}
