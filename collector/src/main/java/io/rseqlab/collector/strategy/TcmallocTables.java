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

    // ---- a CPU's size: how many misses of a kind there were in a row, and which kind; all misses, and as they were
    // when its arrays were last resized
    static final int ROW_MISSES = 64;
    static final int ROW_KIND = 72;
    static final int ROW_TOTAL = 80;
    static final int ROW_BEFORE = 88;
    private static final int MISS_SHIFT = 5;

    private final long rows;
    private final long infos;
    private final int infoShift;
    private final long budget;

    /** @param budget bytes that the arrays of a CPU may hold */
    TcmallocTables(StrategyContext context, BlockClasses classes, CpuSlabs slabs, long budget) {
        this.budget = budget;
        Layout layout = context.layout();
        rows = layout.reserve((long) classes.count() << ROW_SHIFT, 2 * Layout.LINE);
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            long row = rows + ((long) i << ROW_SHIFT);
            layout.word(row + BEGIN, slabs.begin(i));
            layout.word(row + LAST, slabs.begin(i) + slabs.most(i));
            layout.word(row + BATCH, ChainSlots.batch(bytes));
            layout.word(row + BYTES, bytes);
        }
        infoShift = 32 - Integer.numberOfLeadingZeros(ROW_MISSES + (classes.count() << MISS_SHIFT) + 127);
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
        a.shli(miss, BlockClasses.CLASS, MISS_SHIFT);
        a.add(miss, miss, info);
    }

    /** rd = the misses of the size in CLASS since arrays were last resized, on the CPU whose info it is. */
    void misses(Assembler a, int rd, int info, int address, int temporary) {
        miss(a, address, info);
        a.ld64(rd, address, ROW_TOTAL);
        a.ld64(temporary, address, ROW_BEFORE);
        a.sub(rd, rd, temporary);
    }

    /** They are seen. */
    void seen(Assembler a, int info, int address, int temporary) {
        miss(a, address, info);
        a.ld64(temporary, address, ROW_TOTAL);
        a.st64(address, ROW_BEFORE, temporary);
    }

    /** buffer = the thread's buffer of pointers. */
    void buffer(Assembler a, int buffer) {
        a.ld64(buffer, Reg.TLS, BUFFER);
    }
}
