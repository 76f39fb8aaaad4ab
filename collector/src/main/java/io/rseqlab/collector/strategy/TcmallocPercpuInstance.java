package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.ChainSlots;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.strategy.block.TransferCache;
import java.util.ArrayList;
import java.util.List;

/**
 * malloc pops from the CPU's array, free pushes onto that of the CPU on which it runs, whoever allocated. A miss first
 * raises the array's capacity, paid from the CPU's budget in bytes: while it is below two batches by one object, an
 * underflow at least to one batch, and by a whole batch where an underflow follows an overflow. Then it moves
 * min((capacity + 1) / 2 + 1, batch x 2^min(misses of the kind in a row, 10)) objects, 128 at most, from or to the
 * transfer cache: an underflow returns one and pushes the others in one section, an overflow pops them in one section
 * and gives them away with the freed one. What an aborted batch leaves goes to the transfer cache.
 *
 * <p>Left out: sampling's slow path (the counter is kept), portions beyond 128, all that TCMalloc does in the
 * background, which applications must start: shuffling of budgets among CPUs, draining of idle ones, resizing of slabs.
 * Tiers: 0 own array; 1 underflow or overflow; 2 a lock was taken, or a swap on the budget failed.
 */
final class TcmallocPercpuInstance extends Common {
    private static final int SAMPLE = ThreadAreas.REST + 8;
    private static final int BUFFER = ThreadAreas.REST + 16;
    private static final int MOST_MOVED = 128;
    private static final int BUFFER_BYTES = 8 * (MOST_MOVED + 1);
    private static final int SAMPLE_BYTES = 2 << 20;
    private static final int MOST_DOUBLINGS = 10;
    private static final int TRANSFER_BYTES = 1 << 20;

    // ---- what all read of a size, a line
    private static final int BEGIN = 0;
    private static final int LAST = 8;
    private static final int BATCH = 16;
    private static final int BYTES = 24;
    private static final int ROW_SHIFT = 6;

    // ---- what each CPU keeps: its budget, and per size how many misses of a kind there were in a row and which kind
    private static final int AVAILABLE = 0;
    private static final int ROW_MISSES = 64;
    private static final int ROW_KIND = 72;
    private static final int MISS_SHIFT = 4;

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
    private final CpuSlabs slabs;
    private final TransferCache transfer;
    private final long rows;
    private final long infos;
    private final int infoShift;
    private final long budget;
    private SpinLock locks;

    TcmallocPercpuInstance(Settings settings, StrategyContext context) {
        super(context, 24, BlockClasses.Lookup.ALWAYS);
        Layout layout = context.layout();
        index = ListIndex.of(settings.chooses(Parameters.INDEX, Parameters.CID), context);
        budget = settings.count(TcmallocPercpu.BUDGET);
        slabs = new CpuSlabs(
                context,
                index,
                classes,
                pad,
                (int) settings.count(TcmallocPercpu.SHIFT),
                (int) settings.count(TcmallocPercpu.FIRST_CAPACITY),
                (int) settings.count(TcmallocPercpu.CAPACITY));
        rows = layout.reserve((long) classes.count() << ROW_SHIFT, 2 * Layout.LINE);
        int[] capacities = new int[classes.count()];
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            int batch = ChainSlots.batch(bytes);
            long row = rows + ((long) i << ROW_SHIFT);
            layout.word(row + BEGIN, slabs.begin(i));
            layout.word(row + LAST, slabs.begin(i) + slabs.most(i));
            layout.word(row + BATCH, batch);
            layout.word(row + BYTES, bytes);
            long most = Math.max(batch, TRANSFER_BYTES / bytes);
            capacities[i] = (int) Math.min(settings.count(TcmallocPercpu.TRANSFER) * batch, most);
        }
        transfer = new TransferCache(layout, capacities);
        infoShift = 32 - Integer.numberOfLeadingZeros(ROW_MISSES + (classes.count() << MISS_SHIFT) + 127);
        infos = layout.reserve((long) context.cpus() << infoShift, 2 * Layout.LINE);
        for (int cpu = 0; cpu < context.cpus(); cpu++) {
            layout.word(infos + ((long) cpu << infoShift) + AVAILABLE, budget);
        }
        for (int thread = 0; thread < context.threads(); thread++) {
            long area = threads.of(thread);
            layout.word(area + SAMPLE, SAMPLE_BYTES);
            layout.word(area + BUFFER, layout.reserve(BUFFER_BYTES, 2 * Layout.LINE));
        }
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = new SpinLock(a, cold);
    }

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label sample = a.label();
        Assembler.Label sampled = a.label();
        Assembler.Label empty = a.label();
        Assembler.Label alone = a.label();
        a.ld64(SCRATCH, Reg.TLS, SAMPLE);
        size(a);
        a.st64(Reg.TLS, SAMPLE, SCRATCH);
        a.blt(SCRATCH, Reg.ZERO, sample);
        a.place(sampled);
        slabs.pop(a, cold, empty);
        end(a, Mark.MALLOC);
        cold.later(() -> {
            a.place(sample);
            a.li(SCRATCH, SAMPLE_BYTES);
            a.st64(Reg.TLS, SAMPLE, SCRATCH);
            a.jmp(sampled);
        });

        a.place(empty);
        miss(a, cold, true);
        a.ld64(BUFFERED, Reg.TLS, BUFFER);
        transfer.remove(a, locks, pool, BUFFERED, TARGET);
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
    }

    /** SCRATCH -= the size asked for, which the real one has in a register. */
    private void size(Assembler a) {
        if (classes.single()) {
            a.addi(SCRATCH, SCRATCH, -classes.sizes().bytes(0));
            return;
        }
        row(a);
        a.ld64(OTHER, ROW, BYTES);
        a.sub(SCRATCH, SCRATCH, OTHER);
    }

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label full = a.label();
        slabs.push(a, cold, full);
        end(a, Mark.FREE);

        a.place(full);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        miss(a, cold, false);
        a.ld64(BUFFERED, Reg.TLS, BUFFER);
        a.ld64(BEGIN_WORD, ROW, BEGIN);
        a.mov(ROW, BEGIN_WORD);
        slabs.popBatch(a, cold, BUFFERED, TARGET, ROW);
        a.shli(SCRATCH, TARGET, 3);
        a.add(SCRATCH, SCRATCH, BUFFERED);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        a.st64(SCRATCH, 0, Reg.A0);
        a.addi(TARGET, TARGET, 1);
        transfer.insert(a, locks, pool, BUFFERED, TARGET);
        end(a, Mark.FREE);
    }

    private void row(Assembler a) {
        a.shli(ROW, BlockClasses.CLASS, ROW_SHIFT);
        a.addi(ROW, ROW, Math.toIntExact(rows));
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
        row(a);
        index.load(a, NUMBER);
        a.ld64(BEGIN_WORD, ROW, BEGIN);
        slabs.capacity(a, NUMBER, BEGIN_WORD, CAPACITY);
        a.shli(INFO, NUMBER, infoShift);
        a.addi(INFO, INFO, Math.toIntExact(infos));
        a.shli(MISS, BlockClasses.CLASS, MISS_SHIFT);
        a.add(MISS, MISS, INFO);
        // misses of this kind in a row before this one: COST, and whether the last one was an overflow: OTHER
        a.ld64(COST, MISS, ROW_MISSES);
        a.ld64(OTHER, MISS, ROW_KIND);
        a.li(SCRATCH, underflow ? 0 : 1);
        a.bne(OTHER, SCRATCH, first);
        a.addi(COST, COST, 1);
        a.li(INCREASE, MOST_DOUBLINGS);
        a.bge(INCREASE, COST, counted);
        a.mov(COST, INCREASE);
        a.jmp(counted);
        a.place(first);
        a.st64(MISS, ROW_KIND, SCRATCH);
        a.li(COST, 0);
        a.place(counted);
        a.st64(MISS, ROW_MISSES, COST);
        a.st64(Reg.TLS, ThreadAreas.FRAME + 8, COST);
        increase(a, underflow, kept);
        pay(a, cold, kept);
        a.place(kept);
        target(a);
    }

    /** INCREASE = by how much the capacity is to be raised; to {@code kept} if not at all. */
    private static void increase(Assembler a, boolean underflow, Assembler.Label kept) {
        Assembler.Label below = a.label();
        Assembler.Label wanted = a.label();
        Assembler.Label allowed = a.label();
        a.ld64(SCRATCH, ROW, BATCH);
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
        a.ld64(LAST_WORD, ROW, LAST);
        a.sub(SCRATCH, LAST_WORD, BEGIN_WORD);
        a.sub(SCRATCH, SCRATCH, CAPACITY);
        a.bge(SCRATCH, INCREASE, allowed);
        a.mov(INCREASE, SCRATCH);
        a.place(allowed);
        a.bge(Reg.ZERO, INCREASE, kept);
    }

    /** Takes the bytes from the budget, as many as there are or for one object, and makes the array longer. */
    private void pay(Assembler a, Cold cold, Assembler.Label kept) {
        Assembler.Label again = a.label();
        Assembler.Label affordable = a.label();
        Assembler.Label lost = a.label();
        Assembler.Label failed = a.label();
        int seen = Reg.T13;
        a.ld64(OTHER, INFO, AVAILABLE);
        a.place(again);
        a.ld64(COST, ROW, BYTES);
        a.blt(OTHER, COST, kept);
        a.mul(COST, COST, INCREASE);
        a.bge(OTHER, COST, affordable);
        a.li(INCREASE, 1);
        a.ld64(COST, ROW, BYTES);
        a.place(affordable);
        a.sub(SCRATCH, OTHER, COST);
        a.cas64(seen, INFO, AVAILABLE, OTHER, SCRATCH);
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
            a.xadd(SCRATCH, INFO, AVAILABLE, COST);
            a.jmp(kept);
        });
    }

    /** TARGET, from CAPACITY: the same register. */
    private static void target(Assembler a) {
        Assembler.Label doubled = a.label();
        Assembler.Label smaller = a.label();
        Assembler.Label portion = a.label();
        a.ld64(SCRATCH, ROW, BATCH);
        a.ld64(COST, Reg.TLS, ThreadAreas.FRAME + 8);
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
    }

    // ---- audit

    @Override
    void audit(Audit audit) {
        for (int cpu = 0; cpu < context.cpus(); cpu++) {
            slabs.audit(audit, cpu);
            long paid = 0;
            for (int i = 0; i < classes.count(); i++) {
                paid += (long) slabs.capacity(audit, cpu, i) * classes.sizes().bytes(i);
            }
            long available = audit.word(infos + ((long) cpu << infoShift) + AVAILABLE);
            audit.expect(
                    paid + available == budget,
                    index.place(cpu) + ": arrays for " + paid + " bytes and " + available
                            + " available are not the budget of " + budget);
        }
        for (int i = 0; i < classes.count(); i++) {
            List<Long> objects = new ArrayList<>();
            for (long n = 0; n < audit.word(transfer.used(i)); n++) {
                objects.add(audit.word(transfer.array(i) + 8 * n));
            }
            audit.blocks(objects, Place.pool("transfer cache"));
        }
    }
}
