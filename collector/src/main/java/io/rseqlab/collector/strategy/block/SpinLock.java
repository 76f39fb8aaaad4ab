package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * A lock that is spun for and then slept for. The word is 0 free, 1 taken, 2 taken and perhaps slept for. Lock is a
 * compare-and-swap 0 to 1; where that fails the word is read up to so many times until it is 0, without PAUSE, and then
 * the thread marks the word with 2 and sleeps on it. Unlock is an exchange with 0 that wakes one sleeper if 2 came out.
 * Address in A1, which is kept, as is A0; both change A2 and T12, lock changes T13 too. A lock found taken is tier 2.
 *
 * <p>Source: Abseil {@code base/internal/spinlock.cc} (SpinLoop, SlowLock, SlowUnlock) and {@code spinlock_linux.inc},
 * the lock of TCMalloc; gperftools has its ancestor. Their sleep has a time limit, for sleepers may be overlooked
 * there; here who has slept takes the lock with 2, as in Drepper's "Futexes Are Tricky" (2011), so that none is.
 */
public final class SpinLock extends SwappedLock {
    /** Reads of a taken lock before a thread sleeps: adaptive_spin_count where there is more than one CPU. */
    public static final int SPINS = 1000;

    private static final int SLEPT_FOR = 2;
    private static final int ROUND = ONE;

    private final Assembler.Label contended;
    private final Assembler.Label wake;
    private final int spins;

    /** Writes the subroutines for taken locks, and for those that are slept for, here. */
    public SpinLock(Assembler a, Cold cold) {
        this(a, cold, SPINS);
    }

    /** @param spins reads of a taken lock before a thread sleeps, at least one */
    public SpinLock(Assembler a, Cold cold, int spins) {
        super(cold);
        this.spins = spins;
        Assembler.Label attempt = a.label();
        Assembler.Label sleep = a.label();
        contended = a.here();
        a.li(WORD, 1);
        a.mark(Mark.COUNT, Mark.COUNT_CONTENDED_LOCKS, WORD);
        a.mark(Mark.TIER, 2);
        Assembler.Label again = a.here();
        a.li(ROUND, spins);
        Assembler.Label spin = a.here();
        a.ld64(WORD, Reg.A1, 0);
        a.beqz(WORD, attempt);
        a.djnz(ROUND, spin);
        a.jmp(sleep);
        a.place(attempt);
        a.li(ROUND, 1);
        a.cas64(WORD, Reg.A1, 0, Reg.ZERO, ROUND);
        a.bnez(WORD, again);
        a.ret(Reg.T13);
        emitSleep(a, sleep);
        wake = a.here();
        a.st64(Reg.TLS, ThreadAreas.STACK, Reg.A0);
        a.mov(ROUND, Reg.A1);
        a.mov(Reg.A0, Reg.A1);
        a.li(Reg.A1, 1);
        a.syscall(HostCall.SYS_FUTEX_WAKE);
        a.mov(Reg.A1, ROUND);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.STACK);
        a.ret(WORD);
    }

    private void emitSleep(Assembler a, Assembler.Label sleep) {
        Assembler.Label mark = a.label();
        Assembler.Label taken = a.label();
        a.place(sleep);
        a.st64(Reg.TLS, ThreadAreas.STACK, Reg.A0);
        a.place(mark);
        a.li(WORD, SLEPT_FOR);
        a.xchg(WORD, Reg.A1, 0, WORD);
        a.beqz(WORD, taken);
        a.mov(ROUND, Reg.A1);
        a.mov(Reg.A0, Reg.A1);
        a.li(Reg.A1, SLEPT_FOR);
        a.syscall(HostCall.SYS_FUTEX_WAIT);
        a.mov(Reg.A1, ROUND);
        a.li(ROUND, spins);
        Assembler.Label spin = a.here();
        a.ld64(WORD, Reg.A1, 0);
        a.beqz(WORD, mark);
        a.djnz(ROUND, spin);
        a.jmp(mark);
        a.place(taken);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.STACK);
        a.ret(Reg.T13);
    }

    @Override
    Assembler.Label contended() {
        return contended;
    }

    /** {@inheritDoc} Three micro-operations if nobody sleeps for it. */
    @Override
    public void unlock(Assembler a) {
        Assembler.Label slept = a.label();
        Assembler.Label done = a.label();
        a.xchg(WORD, Reg.A1, 0, Reg.ZERO);
        a.li(ROUND, 1);
        a.blt(ROUND, WORD, slept);
        a.place(done);
        cold.later(() -> {
            a.place(slept);
            a.call(wake, WORD);
            a.jmp(done);
        });
    }
}
