package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Frame;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.Pad;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * A lock per list, tried without waiting: the own CPU's list first, then the other CPUs' in order, then PAUSE, a yield
 * every 64 rounds, and the CPU is read again. Test, then exchange; unlock is a plain store; lock and head share a line.
 * Tier 2: the own CPU's list was locked.
 *
 * <p>Source: SuperMalloc's per-CPU caches; test-and-test-and-set of Rudolph and Segall (1984).
 */
final class LockedLists extends LocalLists {
    private static final int ROUNDS_PER_YIELD = 64;

    private static final int CPU = Reg.T0;
    private static final int LEFT = Reg.T1;
    private static final int LIST = Reg.T2;
    private static final int NODE = Reg.T3;
    private static final int DEPTH = Reg.T4;
    private static final int CAP = Reg.T5;
    private static final int LOCK = Reg.T6;
    private static final int ROUND = Reg.T7;
    private static final int ONE = Reg.A1;
    private static final int COUNT = Reg.A2;

    /** In a thread's area: uses until getcpu is asked, and what it said. */
    private static final int UNTIL = ThreadAreas.REST + 16;

    private static final int KNOWN = ThreadAreas.REST + 24;

    private final int numbers;
    private final long refresh;
    private final Pad pad;
    private final Cold cold;
    private Assembler.Label lockAnother;

    /** @param refresh a number is used so many times before it is asked for again */
    LockedLists(PerCpuArea lists, ListIndex index, int numbers, long refresh, Pad pad, Cold cold) {
        super(lists, index);
        this.numbers = numbers;
        this.refresh = refresh;
        this.pad = pad;
        this.cold = cold;
    }

    @Override
    void prepare(Assembler a) {
        lockAnother = a.label();
        emitLockAnother(a);
    }

    @Override
    void enterMalloc(Assembler a) {
        Frame.save(a, 1);
        Frame.copies(a, 4);
    }

    @Override
    void leaveMalloc(Assembler a) {
        Frame.restore(a, 1);
    }

    @Override
    void enterFree(Assembler a) {
        Frame.save(a, 2);
        Frame.copies(a, 5);
    }

    @Override
    void leaveFree(Assembler a) {
        Frame.restore(a, 2);
    }

    @Override
    void pop(Assembler a, String name, boolean padded, Assembler.Label empty) {
        Assembler.Label none = a.label();
        lock(a, () -> {});
        a.ld64(Reg.A0, LIST, PerCpuArea.HEAD);
        a.beqz(Reg.A0, none);
        a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
        pad.load(a, LEFT, padded);
        pad.spend(a, LEFT);
        a.st64(LIST, PerCpuArea.HEAD, NODE);
        a.st64(LIST, PerCpuArea.SECOND, Reg.ZERO);
        cold.later(() -> unlockAndGo(a, none, empty));
    }

    @Override
    void push(Assembler a, Push how) {
        Assembler.Label first = a.label();
        Assembler.Label refused = a.label();
        lock(a, () -> {
            if (how.owner() >= 0) {
                a.bne(how.owner(), CPU, how.foreign());
            }
        });
        a.li(DEPTH, 0);
        how.cap().load(a, CAP);
        a.ld64(NODE, LIST, PerCpuArea.HEAD);
        a.beqz(NODE, first);
        a.ld64(DEPTH, NODE, NodeLayout.DEPTH);
        a.place(first);
        a.bge(DEPTH, CAP, refused);
        a.st64(Reg.A0, NodeLayout.NEXT, NODE);
        a.addi(DEPTH, DEPTH, 1);
        a.st64(Reg.A0, NodeLayout.DEPTH, DEPTH);
        if (how.own()) {
            a.st64(Reg.A0, NodeLayout.OWNER, CPU);
        }
        pad.load(a, LEFT, how.padded());
        pad.spend(a, LEFT);
        a.st64(LIST, PerCpuArea.HEAD, Reg.A0);
        a.st64(LIST, PerCpuArea.SECOND, Reg.ZERO);
        cold.later(() -> unlockAndGo(a, refused, how.full()));
    }

    private static void unlockAndGo(Assembler a, Assembler.Label here, Assembler.Label then) {
        a.place(here);
        a.st64(LIST, PerCpuArea.SECOND, Reg.ZERO);
        a.jmp(then);
    }

    /** LIST = a list, locked: in nine micro-operations that of this CPU. */
    private void lock(Assembler a, Runnable withCpu) {
        Assembler.Label busy = a.label();
        Assembler.Label locked = a.label();
        number(a);
        withCpu.run();
        lists.address(a, LIST, CPU, LOCK);
        tryLock(a, busy);
        a.place(locked);
        cold.later(() -> {
            a.place(busy);
            a.call(lockAnother, Reg.LINK2);
            a.jmp(locked);
        });
    }

    /** CPU = the number, that of some uses ago where it is kept. A0 is kept. */
    private void number(Assembler a) {
        if (refresh == 1) {
            index.load(a, CPU);
            return;
        }
        Assembler.Label ask = a.label();
        Assembler.Label known = a.label();
        a.ld64(LOCK, Reg.TLS, UNTIL);
        a.addi(LOCK, LOCK, -1);
        a.blt(LOCK, Reg.ZERO, ask);
        a.place(known);
        a.st64(Reg.TLS, UNTIL, LOCK);
        a.ld64(CPU, Reg.TLS, KNOWN);
        cold.later(() -> {
            a.place(ask);
            index.load(a, CPU);
            a.st64(Reg.TLS, KNOWN, CPU);
            a.li(LOCK, refresh - 1);
            a.jmp(known);
        });
    }

    /** Locks LIST or leaves: load, branch, one, exchange, branch. */
    private static void tryLock(Assembler a, Assembler.Label busy) {
        a.ld32(LOCK, LIST, PerCpuArea.SECOND);
        a.bnez(LOCK, busy);
        a.li(ONE, 1);
        a.xchg(LOCK, LIST, PerCpuArea.SECOND, ONE);
        a.bnez(LOCK, busy);
    }

    /** Subroutine, link LINK2: CPU's list was locked; ends with LIST locked. A0 is kept. */
    private void emitLockAnother(Assembler a) {
        Assembler.Label locked = a.label();
        Assembler.Label round = a.label();
        Assembler.Label other = a.label();
        Assembler.Label wrapped = a.label();
        Assembler.Label rest = a.label();
        Assembler.Label reread = a.label();
        a.place(lockAnother);
        a.li(ONE, 1);
        a.mark(Mark.COUNT, Mark.COUNT_CONTENDED_LOCKS, ONE);
        a.mark(Mark.TIER, 2);
        a.li(ROUND, ROUNDS_PER_YIELD);
        a.place(round);
        a.li(COUNT, numbers);
        a.place(other);
        a.addi(COUNT, COUNT, -1);
        a.beqz(COUNT, rest);
        a.addi(CPU, CPU, 1);
        a.li(LOCK, numbers);
        a.bne(CPU, LOCK, wrapped);
        a.li(CPU, 0);
        a.place(wrapped);
        lists.address(a, LIST, CPU, LOCK);
        tryLock(a, other);
        a.place(locked);
        a.ret(Reg.LINK2);

        a.place(rest);
        a.pause();
        a.addi(ROUND, ROUND, -1);
        a.bnez(ROUND, reread);
        a.mov(ROUND, Reg.A0);
        a.syscall(HostCall.SYS_SCHED_YIELD);
        a.mov(Reg.A0, ROUND);
        a.li(ROUND, ROUNDS_PER_YIELD);
        a.place(reread);
        index.load(a, CPU);
        lists.address(a, LIST, CPU, LOCK);
        tryLock(a, round);
        a.jmp(locked);
    }
}
