package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * A lock that nobody sleeps for. The word is 0 free, 1 taken. Lock is a compare-and-swap 0 to 1; where that fails the
 * word is read, with a PAUSE before each read, until it is 0, and the swap is tried again. Unlock is a plain store. A
 * holder that is preempted is waited for as long as it takes. Address in A1, which is kept, as is A0; lock changes A2,
 * T12 and T13. A lock found taken is tier 2.
 *
 * <p>Source: glibc {@code nptl/pthread_spin_lock.c}, {@code pthread_spin_unlock.c}; test-and-test-and-set of Rudolph
 * and Segall (1984).
 */
public final class BusyLock extends SwappedLock {
    private final Assembler.Label contended;

    /** Writes the subroutine for taken locks here. */
    public BusyLock(Assembler a, Cold cold) {
        super(cold);
        contended = a.here();
        a.mark(Mark.COUNT, Mark.COUNT_CONTENDED_LOCKS, ONE);
        a.mark(Mark.TIER, 2);
        Assembler.Label spin = a.here();
        a.pause();
        a.ld64(WORD, Reg.A1, 0);
        a.bnez(WORD, spin);
        a.cas64(WORD, Reg.A1, 0, Reg.ZERO, ONE);
        a.bnez(WORD, spin);
        a.ret(Reg.T13);
    }

    @Override
    Assembler.Label contended() {
        return contended;
    }

    /** {@inheritDoc} One micro-operation. */
    @Override
    public void unlock(Assembler a) {
        a.st64(Reg.A1, 0, Reg.ZERO);
    }
}
