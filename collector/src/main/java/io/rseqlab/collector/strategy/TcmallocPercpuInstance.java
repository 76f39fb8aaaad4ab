package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.strategy.block.TransferCache;
import java.util.List;
import java.util.function.Consumer;

/**
 * malloc pops from the CPU's array, free pushes onto that of the CPU on which it runs, whoever allocated. A miss first
 * raises the array's capacity, paid from the CPU's budget in bytes: while it is below two batches by one object, an
 * underflow at least to one batch, and by a whole batch where an underflow follows an overflow. Then it moves
 * min((capacity + 1) / 2 + 1, batch x 2^min(misses of the kind in a row, 10)) objects, 128 at most, from or to the
 * transfer cache, and of an array for one object one, unless three misses of the kind came before: an underflow returns
 * one and pushes the others in one section, an overflow pops them in one section and gives them away with the freed
 * one. What an aborted batch leaves goes to the transfer cache.
 *
 * <p>What TCMalloc does in the background, where applications start it, is in {@link TcmallocBackground}. Left out:
 * what follows the tests for large sizes, for null and for sampled objects, and sampling's slow path (the tests and the
 * counter are there), portions beyond 128. Tiers: 0 own array; 1 underflow or overflow; 2 a lock was taken, or a swap
 * on the budget failed.
 */
final class TcmallocPercpuInstance extends Common {
    private static final int SAMPLE = ThreadAreas.REST + 8;
    private static final int MOST_MOVED = 128;
    private static final int BUFFER_BYTES = 8 * (MOST_MOVED + 1);
    private static final int SAMPLE_BYTES = 2 << 20;
    /** From here on an address says that its object is sampled: bits that no address of a block has. */
    private static final int SAMPLED_BIT = 42;

    private static final int MOST_DOUBLINGS = 10;
    /** With so many misses of the kind in a row before, an array for one object moves two. */
    private static final int SINGLY = 3;

    private static final int ROW = Reg.T0;
    private static final int NUMBER = Reg.T8;
    private static final int CAPACITY = Reg.T7;
    private static final int INFO = Reg.A1;
    private static final int MISS = Reg.A2;
    private static final int INCREASE = Reg.T4;
    private static final int SCRATCH = Reg.T5;
    private static final int OTHER = Reg.T6;
    private static final int COST = Reg.T10;
    private static final int BEGIN_WORD = Reg.T3;
    private static final int LAST_WORD = Reg.T12;
    private static final int TARGET = Reg.T7;
    private static final int BUFFERED = Reg.T8;

    private final ListIndex index;
    final CpuSlabs slabs;
    private final TransferCache transfer;
    private final TcmallocTables tables;
    final TcmallocTransfer transfers;
    private final TcmallocBackground background;
    private final long periodUs;
    private SpinLock locks;

    TcmallocPercpuInstance(Settings settings, StrategyContext context) {
        super(ownThreads(settings, context), 24, BlockClasses.Lookup.ALWAYS);
        Layout layout = context.layout();
        periodUs = settings.count(TcmallocPercpu.BACKGROUND);
        index = ListIndex.of(settings.chooses(Parameters.INDEX, Parameters.CID), context);
        slabs = new CpuSlabs(
                context,
                index,
                classes,
                pad,
                new CpuSlabs.Geometry(
                        (int) settings.count(TcmallocPercpu.SHIFT),
                        (int) settings.count(TcmallocPercpu.FIRST_CAPACITY),
                        (int) settings.count(TcmallocPercpu.CAPACITY),
                        periodUs > 0));
        tables = new TcmallocTables(context, classes, slabs, settings.count(TcmallocPercpu.BUDGET));
        transfers = new TcmallocTransfer(settings, context, tables, pool, classes);
        transfer = transfers.caches();
        for (int thread = 0; thread < this.context.threads(); thread++) {
            long area = threads.of(thread);
            layout.word(area + SAMPLE, SAMPLE_BYTES);
            layout.word(area + TcmallocTables.BUFFER, layout.reserve(BUFFER_BYTES, 2 * Layout.LINE));
        }
        StoppedSlabs stopped =
                new StoppedSlabs(tables, slabs, transfer, pool, classes, index == ListIndex.CPU, context);
        background = new TcmallocBackground(tables, slabs, stopped, transfers, classes, context);
    }

    private static StrategyContext ownThreads(Settings settings, StrategyContext context) {
        return context.withOwnThreads(settings.count(TcmallocPercpu.BACKGROUND) > 0 ? 1 : 0);
    }

    @Override
    public List<String> background() {
        return periodUs > 0 ? List.of(TcmallocBackground.ENTRY) : List.of();
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = new SpinLock(a, cold);
        if (periodUs > 0) {
            background.emit(a, locks, periodUs);
        }
    }

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label sample = a.label();
        Assembler.Label sampled = a.label();
        Assembler.Label empty = a.label();
        Assembler.Label alone = a.label();
        Assembler.Label one = a.label();
        neverIf(a, cold, large -> a.blt(BlockClasses.CLASS, Reg.ZERO, large)); // larger than any class
        a.ld64(SCRATCH, Reg.TLS, SAMPLE);
        size(a);
        a.st64(Reg.TLS, SAMPLE, SCRATCH);
        a.blt(SCRATCH, Reg.ZERO, sample);
        a.place(sampled);
        slabs.pop(a, cold, empty, one);
        end(a, Mark.MALLOC);
        cold.later(() -> {
            a.place(sample);
            a.li(SCRATCH, SAMPLE_BYTES);
            a.st64(Reg.TLS, SAMPLE, SCRATCH);
            a.jmp(sampled);
        });

        a.place(empty);
        miss(a, cold, true);
        tables.buffer(a, BUFFERED);
        transfer.remove(a, locks, pool, BUFFERED, TARGET);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, TARGET);
        a.ld64(Reg.A0, BUFFERED, 0);
        a.addi(BUFFERED, BUFFERED, 8);
        a.addi(TARGET, TARGET, -1);
        a.beqz(TARGET, alone);
        slabs.pushBatch(a, cold, BUFFERED, TARGET);
        a.beqz(TARGET, alone);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        transfer.insert(a, locks, pool, BUFFERED, TARGET);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        a.place(alone);
        end(a, Mark.MALLOC);
        stoppedMalloc(a, one);
    }

    /** A test of the real one's fast path that no workload here makes true; behind it, all goes on. */
    private static void neverIf(Assembler a, Cold cold, Consumer<Assembler.Label> branch) {
        Assembler.Label odd = a.label();
        Assembler.Label on = a.label();
        branch.accept(odd);
        a.place(on);
        cold.later(() -> {
            a.place(odd);
            a.jmp(on);
        });
    }

    /** The CPU is stopped, or has no number: one object from the transfer cache. */
    private void stoppedMalloc(Assembler a, Assembler.Label one) {
        a.place(one);
        a.mark(Mark.TIER, 1);
        tables.buffer(a, BUFFERED);
        a.li(TARGET, 1);
        transfer.remove(a, locks, pool, BUFFERED, TARGET);
        a.ld64(Reg.A0, BUFFERED, 0);
        end(a, Mark.MALLOC);
    }

    /** SCRATCH -= the size asked for, which the real one has in a register. */
    private void size(Assembler a) {
        if (classes.single()) {
            a.addi(SCRATCH, SCRATCH, -classes.sizes().bytes(0));
            return;
        }
        tables.row(a, ROW);
        a.ld64(OTHER, ROW, TcmallocTables.BYTES);
        a.sub(SCRATCH, SCRATCH, OTHER);
    }

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label full = a.label();
        Assembler.Label one = a.label();
        neverIf(a, cold, nothing -> a.beqz(Reg.A0, nothing));
        neverIf(a, cold, large -> a.blt(BlockClasses.CLASS, Reg.ZERO, large));
        a.shri(SCRATCH, Reg.A0, SAMPLED_BIT);
        neverIf(a, cold, sampled -> a.bnez(SCRATCH, sampled));
        slabs.push(a, cold, full, one);
        end(a, Mark.FREE);

        a.place(full);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        miss(a, cold, false);
        tables.buffer(a, BUFFERED);
        a.ld64(BEGIN_WORD, ROW, TcmallocTables.BEGIN);
        a.mov(ROW, BEGIN_WORD);
        slabs.popBatch(a, cold, BUFFERED, TARGET, ROW);
        a.shli(SCRATCH, TARGET, 3);
        a.add(SCRATCH, SCRATCH, BUFFERED);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        a.st64(SCRATCH, 0, Reg.A0);
        a.addi(TARGET, TARGET, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, TARGET);
        transfer.insert(a, locks, pool, BUFFERED, TARGET);
        end(a, Mark.FREE);
        stoppedFree(a, one);
    }

    /** The CPU is stopped: the object goes to the transfer cache by itself. */
    private void stoppedFree(Assembler a, Assembler.Label one) {
        a.place(one);
        a.mark(Mark.TIER, 1);
        tables.buffer(a, BUFFERED);
        a.st64(BUFFERED, 0, Reg.A0);
        a.li(TARGET, 1);
        transfer.insert(a, locks, pool, BUFFERED, TARGET);
        end(a, Mark.FREE);
    }

    // ---- misses

    /** TARGET = how many objects are to be moved; the capacity is raised before. */
    private void miss(Assembler a, Cold cold, boolean underflow) {
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
        if (periodUs > 0) {
            Static.bump(a, INFO, TcmallocTables.TOTAL, SCRATCH);
            Static.bump(a, MISS, TcmallocTables.ROW_TOTAL, SCRATCH);
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
        int seen = Reg.T13;
        a.ld64(OTHER, INFO, TcmallocTables.AVAILABLE);
        a.place(again);
        a.ld64(COST, ROW, TcmallocTables.BYTES);
        a.blt(OTHER, COST, kept);
        a.mul(COST, COST, INCREASE);
        a.bge(OTHER, COST, affordable);
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
        slabs.grow(a, cold, NUMBER, Reg.T13, LAST_WORD, failed);
        a.add(CAPACITY, CAPACITY, Reg.T13);
        cold.later(() -> {
            a.place(lost);
            a.mark(Mark.TIER, 2);
            a.mov(OTHER, seen);
            a.jmp(again);
            a.place(failed);
            a.xadd(SCRATCH, INFO, TcmallocTables.AVAILABLE, COST);
            a.jmp(kept);
        });
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

    // ---- audit

    @Override
    void audit(Audit audit) {
        long budgets = 0;
        for (int cpu = 0; cpu < context.cpus(); cpu++) {
            slabs.audit(audit, cpu);
            long paid = 0;
            for (int i = 0; i < classes.count(); i++) {
                paid += (long) slabs.capacity(audit, cpu, i) * classes.sizes().bytes(i);
            }
            long available = audit.word(tables.info(cpu) + TcmallocTables.AVAILABLE);
            long budget = audit.word(tables.info(cpu) + TcmallocTables.LIMIT);
            budgets += budget;
            audit.expect(
                    paid + available == budget,
                    index.place(cpu) + ": arrays for " + paid + " bytes and " + available
                            + " available are not the budget of " + budget);
        }
        audit.expect(budgets == tables.budget() * context.cpus(), "budgets of all CPUs are " + budgets + " bytes");
        transfers.audit(audit);
    }
}
