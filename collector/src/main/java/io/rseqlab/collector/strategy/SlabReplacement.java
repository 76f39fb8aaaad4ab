package io.rseqlab.collector.strategy;

import static io.rseqlab.collector.strategy.StoppedSlabs.A;
import static io.rseqlab.collector.strategy.StoppedSlabs.B;
import static io.rseqlab.collector.strategy.StoppedSlabs.CURRENT;
import static io.rseqlab.collector.strategy.StoppedSlabs.END;
import static io.rseqlab.collector.strategy.StoppedSlabs.HEADER;
import static io.rseqlab.collector.strategy.StoppedSlabs.INFO;
import static io.rseqlab.collector.strategy.StoppedSlabs.NUMBER;
import static io.rseqlab.collector.strategy.StoppedSlabs.ROW;
import static io.rseqlab.collector.strategy.StoppedSlabs.SLAB;
import static io.rseqlab.collector.strategy.StoppedSlabs.VICTIM;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralSpans;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.TransferCache;
import java.util.function.Consumer;

/**
 * How TCMalloc's background thread gives all CPUs new slabs. Those of CPUs that had misses are made ready while all
 * run; then all are stopped, one barrier for all CPUs aborts the sections there, the new slabs are put in place, and
 * CPUs go on. What the old slabs hold then goes to the transfer cache, batch by batch, and what their arrays had of the
 * budget is given back, for new arrays are for no object. CPUs without a miss so far wait until theirs are ready.
 *
 * <p>Source: TCMalloc {@code percpu_tcmalloc.h} (ResizeSlabs, UpdateMaxCapacities, DrainOldSlabs). Left out: giving the
 * old slabs' pages back to the system.
 */
final class SlabReplacement {
    // ---- a size, in the background thread's own table: misses, for whoever chooses lengths; its new largest length;
    // where its old array began, and the new one begins
    static final int MISSES = 0;
    static final int MOST = 8;
    private static final int OLD_BEGIN = 16;
    private static final int NEW_BEGIN = 24;
    private static final int PLAN_SHIFT = 5;

    // ---- a CPU, likewise: its misses when new slabs were made ready; its old slab
    private static final int READY = 0;
    private static final int OLD_SLAB = 8;
    private static final int CPU_SHIFT = 4;

    /** Where a size's row of that table lies, while all sizes are gone through. */
    static final int PLAN = Reg.A1;
    /** Where the new slabs' shape stands. */
    static final int SHAPE = Reg.W2;
    /** Which of its two sets is taken, in bytes. */
    static final int SET = Reg.W3;

    private static final int BASE = SET;
    private static final int BYTES = Reg.W4;
    private static final int LEFT = Reg.W7;
    private static final int BATCH = Reg.W8;
    private static final int CPU_ROW = Reg.T13;
    private static final int BUFFERED = Reg.T8;

    private final TcmallocTables tables;
    private final SlabShapes slabs;
    private final StoppedSlabs stopped;
    private final TransferCache transfer;
    private final CentralSpans central;
    private final BlockClasses classes;
    private final int plans;
    private final int perCpu;
    private SpinLock locks;
    private Assembler.Label replace;

    SlabReplacement(
            TcmallocTables tables,
            SlabShapes slabs,
            StoppedSlabs stopped,
            TransferCache transfer,
            CentralSpans central,
            BlockClasses classes,
            StrategyContext context) {
        this.tables = tables;
        this.slabs = slabs;
        this.stopped = stopped;
        this.transfer = transfer;
        this.central = central;
        this.classes = classes;
        Layout layout = context.layout();
        plans = Math.toIntExact(layout.reserve((long) classes.count() << PLAN_SHIFT, 2 * Layout.LINE));
        perCpu = Math.toIntExact(layout.reserve((long) context.cpus() << CPU_SHIFT, 2 * Layout.LINE));
    }

    /** Writes the subroutine here. */
    void emit(Assembler a, SpinLock spinLock) {
        locks = spinLock;
        replace = a.label();
        a.place(replace);
        layOut(a);
        putInPlace(a);
        drainOld(a);
        a.ret(Reg.LINK);
    }

    /**
     * All CPUs get slabs of the shape in SHAPE, from the set in SET, with the largest lengths that the sizes' rows say.
     * Changes LINK, all temporaries, and the background's registers but TIME and KEEP.
     */
    void replace(Assembler a) {
        a.call(replace, Reg.LINK);
    }

    /** Goes through all sizes, largest first; the body has the size in CLASS and its row in PLAN. */
    void eachSize(Assembler a, Consumer<Assembler.Label> body) {
        Assembler.Label next = a.label();
        a.li(BlockClasses.CLASS, classes.count());
        Assembler.Label again = a.here();
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, -1);
        plan(a);
        body.accept(next);
        a.place(next);
        a.blt(Reg.ZERO, BlockClasses.CLASS, again);
    }

    /** PLAN = the row of the size in CLASS. */
    void plan(Assembler a) {
        a.shli(PLAN, BlockClasses.CLASS, PLAN_SHIFT);
        a.addi(PLAN, PLAN, plans);
    }

    private void cpuRow(Assembler a) {
        a.shli(CPU_ROW, VICTIM, CPU_SHIFT);
        a.addi(CPU_ROW, CPU_ROW, perCpu);
    }

    /** SLAB = the victim's slab of the new set. */
    private static void newSlab(Assembler a) {
        a.mul(SLAB, VICTIM, BYTES);
        a.add(SLAB, SLAB, BASE);
    }

    /** Where arrays begin in new slabs; those of CPUs that had misses are made ready. */
    private void layOut(Assembler a) {
        int word = NUMBER;
        a.add(A, SET, SHAPE);
        a.ld64(BASE, A, SlabShapes.SETS);
        a.ld64(BYTES, SHAPE, SlabShapes.BYTES);
        a.li(word, slabs.firstWord());
        a.li(BlockClasses.CLASS, 0);
        Assembler.Label next = a.here();
        plan(a);
        tables.row(a, ROW);
        a.ld64(A, ROW, TcmallocTables.BEGIN);
        a.st64(PLAN, OLD_BEGIN, A);
        a.st64(PLAN, NEW_BEGIN, word);
        a.ld64(A, PLAN, MOST);
        a.add(word, word, A);
        a.addi(word, word, 1);
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, 1);
        a.li(A, classes.count());
        a.blt(BlockClasses.CLASS, A, next);
        stopped.eachCpu(a, nextCpu -> {
            cpuRow(a);
            a.ld64(A, INFO, TcmallocTables.TOTAL);
            a.st64(CPU_ROW, READY, A);
            a.beqz(A, nextCpu);
            makeReady(a);
        });
    }

    /** Headers say that arrays are for no object, and marks lie before them. */
    private void makeReady(Assembler a) {
        newSlab(a);
        eachSize(a, next -> {
            SlabShapes.header(a, SLAB, HEADER);
            a.ld64(B, PLAN, NEW_BEGIN);
            a.st16(HEADER, SlabShapes.CURRENT_WORD, B);
            a.st16(HEADER, SlabShapes.END_WORD, B);
            a.shli(B, B, 3);
            a.add(B, B, SLAB);
            a.addi(A, B, -7); // the address of the word before, with bit 0
            a.st64(B, -8, A);
        });
    }

    private void putInPlace(Assembler a) {
        stopped.eachCpu(a, nextCpu -> {
            slabs.stop(a, VICTIM, SLAB, A, B);
            cpuRow(a);
            a.st64(CPU_ROW, OLD_SLAB, SLAB);
        });
        StoppedSlabs.fenceAll(a);
        eachSize(a, next -> {
            tables.row(a, ROW);
            a.ld64(A, PLAN, NEW_BEGIN);
            a.st64(ROW, TcmallocTables.BEGIN, A);
            a.ld64(B, PLAN, MOST);
            a.add(A, A, B);
            a.st64(ROW, TcmallocTables.LAST, A);
        });
        stopped.eachCpu(a, nextCpu -> {
            cpuRow(a);
            a.ld64(A, CPU_ROW, READY);
            a.beqz(A, nextCpu);
            newSlab(a);
            slabs.use(a, VICTIM, SLAB, A);
        });
    }

    private void drainOld(Assembler a) {
        stopped.eachCpu(a, nextCpu -> {
            eachSize(a, next -> drain(a, next));
            cpuRow(a);
            a.ld64(A, CPU_ROW, READY);
            a.bnez(A, nextCpu);
            makeReady(a);
            slabs.use(a, VICTIM, SLAB, A);
        });
    }

    /** The old array's bytes go to the budget, its objects to the transfer cache. */
    private void drain(Assembler a, Assembler.Label next) {
        int left = LEFT;
        Assembler.Label batch = a.label();
        cpuRow(a);
        a.ld64(SLAB, CPU_ROW, OLD_SLAB);
        SlabShapes.header(a, SLAB, HEADER);
        a.ld16(CURRENT, HEADER, SlabShapes.CURRENT_WORD);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.ld64(B, PLAN, OLD_BEGIN);
        a.st16(HEADER, SlabShapes.CURRENT_WORD, B);
        a.st16(HEADER, SlabShapes.END_WORD, B);
        a.sub(END, END, B);
        a.beqz(END, next);
        tables.row(a, ROW);
        a.ld64(A, ROW, TcmallocTables.BYTES);
        a.mul(A, A, END);
        a.xadd(A, INFO, TcmallocTables.AVAILABLE, A);
        a.sub(left, CURRENT, B);
        a.beqz(left, next);
        a.shli(BUFFERED, B, 3);
        a.add(BUFFERED, BUFFERED, SLAB);
        a.ld64(BATCH, ROW, TcmallocTables.BATCH);
        Assembler.Label more = a.here();
        a.mov(NUMBER, BATCH);
        a.bge(left, NUMBER, batch);
        a.mov(NUMBER, left);
        a.place(batch);
        transfer.insert(a, locks, central, BUFFERED, NUMBER);
        a.sub(left, left, NUMBER);
        a.shli(NUMBER, NUMBER, 3);
        a.add(BUFFERED, BUFFERED, NUMBER);
        a.bnez(left, more);
    }
}
