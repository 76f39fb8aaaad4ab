package io.rseqlab.collector.strategy;

import static io.rseqlab.collector.strategy.SlabReplacement.MISSES;
import static io.rseqlab.collector.strategy.SlabReplacement.MOST;
import static io.rseqlab.collector.strategy.SlabReplacement.PLAN;
import static io.rseqlab.collector.strategy.SlabReplacement.SET;
import static io.rseqlab.collector.strategy.SlabReplacement.SHAPE;
import static io.rseqlab.collector.strategy.StoppedSlabs.A;
import static io.rseqlab.collector.strategy.StoppedSlabs.B;
import static io.rseqlab.collector.strategy.StoppedSlabs.CURRENT;
import static io.rseqlab.collector.strategy.StoppedSlabs.END;
import static io.rseqlab.collector.strategy.StoppedSlabs.HEADER;
import static io.rseqlab.collector.strategy.StoppedSlabs.INFO;
import static io.rseqlab.collector.strategy.StoppedSlabs.NUMBER;
import static io.rseqlab.collector.strategy.StoppedSlabs.ROW;
import static io.rseqlab.collector.strategy.StoppedSlabs.SLAB;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.Static;

/**
 * How TCMalloc's background thread gives arrays other largest lengths, and slabs another size.
 *
 * <ul>
 *   <li>Lengths: the sizes with most misses while their array was as long as it may be, on all CPUs together and since
 *       the last time, may have five batches more, the next four, and so on down to one; those with the fewest, a batch
 *       each, lose as much, and keep a batch. Sizes that the application does not use give first.
 *   <li>Size: where overflows, and one more, are more than nine tenths of underflows, and one more, slabs of twice the
 *       bytes are taken; where they are less than four tenths, of half. All lengths are then as at first for that size.
 * </ul>
 *
 * In both cases all CPUs get new slabs, of the other set of the same shape or of the other shape:
 * {@link SlabReplacement}.
 *
 * <p>Source: TCMalloc {@code cpu_cache.h} (GetUpdatedMaxCapacities, ResizeSizeClassMaxCapacities, ShouldResizeSlab,
 * ResizeSlabIfNeeded). Left out: slabs of 512 KiB, with which one CPU's ratio is enough to grow.
 */
final class TcmallocSlabResize {
    // ---- what slabs are now: the shape; which of its two sets, in bytes; what unused sizes can give; how much of that
    // in one go; underflows and overflows as they were the last time
    private static final int SHAPE_WORD = 0;
    private static final int SET_WORD = 8;
    private static final int SPARE_WORD = 16;
    private static final int STEP_WORD = 24;
    private static final int UNDERFLOWS = 32;
    private static final int OVERFLOWS = 40;

    private static final int MOST_GROWN = SlabShapes.ALL_SIZES / 2;
    private static final int FIRST_FACTOR = 5;
    private static final int GROW_TENTHS = 9;
    private static final int SHRINK_TENTHS = 4;

    private static final int C = Reg.A2;
    private static final int SIZE = Reg.T10;
    private static final int TARGET = Reg.T11;
    private static final int GROWN = Reg.W6;
    private static final int LEFT = Reg.W7;
    private static final int FACTOR = Reg.W8;

    private final TcmallocTables tables;
    private final SlabShapes slabs;
    private final StoppedSlabs stopped;
    private final SlabReplacement replacement;
    private final BlockClasses classes;
    private final long words;

    TcmallocSlabResize(
            TcmallocTables tables,
            SlabShapes slabs,
            StoppedSlabs stopped,
            SlabReplacement replacement,
            BlockClasses classes,
            Layout layout) {
        this.tables = tables;
        this.slabs = slabs;
        this.stopped = stopped;
        this.replacement = replacement;
        this.classes = classes;
        words = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        layout.word(words + SHAPE_WORD, slabs.firstShape());
        layout.word(words + SPARE_WORD, slabs.spare());
    }

    /** Writes the subroutine here. */
    void emit(Assembler a, SpinLock spinLock) {
        replacement.emit(a, spinLock);
    }

    // ---- largest lengths

    /** Changes largest lengths; changes LINK, all temporaries and the background's registers but TIME and KEEP. */
    void lengths(Assembler a) {
        Assembler.Label done = a.label();
        Assembler.Label grow = a.label();
        countMisses(a);
        Static.load(a, SHAPE, words + SHAPE_WORD);
        a.ld64(A, SHAPE, SlabShapes.STEP);
        Static.store(a, words + STEP_WORD, A);
        a.li(GROWN, 0);
        a.li(FACTOR, FIRST_FACTOR);
        a.li(LEFT, MOST_GROWN);
        a.place(grow);
        Assembler.Label enough = a.label();
        growOne(a, enough);
        Assembler.Label least = a.label();
        a.li(GROWN, 1);
        a.li(A, 1);
        a.beq(FACTOR, A, least);
        a.addi(FACTOR, FACTOR, -1);
        a.place(least);
        a.djnz(LEFT, grow);
        a.place(enough);
        a.beqz(GROWN, done);
        Static.load(a, A, words + SET_WORD);
        a.li(B, 8);
        a.xor(A, A, B);
        Static.store(a, words + SET_WORD, A);
        a.mov(SET, A);
        replacement.replace(a);
        a.place(done);
    }

    private void countMisses(Assembler a) {
        replacement.eachSize(a, next -> {
            tables.row(a, ROW);
            a.ld64(A, ROW, TcmallocTables.LAST);
            a.ld64(B, ROW, TcmallocTables.BEGIN);
            a.sub(A, A, B);
            a.st64(PLAN, MOST, A);
            a.st64(PLAN, MISSES, Reg.ZERO);
        });
        stopped.eachCpu(a, nextCpu -> {
            a.ld64(A, INFO, TcmallocTables.TOTAL);
            a.beqz(A, nextCpu);
            replacement.eachSize(a, next -> {
                tables.atMost(a, A, INFO, B, END);
                a.ld64(B, PLAN, MISSES);
                a.add(B, B, A);
                a.st64(PLAN, MISSES, B);
            });
        });
    }

    /** The size with most misses may have more; to {@code enough} if none has any, or nobody can give. */
    private void growOne(Assembler a, Assembler.Label enough) {
        Assembler.Label got = a.label();
        int best = C;
        int size = SIZE;
        int shrunk = CURRENT;
        a.li(best, 1);
        a.li(size, -1);
        replacement.eachSize(a, next -> {
            a.ld64(A, PLAN, MISSES);
            a.blt(A, best, next); // of equal ones the smallest size
            a.mov(best, A);
            a.mov(size, BlockClasses.CLASS);
        });
        a.blt(size, Reg.ZERO, enough);
        hasHadItsTurn(a, size);
        tables.row(a, ROW);
        a.ld64(TARGET, ROW, TcmallocTables.BATCH);
        a.mul(TARGET, TARGET, FACTOR);
        halve(a, TARGET);
        fromUnused(a, shrunk);
        Assembler.Label more = a.here();
        a.bge(Reg.ZERO, TARGET, got);
        fromFewest(a, shrunk, more, got);
        a.jmp(more);
        a.place(got);
        a.beqz(shrunk, enough);
        a.mov(BlockClasses.CLASS, size);
        replacement.plan(a);
        a.ld64(A, PLAN, MOST);
        a.add(A, A, shrunk);
        a.st64(PLAN, MOST, A);
    }

    private void hasHadItsTurn(Assembler a, int size) {
        a.mov(BlockClasses.CLASS, size);
        replacement.plan(a);
        a.li(A, -1);
        a.st64(PLAN, MISSES, A);
    }

    /** A number for slabs of 256 KiB becomes that for slabs of the shape. */
    private static void halve(Assembler a, int number) {
        Assembler.Label whole = a.label();
        a.ld64(A, SHAPE, SlabShapes.HALVINGS);
        a.beqz(A, whole);
        Assembler.Label again = a.here();
        a.shri(number, number, 1);
        a.djnz(A, again);
        a.place(whole);
    }

    /** What is wanted, what unused sizes have, or what of it they may give in one go: the least of these. */
    private void fromUnused(Assembler a, int shrunk) {
        a.mov(shrunk, TARGET);
        for (int word : new int[] {SPARE_WORD, STEP_WORD}) {
            Assembler.Label enough = a.label();
            Static.load(a, B, words + word);
            a.bge(B, shrunk, enough);
            a.mov(shrunk, B);
            a.place(enough);
        }
        for (int word : new int[] {SPARE_WORD, STEP_WORD}) {
            Static.load(a, B, words + word);
            a.sub(B, B, shrunk);
            Static.store(a, words + word, B);
        }
        a.sub(TARGET, TARGET, shrunk);
    }

    /** A size with the fewest misses of those that had no turn gives what it can; to {@code nobody} if none is left. */
    private void fromFewest(Assembler a, int shrunk, Assembler.Label refused, Assembler.Label nobody) {
        Assembler.Label most = a.label();
        Assembler.Label wanted = a.label();
        int fewest = C;
        int size = SLAB;
        int has = HEADER;
        a.li(fewest, Long.MAX_VALUE);
        a.li(size, -1);
        replacement.eachSize(a, next -> {
            a.ld64(A, PLAN, MISSES);
            a.blt(A, Reg.ZERO, next);
            a.bge(A, fewest, next); // of equal ones the largest size
            a.mov(fewest, A);
            a.mov(size, BlockClasses.CLASS);
        });
        a.blt(size, Reg.ZERO, nobody);
        hasHadItsTurn(a, size);
        tables.row(a, ROW);
        a.ld64(NUMBER, ROW, TcmallocTables.BATCH);
        halve(a, NUMBER);
        a.ld64(has, PLAN, MOST);
        a.sub(B, has, NUMBER);
        a.bge(B, NUMBER, most);
        a.mov(NUMBER, B);
        a.place(most);
        a.bge(TARGET, NUMBER, wanted);
        a.mov(NUMBER, TARGET);
        a.place(wanted);
        a.bge(Reg.ZERO, NUMBER, refused);
        a.sub(has, has, NUMBER);
        a.st64(PLAN, MOST, has);
        a.sub(TARGET, TARGET, NUMBER);
        a.add(shrunk, shrunk, NUMBER);
    }

    // ---- the size of slabs

    /** Takes larger or smaller slabs, if misses say so; changes as much. */
    void size(Assembler a) {
        Assembler.Label smaller = a.label();
        Assembler.Label take = a.label();
        Assembler.Label done = a.label();
        int underflows = LEFT;
        int overflows = GROWN;
        countFlows(a, underflows, overflows);
        Static.load(a, SHAPE, words + SHAPE_WORD);
        // overflows + 1 > 0.9 (underflows + 1)
        a.addi(A, overflows, 1);
        times(a, A, 10);
        a.addi(B, underflows, 1);
        times(a, B, GROW_TENTHS);
        a.bge(B, A, smaller);
        a.li(A, slabs.largest());
        a.beq(SHAPE, A, done);
        a.addi(SHAPE, SHAPE, Math.toIntExact(slabs.stride()));
        a.jmp(take);
        a.place(smaller);
        a.mov(A, overflows);
        times(a, A, 10);
        a.mov(B, underflows);
        times(a, B, SHRINK_TENTHS);
        a.bge(A, B, done);
        a.li(A, slabs.smallest());
        a.beq(SHAPE, A, done);
        a.addi(SHAPE, SHAPE, Math.toIntExact(-slabs.stride()));
        a.place(take);
        Static.store(a, words + SHAPE_WORD, SHAPE);
        a.ld64(A, SHAPE, SlabShapes.SPARE);
        Static.store(a, words + SPARE_WORD, A);
        replacement.eachSize(a, next -> {
            a.shli(A, BlockClasses.CLASS, 3);
            a.add(A, A, SHAPE);
            a.ld64(A, A, SlabShapes.MOST);
            a.st64(PLAN, MOST, A);
        });
        Static.load(a, SET, words + SET_WORD);
        replacement.replace(a);
        a.place(done);
    }

    private static void times(Assembler a, int number, int factor) {
        a.li(END, factor);
        a.mul(number, number, END);
    }

    /** Underflows and overflows of all CPUs since the last time; they are seen. */
    private void countFlows(Assembler a, int underflows, int overflows) {
        a.li(underflows, 0);
        a.li(overflows, 0);
        stopped.eachCpu(a, nextCpu -> {
            a.ld64(A, INFO, TcmallocTables.TOTAL);
            a.beqz(A, nextCpu);
            a.add(underflows, underflows, A);
            replacement.eachSize(a, next -> {
                tables.miss(a, A, INFO);
                a.ld64(A, A, TcmallocTables.ROW_OVERFLOWS);
                a.add(overflows, overflows, A);
            });
        });
        a.sub(underflows, underflows, overflows);
        since(a, underflows, UNDERFLOWS);
        since(a, overflows, OVERFLOWS);
    }

    private void since(Assembler a, int number, int word) {
        Static.load(a, A, words + word);
        Static.store(a, words + word, number);
        a.sub(number, number, A);
    }

    // ---- audit

    /** What arrays may have at most, and what unused sizes can give, is together as much as at first for that size. */
    void audit(Audit audit) {
        long has = audit.word(words + SPARE_WORD);
        for (int i = 0; i < classes.count(); i++) {
            has += audit.word(tables.row(i) + TcmallocTables.LAST) - audit.word(tables.row(i) + TcmallocTables.BEGIN);
        }
        long room = slabs.room(audit.word(words + SHAPE_WORD));
        audit.expect(has == room, "arrays may have " + has + " objects, and there is room for " + room);
    }

    /** Where the shape stands that slabs have. */
    long shapeWord() {
        return words + SHAPE_WORD;
    }

    /** Underflows of all CPUs when there was last a look at them. */
    long underflows(MemoryView memory) {
        return memory.read64(words + UNDERFLOWS);
    }

    /** Overflows, likewise. */
    long overflows(MemoryView memory) {
        return memory.read64(words + OVERFLOWS);
    }
}
