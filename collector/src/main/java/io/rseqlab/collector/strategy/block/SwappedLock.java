package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/** A lock whose word is 0 when free, and that a compare-and-swap to 1 takes. Changes A2 and T12, where taken T13. */
abstract class SwappedLock implements WordLock {
    static final int WORD = Reg.T12;
    static final int ONE = Reg.A2;

    final Cold cold;

    SwappedLock(Cold cold) {
        this.cold = cold;
    }

    /** The subroutine, called by T13, that takes the lock at A1 from whoever has it; ONE is 1. */
    abstract Assembler.Label contended();

    /** {@inheritDoc} Three micro-operations if it is free. */
    @Override
    public final void lock(Assembler a) {
        Assembler.Label busy = a.label();
        Assembler.Label locked = a.label();
        a.li(ONE, 1);
        a.cas64(WORD, Reg.A1, 0, Reg.ZERO, ONE);
        a.bnez(WORD, busy);
        a.place(locked);
        cold.later(() -> {
            a.place(busy);
            a.call(contended(), Reg.T13);
            a.jmp(locked);
        });
    }
}
