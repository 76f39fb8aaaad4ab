package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.TransactionStatus;

/**
 * A lock that is left alone: what it protects is one hardware transaction, which reads the lock's word, so that whoever
 * takes the lock undoes it, and gives up if the lock is taken. Unlock commits if the word says that nobody has the
 * lock, for then it is a transaction that ends; else it gives the lock back.
 *
 * <p>Policy of SuperMalloc (atomically.h): if the lock is free try once; then wait until it is (30 looks with PAUSE
 * between, then sched_yield after each) and try up to ten times more, with 1, 3, 7 ... PAUSEs behind each that was
 * undone; one that was undone because the lock was taken does not count, and begins the count anew. Then take the lock,
 * here {@link SpinLock}. Address in A1, which is kept, as is A0; lock changes A2 and T10 to T13, unlock A2 and T12. A
 * lock found taken, and a transaction that is tried again, is tier 2.
 *
 * <p>Left out: the prefetches before a second attempt, the sched_yield in place of one PAUSE of a thousand, and the
 * counters of attempts, which all threads share there.
 */
public final class ElidedLock implements WordLock {
    private static final int LOOKS = 30;
    private static final int MOST_PAUSES = 1 << 10;
    private static final int LOCK_TAKEN = 9;

    private static final int STATUS = Reg.A2;
    /** PAUSEs behind the next that is undone, and one more. */
    private static final int PAUSES = Reg.T10;

    private static final int ROUND = Reg.T11;
    private static final int WORD = Reg.T12;

    private final SpinLock lock;
    private final Assembler.Label again;
    private final Cold cold;

    /**
     * Writes the subroutine for what is not committed at the first attempt here.
     *
     * @param lock what is taken where transactions fail
     */
    public ElidedLock(Assembler a, Cold cold, SpinLock lock) {
        this.lock = lock;
        this.cold = cold;
        again = a.here();
        a.mark(Mark.TIER, 2);
        Assembler.Label fresh = a.here();
        Assembler.Label attempt = a.label();
        Assembler.Label undone = a.label();
        Assembler.Label wait = a.label();
        a.li(PAUSES, 1);
        a.place(wait);
        waitUntilFree(a, attempt);
        a.place(attempt);
        begin(a, undone);
        a.ret(Reg.T13);

        a.place(undone);
        a.li(WORD, TransactionStatus.explicit(LOCK_TAKEN));
        a.beq(STATUS, WORD, fresh);
        a.shli(PAUSES, PAUSES, 1);
        a.addi(ROUND, PAUSES, -1);
        Assembler.Label pause = a.here();
        a.pause();
        a.djnz(ROUND, pause);
        a.li(WORD, MOST_PAUSES);
        a.blt(PAUSES, WORD, wait);
        a.mark(Mark.ONCE, Mark.COUNT_TRANSACTION_FALLBACKS);
        a.mov(PAUSES, Reg.T13);
        lock.lock(a);
        a.ret(PAUSES);
    }

    private static void waitUntilFree(Assembler a, Assembler.Label free) {
        a.li(ROUND, LOOKS);
        Assembler.Label look = a.here();
        a.ld64(WORD, Reg.A1, 0);
        a.beqz(WORD, free);
        a.pause();
        a.djnz(ROUND, look);
        a.mov(ROUND, Reg.A0);
        Assembler.Label yield = a.here();
        a.syscall(HostCall.SYS_SCHED_YIELD);
        a.ld64(WORD, Reg.A1, 0);
        a.bnez(WORD, yield);
        a.mov(Reg.A0, ROUND);
    }

    private void begin(Assembler a, Assembler.Label undone) {
        Assembler.Label taken = a.label();
        a.mark(Mark.TRANSACTION, 0);
        a.xbegin(STATUS, undone);
        a.ld64(WORD, Reg.A1, 0);
        a.bnez(WORD, taken);
        cold.later(() -> {
            a.place(taken);
            a.xabort(LOCK_TAKEN);
        });
    }

    /** {@inheritDoc} Five micro-operations if it is free and the first transaction commits. */
    @Override
    public void lock(Assembler a) {
        Assembler.Label busy = a.label();
        Assembler.Label undone = a.label();
        Assembler.Label inside = a.label();
        a.ld64(WORD, Reg.A1, 0);
        a.bnez(WORD, busy);
        begin(a, undone);
        a.place(inside);
        cold.later(() -> {
            a.place(busy);
            a.mark(Mark.ONCE, Mark.COUNT_CONTENDED_LOCKS);
            a.place(undone);
            a.call(again, Reg.T13);
            a.jmp(inside);
        });
    }

    /** {@inheritDoc} Three micro-operations if a transaction commits. */
    @Override
    public void unlock(Assembler a) {
        Assembler.Label taken = a.label();
        Assembler.Label done = a.label();
        a.ld64(WORD, Reg.A1, 0);
        a.bnez(WORD, taken);
        a.xend();
        a.place(done);
        cold.later(() -> {
            a.place(taken);
            lock.unlock(a);
            a.jmp(done);
        });
    }
}
