package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;

/** What a mimalloc heap is told of its full pages: blocks that others have freed into them, on its delayed list. */
final class DelayedFrees {
    private static final int ENTRY = Reg.T0;
    private static final int OWNER = Reg.T1;
    private static final int PAGE = MimallocInstance.PAGE;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int HEAP = MimallocInstance.HEAP;
    private static final int BLOCK = MimallocInstance.BLOCK;

    private final OwnedSlabs slabs;
    private final long none;
    private final OrphanedPages abandoned;
    private final RetiredPages retired;
    private Assembler.Label unfull;

    /**
     * @param none address that stands for no page in a size's queue
     * @param abandoned null where threads do not end
     */
    DelayedFrees(OwnedSlabs slabs, long none, OrphanedPages abandoned, RetiredPages retired) {
        this.slabs = slabs;
        this.none = none;
        this.abandoned = abandoned;
        this.retired = retired;
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
        Assembler.Label empty = a.label();
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
        pushLocal(a, retired.happens() ? empty : null);
        a.beqz(SCRATCH, here);
        a.call(unfull, Reg.T13);
        a.place(here);
        a.bnez(BLOCK, next);
        if (retired.happens()) {
            a.jmp(nothing);
            a.place(empty);
            retired.retire(a);
            a.jmp(here);
        }
        if (abandoned != null) {
            a.jmp(nothing);
            a.place(foreign);
            abandoned.giveBack(a);
            a.jmp(here);
        }
        a.place(nothing);
    }

    /**
     * The block in A0 goes to the page's local list; SCRATCH is not 0 if the page is full.
     *
     * @param empty where to go if no block of the page is used any more, null if that does not matter
     */
    static void pushLocal(Assembler a, Assembler.Label empty) {
        a.ld64(OTHER, PAGE, MimallocInstance.LOCAL);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.st64(PAGE, MimallocInstance.LOCAL, Reg.A0);
        a.ld64(OTHER, PAGE, MimallocInstance.USED);
        a.addi(OTHER, OTHER, -1);
        a.st64(PAGE, MimallocInstance.USED, OTHER);
        if (empty != null) {
            a.beqz(OTHER, empty);
        }
        a.ld64(SCRATCH, PAGE, MimallocInstance.NEXT);
        a.andi(SCRATCH, SCRATCH, MimallocInstance.FULL);
    }

    /**
     * The block in A0, of PAGE, which OWNER has, is swapped onto the page's list, or the owner's of delayed blocks.
     *
     * @param tells full pages may want their owner to be told
     */
    void freeForeign(Assembler a, Cold cold, boolean tells) {
        Assembler.Label again = a.label();
        Assembler.Label failed = a.label();
        Assembler.Label tell = a.label();
        Assembler.Label taken = a.label();
        a.ld64(OTHER, PAGE, MimallocInstance.THREAD_FREE);
        a.place(again);
        if (tells) {
            a.andi(SCRATCH, OTHER, MimallocInstance.WANTED);
            a.bnez(SCRATCH, tell);
        }
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, Reg.A0);
        a.bne(SEEN, OTHER, failed);
        Common.end(a, Mark.FREE);

        // the first one to find the page full tells its owner
        a.place(tell);
        a.addi(SCRATCH, OTHER, -MimallocInstance.WANTED);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, SCRATCH);
        a.bne(SEEN, OTHER, failed);
        a.ld64(OTHER, OWNER, MimallocInstance.DELAYED);
        Assembler.Label push = a.here();
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.cas64(SEEN, OWNER, MimallocInstance.DELAYED, OTHER, Reg.A0);
        a.bne(SEEN, OTHER, taken);
        Common.end(a, Mark.FREE);
        cold.later(() -> {
            a.place(failed);
            a.mark(Mark.TIER, 2);
            a.mov(OTHER, SEEN);
            a.jmp(again);
            a.place(taken);
            a.mark(Mark.TIER, 2);
            a.mov(OTHER, SEEN);
            a.jmp(push);
        });
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
        a.st64(PAGE, PageQueue.PREVIOUS, OTHER);
        a.beqz(SCRATCH, queued);
        a.st64(SCRATCH, PageQueue.PREVIOUS, PAGE);
        a.jmp(queued);
        a.place(alone);
        a.st64(PAGE, MimallocInstance.NEXT, Reg.ZERO);
        a.st64(PAGE, PageQueue.PREVIOUS, Reg.ZERO);
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
