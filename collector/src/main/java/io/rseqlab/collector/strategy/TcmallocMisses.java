package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * What a miss of TCMalloc's array does first. It raises the array's capacity, paid from the CPU's budget in bytes:
 * while that is below two batches by one object, an underflow at least to one batch, and by a whole batch where an
 * underflow follows an overflow. Then min((capacity + 1) / 2 + 1, batch x 2^min(misses of the kind in a row, 10))
 * objects are to be moved, 128 at most, and of an array for one object one, unless three misses of the kind came
 * before.
 *
 * <p>Where the background thread looks at them, it counts what had not the bytes that it wanted, and what found its
 * array as long as it may be. Source: TCMalloc {@code cpu_cache.h} (UpdateCapacity, Grow, TargetOverflowRefillCount).
 */
final class TcmallocMisses {
    /** Most objects that are moved at once. */
    static final int MOST_MOVED = 128;

    /** The size's line, behind {@link #miss}. */
    static final int ROW = Reg.T0;
    /** How many objects are to be moved. */
    static final int TARGET = Reg.T7;

    private static final int MOST_DOUBLINGS = 10;
    /** With so many misses of the kind in a row before, an array for one object moves two. */
    private static final int SINGLY = 3;

    private static final int NUMBER = Reg.T8;
    private static final int CAPACITY = TARGET;
    private static final int INFO = Reg.A1;
    private static final int MISS = Reg.A2;
    private static final int INCREASE = Reg.T4;
    private static final int SCRATCH = Reg.T5;
    private static final int OTHER = Reg.T6;
    private static final int COST = Reg.T10;
    private static final int BEGIN_WORD = Reg.T3;
    private static final int LAST_WORD = Reg.T12;

    private final ListIndex index;
    private final CpuSlabs slabs;
    private final TcmallocTables tables;
    private final boolean watched;

    /** @param watched a thread in the background looks at misses */
    TcmallocMisses(ListIndex index, CpuSlabs slabs, TcmallocTables tables, boolean watched) {
        this.index = index;
        this.slabs = slabs;
        this.tables = tables;
        this.watched = watched;
    }

    /** TARGET = how many objects are to be moved; the capacity is raised before. */
    void miss(Assembler a, Cold cold, boolean underflow) {
        Assembler.Label first = a.label();
        Assembler.Label counted = a.label();
        Assembler.Label kept = a.label();
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, underflow ? Mark.COUNT_REFILLS : Mark.COUNT_FLUSHES, SCRATCH);
        tables.row(a, ROW);
        index.load(a, NUMBER);
        a.ld64(BEGIN_WORD, ROW, TcmallocTables.BEGIN);
        slabs.capacity(a, NUMBER, BEGIN_WORD, CAPACITY);
        tables.info(a, INFO, NUMBER);
        tables.miss(a, MISS, INFO);
        if (watched) {
            Static.bump(a, INFO, TcmallocTables.TOTAL, SCRATCH);
            if (!underflow) {
                Static.bump(a, MISS, TcmallocTables.ROW_OVERFLOWS, SCRATCH);
            }
        }
        // misses of this kind in a row before this one: COST, and whether the last one was an overflow: OTHER
        a.ld64(COST, MISS, TcmallocTables.ROW_MISSES);
        a.ld64(OTHER, MISS, TcmallocTables.ROW_KIND);
        a.li(SCRATCH, underflow ? 0 : 1);
        a.bne(OTHER, SCRATCH, first);
        a.addi(COST, COST, 1);
        a.li(INCREASE, MOST_DOUBLINGS);
        a.bge(INCREASE, COST, counted);
        a.mov(COST, INCREASE);
        a.jmp(counted);
        a.place(first);
        a.st64(MISS, TcmallocTables.ROW_KIND, SCRATCH);
        a.li(COST, 0);
        a.place(counted);
        a.st64(MISS, TcmallocTables.ROW_MISSES, COST);
        a.st64(Reg.TLS, ThreadAreas.FRAME + 8, COST);
        increase(a, underflow, kept);
        pay(a, cold, kept);
        a.place(kept);
        atMost(a);
        target(a, cold);
    }

    /** INCREASE = by how much the capacity is to be raised; to {@code kept} if not at all. */
    private static void increase(Assembler a, boolean underflow, Assembler.Label kept) {
        Assembler.Label below = a.label();
        Assembler.Label wanted = a.label();
        Assembler.Label allowed = a.label();
        a.ld64(SCRATCH, ROW, TcmallocTables.BATCH);
        if (underflow) {
            // up to a batch; then a batch where an overflow came before
            a.sub(INCREASE, SCRATCH, CAPACITY);
            a.blt(Reg.ZERO, INCREASE, wanted);
            a.mov(INCREASE, SCRATCH);
            a.bnez(OTHER, wanted);
        }
        a.add(SCRATCH, SCRATCH, SCRATCH);
        a.blt(CAPACITY, SCRATCH, below);
        a.jmp(kept);
        a.place(below);
        a.li(INCREASE, 1);
        a.place(wanted);
        a.ld64(LAST_WORD, ROW, TcmallocTables.LAST);
        a.sub(SCRATCH, LAST_WORD, BEGIN_WORD);
        a.sub(SCRATCH, SCRATCH, CAPACITY);
        a.bge(SCRATCH, INCREASE, allowed);
        a.mov(INCREASE, SCRATCH);
        a.place(allowed);
        a.bge(Reg.ZERO, INCREASE, kept);
    }

    /** Takes the bytes from the budget, for as many objects as there are, and makes the array longer. */
    private void pay(Assembler a, Cold cold, Assembler.Label kept) {
        Assembler.Label again = a.label();
        Assembler.Label affordable = a.label();
        Assembler.Label lost = a.label();
        Assembler.Label failed = a.label();
        Assembler.Label unpaid = a.label();
        int seen = Reg.T13;
        a.ld64(OTHER, INFO, TcmallocTables.AVAILABLE);
        a.place(again);
        a.ld64(COST, ROW, TcmallocTables.BYTES);
        a.blt(OTHER, COST, watched ? unpaid : kept);
        a.mul(COST, COST, INCREASE);
        a.bge(OTHER, COST, affordable);
        noteUnpaid(a);
        a.ld64(SCRATCH, ROW, TcmallocTables.BYTES);
        Assembler.Label fewer = a.here();
        a.addi(INCREASE, INCREASE, -1);
        a.sub(COST, COST, SCRATCH);
        a.blt(OTHER, COST, fewer);
        a.place(affordable);
        a.sub(SCRATCH, OTHER, COST);
        a.cas64(seen, INFO, TcmallocTables.AVAILABLE, OTHER, SCRATCH);
        a.bne(seen, OTHER, lost);
        a.mov(Reg.T13, INCREASE);
        slabs.grow(a, cold, NUMBER, Reg.T13, LAST_WORD, ROW, failed);
        a.add(CAPACITY, CAPACITY, Reg.T13);
        cold.later(() -> {
            a.place(lost);
            a.mark(Mark.TIER, 2);
            a.mov(OTHER, seen);
            a.jmp(again);
            a.place(failed);
            a.xadd(SCRATCH, INFO, TcmallocTables.AVAILABLE, COST);
            a.jmp(kept);
            if (watched) {
                a.place(unpaid);
                noteUnpaid(a);
                a.jmp(kept);
            }
        });
    }

    /** The budget has not what the array was to grow by. */
    private void noteUnpaid(Assembler a) {
        if (watched) {
            Static.bump(a, MISS, TcmallocTables.ROW_UNPAID, SCRATCH);
        }
    }

    /** Notes down that the array is as long as it may be, if it is. */
    private void atMost(Assembler a) {
        if (watched) {
            Assembler.Label shorter = a.label();
            a.ld64(SCRATCH, ROW, TcmallocTables.LAST);
            a.sub(SCRATCH, SCRATCH, BEGIN_WORD);
            a.bne(SCRATCH, CAPACITY, shorter);
            Static.bump(a, MISS, TcmallocTables.ROW_AT_MOST, SCRATCH);
            a.place(shorter);
        }
    }

    /** TARGET, from CAPACITY: the same register. */
    private static void target(Assembler a, Cold cold) {
        Assembler.Label single = a.label();
        Assembler.Label usual = a.label();
        Assembler.Label doubled = a.label();
        Assembler.Label smaller = a.label();
        Assembler.Label portion = a.label();
        a.ld64(COST, Reg.TLS, ThreadAreas.FRAME + 8);
        a.li(SCRATCH, 1);
        a.beq(CAPACITY, SCRATCH, single);
        a.place(usual);
        a.ld64(SCRATCH, ROW, TcmallocTables.BATCH);
        a.beqz(COST, doubled);
        Assembler.Label twice = a.here();
        a.add(SCRATCH, SCRATCH, SCRATCH);
        a.djnz(COST, twice);
        a.place(doubled);
        a.addi(TARGET, CAPACITY, 1);
        a.shri(TARGET, TARGET, 1);
        a.addi(TARGET, TARGET, 1);
        a.bge(SCRATCH, TARGET, smaller);
        a.mov(TARGET, SCRATCH);
        a.place(smaller);
        a.li(SCRATCH, MOST_MOVED);
        a.bge(SCRATCH, TARGET, portion);
        a.mov(TARGET, SCRATCH);
        a.place(portion);
        cold.later(() -> {
            a.place(single);
            a.li(SCRATCH, SINGLY);
            a.bge(COST, SCRATCH, usual);
            a.li(TARGET, 1);
            a.jmp(portion);
        });
    }
}
