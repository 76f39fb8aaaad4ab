package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * A normal mutex of the C library on Linux, with more than one thread alive: the word is 0 free, 1 taken, 2 taken and
 * perhaps waited for. Lock is a compare-and-swap 0 to 1, or else exchanges with 2, each failure followed by a futex
 * wait; unlock is an exchange with 0 and, if 2 came out, a wake-up of one. No hand-over: a waiter competes with
 * newcomers.
 *
 * <p>Source: U. Drepper, "Futexes Are Tricky" (2011), mutex 2; glibc {@code nptl/pthread_mutex_lock.c},
 * {@code lowlevellock.c}. Beside the lock word glibc keeps the kind, the owner and a count of users in the same line;
 * their loads, tests and stores are written out here as glibc 2.36 executes them (x86-64; the frame pointer's updates
 * are arithmetic on T12), because a mutex costs what it costs.
 *
 * <p>Subroutines: mutex in A1, link in T13; they change A0, A1, A2 and T12.
 */
public final class FutexMutex implements WordLock {
    /** Bytes of a mutex. */
    public static final int BYTES = 40;

    /** The owner's number plus 1, 0 for none. */
    private static final int OWNER = 8;

    private static final int USERS = 16;
    private static final int KIND = 24;

    private final Assembler.Label lock;
    private final Assembler.Label unlock;

    /** Writes the two subroutines here. */
    public FutexMutex(Assembler a) {
        lock = a.label();
        unlock = a.label();
        emitLock(a);
        emitUnlock(a);
    }

    @Override
    public void lock(Assembler a) {
        a.call(lock, Reg.T13);
    }

    @Override
    public void unlock(Assembler a) {
        a.call(unlock, Reg.T13);
    }

    private void emitLock(Assembler a) {
        Assembler.Label contended = a.label();
        Assembler.Label taken = a.label();
        Assembler.Label otherKind = a.label();
        Assembler.Label impossible = a.label();
        throughTable(a, lock);
        testKind(a, otherKind);
        a.st64(Reg.TLS, ThreadAreas.STACK, Reg.A1);
        a.addi(Reg.T12, Reg.T12, -16);
        a.bnez(Reg.A2, otherKind);
        a.ld32(Reg.A0, Reg.TLS, ThreadAreas.ZERO); // is lock elision on
        a.bnez(Reg.A0, otherKind);
        testSharedAndSingle(a, otherKind);
        a.place(otherKind);
        a.li(Reg.A0, 0);
        a.li(Reg.A2, 1);
        a.cas64(Reg.A0, Reg.A1, 0, Reg.ZERO, Reg.A2);
        a.bnez(Reg.A0, contended);
        a.place(taken);
        a.ld32(Reg.A0, Reg.A1, OWNER);
        a.bnez(Reg.A0, impossible);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.ID);
        a.addi(Reg.A0, Reg.A0, 1);
        Static.bump(a, Reg.A1, USERS, Reg.A2);
        a.st64(Reg.A1, OWNER, Reg.A0);
        a.addi(Reg.T12, Reg.T12, 16);
        a.ld64(Reg.A2, Reg.TLS, ThreadAreas.STACK);
        a.ret(Reg.T13);
        emitContended(a, contended, taken);
        a.place(impossible); // glibc's assertion: a free mutex with an owner
        a.syscall(HostCall.SYS_EXIT);
    }

    private static void emitContended(Assembler a, Assembler.Label contended, Assembler.Label taken) {
        Assembler.Label wait = a.label();
        a.place(contended);
        a.mark(Mark.COUNT, Mark.COUNT_CONTENDED_LOCKS, Reg.A2);
        a.mark(Mark.TIER, 2);
        a.mov(Reg.T12, Reg.A1);
        a.li(Reg.A2, 2);
        a.ld32(Reg.A0, Reg.T12, 0);
        a.beq(Reg.A0, Reg.A2, wait);
        Assembler.Label again = a.here();
        a.xchg(Reg.A0, Reg.T12, 0, Reg.A2);
        a.mov(Reg.A1, Reg.T12);
        a.beqz(Reg.A0, taken);
        a.place(wait);
        a.mov(Reg.A0, Reg.T12);
        a.li(Reg.A1, 2);
        a.syscall(HostCall.SYS_FUTEX_WAIT);
        a.li(Reg.A2, 2);
        a.jmp(again);
    }

    private void emitUnlock(Assembler a) {
        Assembler.Label wake = a.label();
        Assembler.Label otherKind = a.label();
        Assembler.Label body = a.label();
        throughTable(a, unlock);
        a.li(Reg.T12, 1); // the C library's inner function is told to count users
        a.jmp(body);
        a.place(body);
        a.ld32(Reg.A0, Reg.A1, KIND);
        a.mov(Reg.A2, Reg.A0);
        a.andi(Reg.A2, Reg.A2, 0x17f);
        a.bnez(Reg.A2, otherKind);
        a.addi(Reg.A0, Reg.A0, -8);
        a.bnez(Reg.A2, otherKind);
        a.place(otherKind);
        a.st64(Reg.A1, OWNER, Reg.ZERO);
        a.beqz(Reg.T12, otherKind);
        a.ld64(Reg.A2, Reg.A1, USERS);
        a.addi(Reg.A2, Reg.A2, -1);
        a.st64(Reg.A1, USERS, Reg.A2);
        Assembler.Label exchange = a.label();
        testSharedAndSingle(a, exchange);
        a.place(exchange);
        a.li(Reg.A2, 1);
        a.xchg(Reg.A0, Reg.A1, 0, Reg.ZERO);
        a.blt(Reg.A2, Reg.A0, wake);
        a.li(Reg.A0, 0);
        a.addi(Reg.T12, Reg.T12, 8);
        a.ret(Reg.T13);

        a.place(wake);
        a.mov(Reg.A0, Reg.A1);
        a.mov(Reg.A1, Reg.A2);
        a.syscall(HostCall.SYS_FUTEX_WAKE);
        a.ret(Reg.T13);
    }

    /** The way through the table of a dynamically linked function: load its address, jump there. */
    private static void throughTable(Assembler a, Assembler.Label function) {
        Assembler.Label entry = a.label();
        a.place(function);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.ZERO);
        a.jmp(entry);
        a.place(entry);
    }

    /** Loads the mutex's kind and leaves if it is not a normal one; A2 = the part of it that is tested later. */
    private static void testKind(Assembler a, Assembler.Label otherKind) {
        a.ld32(Reg.A0, Reg.A1, KIND);
        a.mov(Reg.A2, Reg.A0);
        a.andi(Reg.A2, Reg.A2, 0x17f);
        a.andi(Reg.A0, Reg.A0, 0x7c);
        a.bnez(Reg.A0, otherKind);
    }

    /** Tests whether processes share the mutex, and whether this is the only thread. */
    private static void testSharedAndSingle(Assembler a, Assembler.Label otherwise) {
        a.ld32(Reg.A0, Reg.A1, KIND);
        a.andi(Reg.A0, Reg.A0, 0x80);
        a.bnez(Reg.A0, otherwise);
        a.ld32(Reg.A0, Reg.TLS, ThreadAreas.ZERO);
        a.bnez(Reg.A0, otherwise);
    }
}
