package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralSpans;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.strategy.block.TransferCache;
import java.util.List;
import java.util.function.Consumer;

/**
 * malloc pops from the CPU's array, free pushes onto that of the CPU on which it runs, whoever allocated. A miss raises
 * the array's capacity and says how many objects are moved ({@link TcmallocMisses}), from or to the transfer cache: an
 * underflow returns one and pushes the others in one section, an overflow pops them in one section and gives them away
 * with the freed one. What an aborted batch leaves goes to the transfer cache.
 *
 * <p>What TCMalloc does in the background, where applications start it, is in {@link TcmallocBackground}. Left out:
 * what follows the tests for large sizes, for null and for sampled objects, and sampling's slow path (the tests and the
 * counter are there), portions beyond 128. Tiers: 0 own array; 1 underflow or overflow; 2 a lock was taken, or a swap
 * on the budget failed.
 */
final class TcmallocPercpuInstance extends Common {
    private static final int SAMPLE = ThreadAreas.REST + 8;
    private static final int SPANS_OF_POINTERS = ThreadAreas.REST + 24;
    private static final int BUFFER_BYTES = 8 * (TcmallocMisses.MOST_MOVED + 1);
    private static final int SAMPLE_BYTES = 2 << 20;
    /** From here on an address says that its object is sampled: bits that no address of a block has. */
    private static final int SAMPLED_BIT = 42;

    private static final int ROW = TcmallocMisses.ROW;
    private static final int SCRATCH = Reg.T5;
    private static final int OTHER = Reg.T6;
    private static final int BEGIN_WORD = Reg.T3;
    private static final int TARGET = TcmallocMisses.TARGET;
    private static final int BUFFERED = Reg.T8;

    private final ListIndex index;
    final CpuSlabs slabs;
    final CentralSpans central;
    private final TransferCache transfer;
    final TcmallocTables tables;
    final TcmallocTransfer transfers;
    private final TcmallocMisses misses;
    final TcmallocSlabResize resize;
    private final TcmallocBackground background;
    private final long periodUs;
    private final long releaseBytes;
    private SpinLock locks;

    TcmallocPercpuInstance(Settings settings, StrategyContext context) {
        super(ownThreads(settings, context), 32, BlockClasses.Lookup.ALWAYS);
        Layout layout = context.layout();
        periodUs = settings.count(TcmallocPercpu.BACKGROUND);
        releaseBytes = settings.count(TcmallocPercpu.RELEASE);
        index = ListIndex.of(settings.chooses(Parameters.INDEX, Parameters.CID), context);
        boolean watched = periodUs > 0;
        SlabShapes shapes = new SlabShapes(
                context,
                classes,
                new SlabShapes.Geometry(
                        (int) settings.count(TcmallocPercpu.SHIFT),
                        (int) settings.count(TcmallocPercpu.SHIFT_LEAST),
                        (int) settings.count(TcmallocPercpu.SHIFT_MOST),
                        (int) settings.count(TcmallocPercpu.FIRST_CAPACITY),
                        (int) settings.count(TcmallocPercpu.CAPACITY),
                        watched));
        slabs = new CpuSlabs(index, classes, pad, shapes, watched);
        tables = new TcmallocTables(context, classes, shapes, settings.count(TcmallocPercpu.BUDGET), watched);
        misses = new TcmallocMisses(index, slabs, tables, watched);
        central =
                new CentralSpans(layout, classes, Parameters.pageHeap(settings, layout, 0), threads, SPANS_OF_POINTERS);
        transfers = new TcmallocTransfer(settings, context, tables, central, classes);
        transfer = transfers.caches();
        for (int thread = 0; thread < this.context.threads(); thread++) {
            long area = threads.of(thread);
            layout.word(area + SAMPLE, SAMPLE_BYTES);
            layout.word(area + TcmallocTables.BUFFER, layout.reserve(BUFFER_BYTES, 2 * Layout.LINE));
        }
        StoppedSlabs stopped =
                new StoppedSlabs(tables, shapes, transfer, central, classes, index == ListIndex.CPU, context);
        resize = watched
                ? new TcmallocSlabResize(
                        tables,
                        shapes,
                        stopped,
                        new SlabReplacement(tables, shapes, stopped, transfer, central, classes, context),
                        classes,
                        layout)
                : null;
        background = new TcmallocBackground(tables, shapes, stopped, resize, transfers, classes, context);
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
        central.emit(a, locks);
        if (periodUs > 0) {
            background.emit(a, locks, periodUs, central, releaseBytes);
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
        misses.miss(a, cold, true);
        tables.buffer(a, BUFFERED);
        transfer.remove(a, locks, central, BUFFERED, TARGET);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, TARGET);
        a.ld64(Reg.A0, BUFFERED, 0);
        a.addi(BUFFERED, BUFFERED, 8);
        a.addi(TARGET, TARGET, -1);
        a.beqz(TARGET, alone);
        slabs.pushBatch(a, cold, BUFFERED, TARGET);
        a.beqz(TARGET, alone);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        transfer.insert(a, locks, central, BUFFERED, TARGET);
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
        transfer.remove(a, locks, central, BUFFERED, TARGET);
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
        misses.miss(a, cold, false);
        tables.buffer(a, BUFFERED);
        if (periodUs == 0) {
            a.ld64(BEGIN_WORD, ROW, TcmallocTables.BEGIN);
            a.mov(ROW, BEGIN_WORD);
        }
        slabs.popBatch(a, cold, BUFFERED, TARGET, ROW);
        a.shli(SCRATCH, TARGET, 3);
        a.add(SCRATCH, SCRATCH, BUFFERED);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        a.st64(SCRATCH, 0, Reg.A0);
        a.addi(TARGET, TARGET, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, TARGET);
        transfer.insert(a, locks, central, BUFFERED, TARGET);
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
        transfer.insert(a, locks, central, BUFFERED, TARGET);
        end(a, Mark.FREE);
    }

    // ---- audit

    @Override
    long ownBlocks(MemoryView memory) {
        return Audit.blocks(memory, central.spans(), classes.count());
    }

    @Override
    void audit(Audit audit) {
        audit.spans(central.spans());
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
        if (resize != null) {
            resize.audit(audit);
        }
        audit.expectElsewhere();
    }
}
