package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.NodeLayout;

/** How the owner of a page of {@link MimallocV3Instance} takes in what others have freed into it. */
final class ThreadFree {
    private static final int PAGE = MimallocV3Instance.PAGE;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;

    private ThreadFree() {}

    /**
     * A0 = what others have freed into the page, taken whole and counted; SEEN its last; to {@code nothing} if none.
     */
    static void collect(Assembler a, Assembler.Label nothing) {
        Assembler.Label again = a.label();
        a.ld64(SEEN, PAGE, MimallocV3Instance.THREAD_FREE);
        a.place(again);
        a.andi(Reg.A0, SEEN, -1 - MimallocV3Instance.OWNED);
        a.beqz(Reg.A0, nothing);
        a.mov(OTHER, SEEN);
        a.li(SCRATCH, MimallocV3Instance.OWNED);
        a.cas64(SEEN, PAGE, MimallocV3Instance.THREAD_FREE, OTHER, SCRATCH);
        a.bne(SEEN, OTHER, again);
        a.ld64(SCRATCH, PAGE, MimallocV3Instance.USED);
        a.mov(OTHER, Reg.A0);
        Assembler.Label count = a.here();
        a.addi(SCRATCH, SCRATCH, -1);
        a.mov(SEEN, OTHER);
        a.ld64(OTHER, OTHER, NodeLayout.NEXT);
        a.bnez(OTHER, count);
        a.st64(PAGE, MimallocV3Instance.USED, SCRATCH);
    }

    /** The chain from A0 to SEEN goes before the page's free list. */
    static void toFree(Assembler a) {
        a.ld64(OTHER, PAGE, MimallocV3Instance.FREE);
        a.st64(SEEN, NodeLayout.NEXT, OTHER);
        a.st64(PAGE, MimallocV3Instance.FREE, Reg.A0);
    }
}
