package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.WarmLists;
import java.util.function.Consumer;

/**
 * SuperMalloc's CPU level: per CPU and size two lists, each with its bytes, which are taken and put as wholes. A list
 * in hand is FIRST, LAST and BYTES. Programs may change A1, A2, T5 to T7 and T10 to T13 besides.
 */
abstract class CpuListPairs {
    static final int FIRST = Reg.T2;
    static final int LAST = Reg.T3;
    static final int BYTES = Reg.T4;

    /** Bytes of a CPU's lists of a size: 128, so that no two share a pair of lines. */
    private static final int SHIFT = 7;

    final int cpus;
    private final int sizes;
    private final long base;
    private final int cpuShift;

    private final Assembler.Label take;
    private final Assembler.Label takeFirst;
    private final Assembler.Label put;
    private final Assembler.Label putBack;

    CpuListPairs(Assembler a, long base, int cpus, BlockClasses classes) {
        take = a.label();
        takeFirst = a.label();
        put = a.label();
        putBack = a.label();
        this.base = base;
        this.cpus = cpus;
        sizes = classes.count();
        cpuShift = cpuShift(sizes);
    }

    private static int cpuShift(int sizes) {
        return SHIFT + 32 - Integer.numberOfLeadingZeros(sizes - 1);
    }

    /** Memory for the pairs of all CPUs and sizes. */
    static long reserve(Layout layout, int cpus, int sizes) {
        return layout.reserve((long) cpus << cpuShift(sizes), 1 << SHIFT);
    }

    /** Address of a CPU's pair of a size. */
    final long of(int cpu, int sizeClass) {
        return base + ((long) cpu << cpuShift) + ((long) sizeClass << SHIFT);
    }

    /** rd = address of the pair of the CPU whose number is in rd, and of the operation's class. */
    final void address(Assembler a, int rd, int temporary) {
        a.shli(rd, rd, cpuShift);
        a.addi(rd, rd, Math.toIntExact(base));
        if (sizes > 1) {
            a.shli(temporary, BlockClasses.CLASS, SHIFT);
            a.add(rd, rd, temporary);
        }
    }

    /** Writes the four subroutines. */
    final void emit(Assembler a) {
        subroutine(a, take, this::take);
        subroutine(a, takeFirst, this::takeFirst);
        subroutine(a, put, this::put);
        subroutine(a, putBack, this::putBack);
    }

    private static void subroutine(Assembler a, Assembler.Label entry, Consumer<Assembler> body) {
        a.place(entry);
        body.accept(a);
        a.ret(Reg.LINK2);
    }

    /** Takes one of the lists whole; FIRST is 0 if both are empty. */
    final void callTake(Assembler a) {
        a.call(take, Reg.LINK2);
    }

    /** Takes the first list whole, to make room; FIRST is 0 if it is empty. */
    final void callTakeFirst(Assembler a) {
        a.call(takeFirst, Reg.LINK2);
    }

    /** Puts the list in hand before one that has less than the limit; FIRST is 0 then, and kept if neither has. */
    final void callPut(Assembler a) {
        a.call(put, Reg.LINK2);
    }

    /** Puts the list in hand before the first one, whatever that holds. */
    final void callPutBack(Assembler a) {
        a.call(putBack, Reg.LINK2);
    }

    abstract void take(Assembler a);

    abstract void takeFirst(Assembler a);

    abstract void put(Assembler a);

    abstract void putBack(Assembler a);

    /** Fills both lists of every CPU and size with so many bytes. */
    final void warm(FreshMemory memory, WarmLists lists, long bytes) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            for (int i = 0; i < sizes; i++) {
                for (int list = 0; list < 2; list++) {
                    warm(memory, of(cpu, i), list, lists.list(i, bytes));
                }
            }
        }
    }

    /** One of the two lists of a pair becomes that one. */
    abstract void warm(FreshMemory memory, long pair, int list, WarmLists.Chain chain);

    abstract void audit(Audit audit);
}
