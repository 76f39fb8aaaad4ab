package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;

/**
 * A lock of the program's own: test and exchange, and a yield where it is taken for longer than some turns. Programs
 * mostly use mutexes that sleep; this one costs them the same where nobody waits, and needs no wake-up where somebody
 * does.
 */
final class YieldLock {
    private static final int SPINS = 64;

    private final long word;

    /** @param word address of the lock's word, which is alone on its line or with what it protects */
    YieldLock(long word) {
        this.word = word;
    }

    /** Takes the lock; may change two registers and A0. */
    void lock(Assembler a, int state, int turns) {
        Assembler.Label taken = a.label();
        Assembler.Label retry = a.here();
        a.xchg(state, Reg.ZERO, Math.toIntExact(word), ThreadLoop.ONE);
        a.beqz(state, taken);
        a.li(turns, SPINS);
        Assembler.Label look = a.here();
        a.ld64(state, Reg.ZERO, Math.toIntExact(word));
        a.beqz(state, retry);
        a.pause();
        a.djnz(turns, look);
        a.syscall(HostCall.SYS_SCHED_YIELD);
        a.jmp(retry);
        a.place(taken);
    }

    /** Gives it back: a plain store. */
    void unlock(Assembler a) {
        a.st64(Reg.ZERO, Math.toIntExact(word), Reg.ZERO);
    }
}
