package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * One queue per owner, of blocks linked through their next words, with many producers and one consumer. A producer
 * exchanges the back pointer for the last block of its chain, then links what was there before to the first: one locked
 * operation per chain, no loop. One block, the stub, always stays inside. A chain whose link is not yet written is not
 * yet there for the consumer. Back and front lie on 128-byte lines of their own.
 *
 * <p>Source: snmalloc as published (Lietar et al., ISMM 2019, section 2.5), after D. Vyukov's intrusive queue.
 */
public final class MessageQueue {
    private static final int BACK = 0;
    private static final int FRONT = 2 * Layout.LINE;
    private static final int SHIFT = 8;

    private final long base;

    public MessageQueue(Layout layout, int owners) {
        base = layout.reserve((long) owners << SHIFT, 1 << SHIFT);
    }

    /** Address of the word that holds the stub, behind which the queued blocks are linked; 0 before there is one. */
    public long front(int owner) {
        return base + ((long) owner << SHIFT) + FRONT;
    }

    /** queue = address of the queue whose owner's number is in a register: three micro-operations. */
    public void address(Assembler a, int queue, int owner, int temporary) {
        a.shli(queue, owner, SHIFT);
        a.li(temporary, base);
        a.add(queue, queue, temporary);
    }

    /** Gives an empty queue its stub. */
    public void open(Assembler a, int queue, int stub) {
        a.st64(stub, NodeLayout.NEXT, Reg.ZERO);
        a.st64(queue, FRONT, stub);
        a.st64(queue, BACK, stub);
    }

    /** Appends a chain whose last next word is 0: exchange and store. */
    public void post(Assembler a, int queue, int first, int last, int temporary) {
        a.xchg(temporary, queue, BACK, last);
        a.st64(temporary, NodeLayout.NEXT, first);
    }

    /** Loads the stub. */
    public void loadFront(Assembler a, int queue, int stub) {
        a.ld64(stub, queue, FRONT);
    }

    /** Stores which block is the stub from now on. */
    public void storeFront(Assembler a, int queue, int stub) {
        a.st64(queue, FRONT, stub);
    }
}
