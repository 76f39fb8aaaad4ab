package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * A size's pages in mimalloc without its delayed list: all stay in the queue, whether they are full or not, and who
 * finds the current one without blocks goes round. So nobody has to be told of foreign frees into full pages, and with
 * many full pages every search is long: the reason for the delayed list.
 *
 * <p>Source: Leijen et al., "Mimalloc: Free List Sharding in Action" (APLAS 2019), section 2.6, on what its full list
 * avoids.
 */
final class PageRing {
    private static final int PAGE = MimallocInstance.PAGE;
    private static final int QUEUE = MimallocInstance.QUEUE;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    /** Where the search began; who adopts a page begins a new one. */
    private static final int BEGIN = MimallocInstance.BLOCK;

    private final long none;

    /** @param none address that stands for no page in a size's queue */
    PageRing(long none) {
        this.none = none;
    }

    /** PAGE goes behind the current one and becomes that. */
    void enter(Assembler a) {
        Assembler.Label alone = a.label();
        Assembler.Label current = a.label();
        a.ld64(OTHER, QUEUE, MimallocInstance.PAGES);
        a.li(SCRATCH, none);
        a.beq(OTHER, SCRATCH, alone);
        a.ld64(SCRATCH, OTHER, MimallocInstance.NEXT);
        a.st64(PAGE, MimallocInstance.NEXT, SCRATCH);
        a.st64(OTHER, MimallocInstance.NEXT, PAGE);
        a.st64(PAGE, PageQueue.PREVIOUS, OTHER);
        a.st64(SCRATCH, PageQueue.PREVIOUS, PAGE);
        a.jmp(current);
        a.place(alone);
        a.st64(PAGE, MimallocInstance.NEXT, PAGE);
        a.st64(PAGE, PageQueue.PREVIOUS, PAGE);
        a.place(current);
        a.st64(QUEUE, MimallocInstance.PAGES, PAGE);
    }

    /** A search begins with PAGE. */
    void begin(Assembler a) {
        a.mov(BEGIN, PAGE);
    }

    /** PAGE is full: on with the next at {@code look}, or behind this if there is none. */
    void next(Assembler a, Assembler.Label look) {
        a.ld64(PAGE, PAGE, MimallocInstance.NEXT);
        a.bne(PAGE, BEGIN, look);
    }

    /** PAGE has blocks. */
    void found(Assembler a) {
        a.st64(QUEUE, MimallocInstance.PAGES, PAGE);
    }
}
