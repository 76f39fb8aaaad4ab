package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.PrivateList;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/** A thread's own lists, without any synchronisation, in the thread's area. */
final class PlainLists extends LocalLists {
    private static final int NUMBER = Reg.T0;

    private final PrivateList list;

    PlainLists(PrivateList list) {
        super(null, ListIndex.THREAD);
        this.list = list;
    }

    @Override
    void pop(Assembler a, String name, boolean padded, Assembler.Label empty) {
        if (padded) {
            list.pop(a, empty);
        } else {
            list.popAgain(a, empty);
        }
    }

    @Override
    void push(Assembler a, Push how) {
        if (how.owner() >= 0) {
            a.ld64(NUMBER, Reg.TLS, ThreadAreas.ID);
            a.bne(how.owner(), NUMBER, how.foreign());
        }
        list.pushCapped(a, how.cap(), how.padded(), how.full());
        if (how.own()) {
            PrivateList.own(a, Reg.A0);
        }
    }
}
