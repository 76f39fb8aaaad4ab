package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.strategy.block.WarmLists;
import io.rseqlab.collector.strategy.block.WordLock;

/**
 * The CPU level as published: a lock per CPU and size in the line of the lists' heads, tails and bytes; the CPU's
 * number from getcpu, asked anew every so many uses, so that it may be old, which is why there must be a lock.
 */
final class LockedPairs extends CpuListPairs {
    private static final int[] LISTS = {8, 32};
    private static final int TAIL = 8;
    private static final int HAS = 16;

    /** Offsets in the thread's area: uses until the number is asked for, and the number. */
    private static final int UNTIL = ThreadAreas.REST + 8;

    private static final int NUMBER = ThreadAreas.REST + 16;

    private static final int PAIR = Reg.A1;
    private static final int SCRATCH = Reg.T5;
    private static final int OTHER = Reg.T6;

    private final long limit;
    private final long refresh;
    private final BlockClasses classes;
    private final WordLock locks;

    LockedPairs(Assembler a, long base, int cpus, BlockClasses classes, long limit, long refresh, WordLock locks) {
        super(a, base, cpus, classes);
        this.limit = limit;
        this.refresh = refresh;
        this.classes = classes;
        this.locks = locks;
    }

    private void lock(Assembler a) {
        Assembler.Label known = a.label();
        a.ld64(SCRATCH, Reg.TLS, UNTIL);
        a.addi(SCRATCH, SCRATCH, -1);
        a.bge(SCRATCH, Reg.ZERO, known);
        a.mov(OTHER, Reg.A0);
        a.host(HostCall.HOST_GETCPU);
        a.st64(Reg.TLS, NUMBER, Reg.A0);
        a.mov(Reg.A0, OTHER);
        a.li(SCRATCH, refresh - 1);
        a.place(known);
        a.st64(Reg.TLS, UNTIL, SCRATCH);
        a.ld64(PAIR, Reg.TLS, NUMBER);
        address(a, PAIR, SCRATCH);
        locks.lock(a);
    }

    @Override
    void take(Assembler a) {
        Assembler.Label done = a.label();
        lock(a);
        for (int list : LISTS) {
            Assembler.Label empty = a.label();
            a.ld64(FIRST, PAIR, list);
            a.beqz(FIRST, empty);
            takeList(a, list);
            a.jmp(done);
            a.place(empty);
        }
        a.place(done);
        locks.unlock(a);
    }

    private static void takeList(Assembler a, int list) {
        a.ld64(LAST, PAIR, list + TAIL);
        a.ld64(BYTES, PAIR, list + HAS);
        a.st64(PAIR, list, Reg.ZERO);
        a.st64(PAIR, list + HAS, Reg.ZERO);
    }

    @Override
    void takeFirst(Assembler a) {
        lock(a);
        a.ld64(FIRST, PAIR, LISTS[0]);
        takeList(a, LISTS[0]);
        locks.unlock(a);
    }

    @Override
    void put(Assembler a) {
        Assembler.Label done = a.label();
        lock(a);
        for (int list : LISTS) {
            Assembler.Label more = a.label();
            a.ld64(OTHER, PAIR, list + HAS);
            a.li(SCRATCH, limit);
            a.bge(OTHER, SCRATCH, more);
            putList(a, list);
            a.li(FIRST, 0);
            a.jmp(done);
            a.place(more);
        }
        a.place(done);
        locks.unlock(a);
    }

    @Override
    void putBack(Assembler a) {
        lock(a);
        a.ld64(OTHER, PAIR, LISTS[0] + HAS);
        putList(a, LISTS[0]);
        locks.unlock(a);
    }

    /** The list in hand goes before what is there; OTHER = bytes of that. */
    private static void putList(Assembler a, int list) {
        Assembler.Label linked = a.label();
        a.ld64(SCRATCH, PAIR, list);
        a.st64(LAST, NodeLayout.NEXT, SCRATCH);
        a.st64(PAIR, list, FIRST);
        a.add(OTHER, OTHER, BYTES);
        a.st64(PAIR, list + HAS, OTHER);
        a.bnez(SCRATCH, linked);
        a.st64(PAIR, list + TAIL, LAST);
        a.place(linked);
    }

    @Override
    void warm(FreshMemory memory, long pair, int list, WarmLists.Chain chain) {
        chain.write(memory, pair + LISTS[list], TAIL, HAS);
    }

    @Override
    void audit(Audit audit) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            for (int i = 0; i < classes.count(); i++) {
                int bytes = classes.sizes().bytes(i);
                for (int list : LISTS) {
                    audit.listOfBytes(of(cpu, i) + list, of(cpu, i) + list + HAS, bytes, Place.cpu(cpu));
                }
            }
        }
    }
}
