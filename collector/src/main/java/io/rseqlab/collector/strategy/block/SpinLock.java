package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * A lock that is spun for: an exchange, or else PAUSE until the word is free, with a yield every 64 rounds; unlock is a
 * plain store. Address in A1, which is kept, as is A0; changes A2, T12 and T13. A lock found taken is tier 2.
 *
 * <p>Source: test-and-test-and-set of Rudolph and Segall (1984); the locks of gperftools, TCMalloc and SuperMalloc have
 * this fast path, and sleep where this one yields.
 */
public final class SpinLock {
    private static final int ROUNDS_PER_YIELD = 64;
    private static final int WORD = Reg.T12;
    private static final int ROUND = Reg.A2;

    private final Assembler.Label contended;
    private final Cold cold;

    /** Writes the subroutine for taken locks here. */
    public SpinLock(Assembler a, Cold cold) {
        this.cold = cold;
        Assembler.Label free = a.label();
        contended = a.here();
        a.li(WORD, 1);
        a.mark(Mark.COUNT, Mark.COUNT_CONTENDED_LOCKS, WORD);
        a.mark(Mark.TIER, 2);
        Assembler.Label again = a.here();
        a.li(ROUND, ROUNDS_PER_YIELD);
        Assembler.Label spin = a.here();
        a.pause();
        a.ld64(WORD, Reg.A1, 0);
        a.beqz(WORD, free);
        a.djnz(ROUND, spin);
        a.mov(ROUND, Reg.A0);
        a.syscall(HostCall.SYS_SCHED_YIELD);
        a.mov(Reg.A0, ROUND);
        a.jmp(again);
        a.place(free);
        a.li(WORD, 1);
        a.xchg(WORD, Reg.A1, 0, WORD);
        a.bnez(WORD, again);
        a.ret(Reg.T13);
    }

    /** Takes the lock at A1: three micro-operations if it is free. */
    public void lock(Assembler a) {
        Assembler.Label busy = a.label();
        Assembler.Label locked = a.label();
        a.li(WORD, 1);
        a.xchg(WORD, Reg.A1, 0, WORD);
        a.bnez(WORD, busy);
        a.place(locked);
        cold.later(() -> {
            a.place(busy);
            a.call(contended, Reg.T13);
            a.jmp(locked);
        });
    }

    /** Gives back the lock at A1. */
    public void unlock(Assembler a) {
        a.st64(Reg.A1, 0, Reg.ZERO);
    }
}
