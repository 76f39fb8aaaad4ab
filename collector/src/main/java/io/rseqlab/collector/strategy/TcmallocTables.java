package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.ChainSlots;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * What TCMalloc keeps beside its slabs: a line per size that all read, and what each CPU counts, for itself and per
 * size. Source: TCMalloc {@code cpu_cache.h} (ResizeInfo and its counts of misses), {@code sizemap.h}.
 */
final class TcmallocTables {
    /** In a thread's area: address of a buffer of pointers. */
    static final int BUFFER = ThreadAreas.REST + 16;

    // ---- a size's line: where its array begins and may end in a slab, in words; its batch; its bytes
    static final int BEGIN = 0;
    static final int LAST = 8;
    static final int BATCH = 16;
    static final int BYTES = 24;
    private static final int ROW_SHIFT = 6;

    // ---- a CPU: bytes of its budget that no array has; the whole budget; its misses so far, as they were when budgets
    // were last shuffled, and since then; the same where nothing is done for it yet; when idle CPUs were last drained,
    // and the bytes of its objects then
    static final int AVAILABLE = 0;
    static final int LIMIT = 8;
    static final int TOTAL = 16;
    static final int BEFORE_SHUFFLE = 24;
    static final int SINCE = 32;
    static final int UNSERVED = 40;
    static final int BEFORE_DRAIN = 48;
    static final int USED = 56;

    // ---- a CPU's size: how many misses of a kind there were in a row, and which kind; where there is somebody to look
    // at them, those in which the budget had not what its array was to grow by, and as they were when arrays were last
    // resized; those in which its array was as long as it may be, and as they were when that was last changed; and its
    // overflows
    static final int ROW_MISSES = 64;
    static final int ROW_KIND = 72;
    static final int ROW_UNPAID = 80;
    static final int ROW_BEFORE = 88;
    static final int ROW_AT_MOST = 96;
    static final int ROW_AT_MOST_BEFORE = 104;
    static final int ROW_OVERFLOWS = 112;
    private static final int MISS_SHIFT = 5;
    private static final int WATCHED_MISS_SHIFT = 6;

    private final long rows;
    private final long infos;
    private final int infoShift;
    private final int missShift;
    private final long budget;

    /**
     * @param budget bytes that the arrays of a CPU may hold
     * @param watched somebody looks at misses
     */
    TcmallocTables(StrategyContext context, BlockClasses classes, SlabShapes shapes, long budget, boolean watched) {
        this.budget = budget;
        missShift = watched ? WATCHED_MISS_SHIFT : MISS_SHIFT;
        Layout layout = context.layout();
        rows = layout.reserve((long) classes.count() << ROW_SHIFT, 2 * Layout.LINE);
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            long row = row(i);
            layout.word(row + BEGIN, shapes.begin(i));
            layout.word(row + LAST, shapes.begin(i) + shapes.most(i));
            layout.word(row + BATCH, ChainSlots.batch(bytes));
            layout.word(row + BYTES, bytes);
        }
        infoShift = 32 - Integer.numberOfLeadingZeros(ROW_MISSES + (classes.count() << missShift) + 127);
        infos = layout.reserve((long) context.cpus() << infoShift, 2 * Layout.LINE);
        for (int cpu = 0; cpu < context.cpus(); cpu++) {
            layout.word(info(cpu) + AVAILABLE, budget);
            layout.word(info(cpu) + LIMIT, budget);
        }
    }

    /** Bytes that the arrays of a CPU may hold at first. */
    long budget() {
        return budget;
    }

    /** Where what a CPU keeps lies. */
    long info(int cpu) {
        return infos + ((long) cpu << infoShift);
    }

    /** row = the line of the size in {@link BlockClasses#CLASS}: two micro-operations. */
    void row(Assembler a, int row) {
        a.shli(row, BlockClasses.CLASS, ROW_SHIFT);
        a.addi(row, row, Math.toIntExact(rows));
    }

    /** info = what the CPU of a number keeps: two micro-operations. */
    void info(Assembler a, int info, int number) {
        a.shli(info, number, infoShift);
        a.addi(info, info, Math.toIntExact(infos));
    }

    /** miss = where the misses of the size in {@link BlockClasses#CLASS} lie, less {@link #ROW_MISSES}. */
    void miss(Assembler a, int miss, int info) {
        a.shli(miss, BlockClasses.CLASS, missShift);
        a.add(miss, miss, info);
    }

    /** Where the line of a size lies. */
    long row(int sizeClass) {
        return rows + ((long) sizeClass << ROW_SHIFT);
    }

    /** rd = the unpaid misses of the size in CLASS since arrays were last resized, on the CPU whose info it is. */
    void misses(Assembler a, int rd, int info, int address, int temporary) {
        miss(a, address, info);
        a.ld64(rd, address, ROW_UNPAID);
        a.ld64(temporary, address, ROW_BEFORE);
        a.sub(rd, rd, temporary);
    }

    /** They are seen. */
    void seen(Assembler a, int info, int address, int temporary) {
        miss(a, address, info);
        a.ld64(temporary, address, ROW_UNPAID);
        a.st64(address, ROW_BEFORE, temporary);
    }

    /** rd = its misses since lengths were last changed with its array as long as it may be; they are seen. */
    void atMost(Assembler a, int rd, int info, int address, int temporary) {
        miss(a, address, info);
        a.ld64(rd, address, ROW_AT_MOST);
        a.ld64(temporary, address, ROW_AT_MOST_BEFORE);
        a.st64(address, ROW_AT_MOST_BEFORE, rd);
        a.sub(rd, rd, temporary);
    }

    /** buffer = the thread's buffer of pointers. */
    void buffer(Assembler a, int buffer) {
        a.ld64(buffer, Reg.TLS, BUFFER);
    }
}
