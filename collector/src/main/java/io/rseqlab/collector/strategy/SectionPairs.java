package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.RseqArea;
import io.rseqlab.collector.strategy.block.WarmLists;

/**
 * The CPU level as restartable sections, of one committing store each: a list is its head alone, and its tail and bytes
 * stand in its first block. Taking is load of the head and store of 0; putting links the list in hand before the head,
 * writes its first block's words, and stores it as the head. The CPU's number is read inside, so it is never old, and
 * there is no lock.
 */
final class SectionPairs extends CpuListPairs {
    private static final int[] LISTS = {0, 8};
    /** Words of a list's first block. */
    private static final int HAS = NodeLayout.DEPTH;

    private static final int TAIL = NodeLayout.OWNER;

    private static final int PAIR = Reg.T5;
    private static final int OTHER = Reg.T6;
    private static final int SCRATCH = Reg.T7;
    private static final int LIMIT = Reg.T10;
    private static final int SUM = Reg.T11;

    private final long limit;
    private final BlockClasses classes;
    private final Cold cold;

    SectionPairs(Assembler a, long base, int cpus, BlockClasses classes, long limit, Cold cold) {
        super(a, base, cpus, classes);
        this.limit = limit;
        this.classes = classes;
        this.cold = cold;
    }

    private Assembler.SectionLabel begin(Assembler a, String name, Assembler.Label retry) {
        Assembler.SectionLabel begun = a.section(name, retry);
        a.arm(begun, SCRATCH);
        a.start(begun);
        a.ld32(PAIR, Reg.RSEQ, RseqArea.CPU_ID_START);
        address(a, PAIR, SCRATCH);
        return begun;
    }

    @Override
    void take(Assembler a) {
        Assembler.Label done = a.label();
        for (int i = 0; i < LISTS.length; i++) {
            Assembler.Label empty = a.label();
            takeList(a, "take" + i, i, empty);
            words(a);
            a.jmp(done);
            a.place(empty);
        }
        a.place(done);
    }

    private void takeList(Assembler a, String name, int list, Assembler.Label empty) {
        Assembler.Label nothing = a.label();
        Assembler.Label retry = a.here();
        Assembler.SectionLabel taking = begin(a, name, retry);
        a.ld64(FIRST, PAIR, LISTS[list]);
        a.beqz(FIRST, nothing);
        a.st64(PAIR, LISTS[list], Reg.ZERO);
        a.commit(taking);
        cold.later(() -> {
            a.place(nothing);
            a.exit(taking, Mark.EXIT_EMPTY);
            a.jmp(empty);
        });
    }

    /** LAST and BYTES, from the first block, which is the thread's own by now. */
    private static void words(Assembler a) {
        a.ld64(LAST, FIRST, TAIL);
        a.ld64(BYTES, FIRST, HAS);
    }

    @Override
    void takeFirst(Assembler a) {
        Assembler.Label empty = a.label();
        takeList(a, "take_first", 0, empty);
        words(a);
        a.place(empty);
    }

    @Override
    void put(Assembler a) {
        Assembler.Label done = a.label();
        for (int i = 0; i < LISTS.length; i++) {
            Assembler.Label more = a.label();
            putList(a, "put" + i, i, limit, more);
            a.li(FIRST, 0);
            a.jmp(done);
            a.place(more);
        }
        a.place(done);
    }

    @Override
    void putBack(Assembler a) {
        Assembler.Label never = a.label();
        putList(a, "put_back", 0, Long.MAX_VALUE, never);
        a.place(never);
    }

    private void putList(Assembler a, String name, int list, long below, Assembler.Label full) {
        Assembler.Label more = a.label();
        Assembler.Label first = a.label();
        a.li(LIMIT, below);
        Assembler.Label retry = a.here();
        Assembler.SectionLabel putting = begin(a, name, retry);
        a.ld64(OTHER, PAIR, LISTS[list]);
        a.mov(SUM, BYTES);
        a.mov(SCRATCH, LAST);
        a.beqz(OTHER, first);
        a.ld64(SCRATCH, OTHER, HAS);
        a.bge(SCRATCH, LIMIT, more);
        a.add(SUM, SUM, SCRATCH);
        a.ld64(SCRATCH, OTHER, TAIL);
        a.place(first);
        a.st64(LAST, NodeLayout.NEXT, OTHER);
        a.st64(FIRST, HAS, SUM);
        a.st64(FIRST, TAIL, SCRATCH);
        a.st64(PAIR, LISTS[list], FIRST);
        a.commit(putting);
        cold.later(() -> {
            a.place(more);
            a.exit(putting, Mark.EXIT_FULL);
            a.jmp(full);
        });
    }

    @Override
    void warm(FreshMemory memory, long pair, int list, WarmLists.Chain chain) {
        memory.write64(pair + LISTS[list], chain.first());
        memory.write64(chain.first() + TAIL, chain.last());
        memory.write64(chain.first() + HAS, chain.bytes());
    }

    @Override
    void audit(Audit audit) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            for (int i = 0; i < classes.count(); i++) {
                for (int list : LISTS) {
                    audit.listWithBytes(of(cpu, i) + list, classes.sizes().bytes(i), Place.cpu(cpu));
                }
            }
        }
    }
}
