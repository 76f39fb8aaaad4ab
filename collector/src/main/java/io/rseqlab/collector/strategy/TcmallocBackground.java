package io.rseqlab.collector.strategy;

import static io.rseqlab.collector.strategy.StoppedSlabs.A;
import static io.rseqlab.collector.strategy.StoppedSlabs.B;
import static io.rseqlab.collector.strategy.StoppedSlabs.CURRENT;
import static io.rseqlab.collector.strategy.StoppedSlabs.END;
import static io.rseqlab.collector.strategy.StoppedSlabs.GOT;
import static io.rseqlab.collector.strategy.StoppedSlabs.HEADER;
import static io.rseqlab.collector.strategy.StoppedSlabs.INFO;
import static io.rseqlab.collector.strategy.StoppedSlabs.KEEP;
import static io.rseqlab.collector.strategy.StoppedSlabs.NUMBER;
import static io.rseqlab.collector.strategy.StoppedSlabs.ROW;
import static io.rseqlab.collector.strategy.StoppedSlabs.SLAB;
import static io.rseqlab.collector.strategy.StoppedSlabs.VICTIM;
import static io.rseqlab.collector.strategy.StoppedSlabs.WANTED;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralSpans;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * What TCMalloc does in the background, as a thread of its own that wakes up each second; here each
 * {@code background_us}.
 *
 * <ul>
 *   <li>Each time whole pages go to the system, as many as the application has asked for; by default none.
 *   <li>Every 2nd time, in ten CPUs after those of last time, the five sizes with most misses since that could not pay
 *       for a longer array get arrays longer by a batch, paid from the CPU's budget, or else by arrays of sizes without
 *       such misses.
 *   <li>Every 5th time the five CPUs with most misses since get a twentieth of the budget each, unless they have 256
 *       KiB of theirs to spare, from CPUs with less than four fifths of their misses that have more than a fifth of the
 *       budget: what is not in use, then from arrays.
 *   <li>Every 29th time arrays get other largest lengths, and slabs another size: {@link TcmallocSlabResize}.
 *   <li>Every 30th time CPUs without misses since, whose bytes are the same, lose all objects and arrays.
 * </ul>
 *
 * Another's arrays are touched only while that CPU is stopped: its word is set, then membarrier aborts the sections
 * that may have read it before (by concurrency id those of all CPUs); whoever finds it set goes to the transfer cache
 * with one object. Where the kernel refuses that command nothing is done.
 *
 * <p>Every 2nd time transfer caches are resized too, and every 5th plundered: {@link TcmallocTransfer}.
 *
 * <p>Source: TCMalloc {@code background.cc}, {@code cpu_cache.h}.
 */
final class TcmallocBackground {
    static final String ENTRY = "tcmalloc background";

    /** MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ. */
    private static final int REGISTER = 1 << 8;

    private static final int RESIZE_EVERY = 2;
    private static final int SHUFFLE_EVERY = 5;
    private static final int DRAIN_EVERY = 30;
    private static final int REPLACE_EVERY = 29;
    private static final int RESIZED_CPUS = 10;
    private static final int RESIZED_CLASSES = 5;
    private static final int SHUFFLED_CPUS = 5;
    /** Who has so much of its budget unused wants nothing of others': the largest cached object. */
    private static final int UNUSED_ENOUGH_BYTES = 256 << 10;

    /** So long a sleep at most, so that a thread that is told to end does. */
    private static final long STEP_US = 200;

    private static final int NEXT_CPU = ThreadAreas.FRAME + 16;

    private static final int TIME = Reg.W0;
    private static final int TO = Reg.W2;
    private static final int MOST = Reg.W6;
    private static final int LEFT = Reg.W7;

    private final TcmallocTables tables;
    private final SlabShapes slabs;
    private final StoppedSlabs stopped;
    private final TcmallocSlabResize resize;
    private final TcmallocTransfer transfers;
    private final BlockClasses classes;
    private final StrategyContext context;

    TcmallocBackground(
            TcmallocTables tables,
            SlabShapes slabs,
            StoppedSlabs stopped,
            TcmallocSlabResize resize,
            TcmallocTransfer transfers,
            BlockClasses classes,
            StrategyContext context) {
        this.tables = tables;
        this.slabs = slabs;
        this.stopped = stopped;
        this.resize = resize;
        this.transfers = transfers;
        this.classes = classes;
        this.context = context;
    }

    /** Writes the thread's program here; it is not fallen into, and does not fall through. */
    void emit(Assembler a, SpinLock spinLock, long periodUs, CentralSpans central, long releaseBytes) {
        stopped.emit(a, spinLock);
        resize.emit(a, spinLock);
        transfers.useLocks(spinLock);
        Assembler.Label exit = a.label();
        Assembler.Label resized = a.label();
        Assembler.Label shuffled = a.label();
        Assembler.Label replaced = a.label();
        a.place(a.label(ENTRY));
        a.li(Reg.A0, REGISTER);
        a.syscall(HostCall.SYS_MEMBARRIER);
        a.mov(KEEP, Reg.A0);
        Assembler.Label next = a.here();
        pause(a, periodUs, exit);
        a.bnez(KEEP, next); // the kernel has no such barrier
        a.addi(TIME, TIME, 1);
        if (releaseBytes > 0) {
            central.releasePages(a, spinLock, releaseBytes);
        }
        every(a, RESIZE_EVERY, resized, 0);
        resize(a);
        transfers.resize(a);
        a.place(resized);
        every(a, SHUFFLE_EVERY, shuffled, 8);
        shuffle(a);
        transfers.plunder(a);
        a.place(shuffled);
        every(a, REPLACE_EVERY, replaced, 24);
        resize.lengths(a);
        resize.size(a);
        a.place(replaced);
        every(a, DRAIN_EVERY, next, 16);
        drain(a);
        a.jmp(next);
        a.place(exit);
        a.syscall(HostCall.SYS_EXIT);
    }

    private void pause(Assembler a, long periodUs, Assembler.Label exit) {
        long steps = (periodUs + STEP_US - 1) / STEP_US;
        long stepCycles = Math.max(1, Math.round(1e-6 * periodUs * context.clockHz() / steps));
        a.li(LEFT, steps);
        Assembler.Label step = a.here();
        a.li(Reg.A0, stepCycles);
        a.syscall(HostCall.SYS_NANOSLEEP);
        a.ld64(A, Reg.ZERO, Math.toIntExact(context.stopFlag()));
        a.bnez(A, exit);
        a.djnz(LEFT, step);
    }

    /** Goes on here one time in so many, else at a label; the times are counted in a byte of TIME each. */
    private static void every(Assembler a, int times, Assembler.Label otherwise, int byteShift) {
        if (byteShift > 0) {
            a.li(A, 1L << byteShift);
            a.add(TIME, TIME, A);
        }
        a.shri(A, TIME, byteShift);
        a.andi(A, A, 0xff);
        a.li(B, times);
        a.blt(A, B, otherwise);
        a.li(A, (long) times << byteShift);
        a.sub(TIME, TIME, A);
    }

    // ---- sizes within CPUs

    private void resize(Assembler a) {
        Assembler.Label within = a.label();
        a.li(LEFT, Math.min(RESIZED_CPUS, context.cpus()));
        Assembler.Label next = a.here();
        a.ld64(VICTIM, Reg.TLS, NEXT_CPU);
        a.addi(A, VICTIM, 1);
        a.li(B, context.cpus());
        a.blt(A, B, within);
        a.li(A, 0);
        a.place(within);
        a.st64(Reg.TLS, NEXT_CPU, A);
        tables.info(a, INFO, VICTIM);
        resizeOne(a);
        a.djnz(LEFT, next);
    }

    private void resizeOne(Assembler a) {
        Assembler.Label done = a.label();
        Assembler.Label running = a.label();
        a.li(TO, RESIZED_CLASSES);
        Assembler.Label next = a.here();
        missingMost(a, MOST, NUMBER);
        a.beqz(MOST, done);
        slabs.stopped(a, VICTIM, A);
        a.bnez(A, running);
        stopped.stop(a);
        a.place(running);
        grow(a, next);
        a.djnz(TO, next);
        a.place(done);
        stopped.start(a);
        // what has not come to its turn waits for the next time anew
        a.li(BlockClasses.CLASS, classes.count());
        Assembler.Label other = a.here();
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, -1);
        tables.seen(a, INFO, A, B);
        a.blt(Reg.ZERO, BlockClasses.CLASS, other);
    }

    /** Finds the size with most misses since, and counts them as seen. */
    private void missingMost(Assembler a, int most, int number) {
        Assembler.Label fewer = a.label();
        Assembler.Label none = a.label();
        a.li(most, 0);
        a.li(BlockClasses.CLASS, classes.count());
        Assembler.Label next = a.here();
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, -1);
        tables.misses(a, A, INFO, B, END);
        a.bge(most, A, fewer);
        a.mov(most, A);
        a.mov(number, BlockClasses.CLASS);
        a.place(fewer);
        a.blt(Reg.ZERO, BlockClasses.CLASS, next);
        a.beqz(most, none);
        a.mov(BlockClasses.CLASS, number);
        tables.seen(a, INFO, A, B);
        a.place(none);
    }

    /**
     * Makes the stopped victim's array of the size in CLASS longer by a batch, as far as it may be and is paid for; to
     * {@code longest} if it is as long as it may be.
     */
    private void grow(Assembler a, Assembler.Label longest) {
        Assembler.Label allowed = a.label();
        Assembler.Label paid = a.label();
        Assembler.Label longer = a.label();
        Assembler.Label all = a.label();
        int price = Reg.T10;
        tables.row(a, ROW);
        slabs.header(a, VICTIM, SLAB, HEADER);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.ld64(A, ROW, TcmallocTables.LAST);
        a.sub(A, A, END);
        a.ld64(NUMBER, ROW, TcmallocTables.BATCH);
        a.bge(A, NUMBER, allowed);
        a.mov(NUMBER, A);
        a.place(allowed);
        a.bge(Reg.ZERO, NUMBER, longest);
        a.ld64(price, ROW, TcmallocTables.BYTES);
        a.mul(WANTED, price, NUMBER);
        StoppedSlabs.takeUnused(a);
        a.mov(MOST, GOT);
        a.sub(WANTED, WANTED, GOT);
        a.beqz(WANTED, paid);
        a.st64(Reg.TLS, ThreadAreas.FRAME, BlockClasses.CLASS);
        a.st64(Reg.TLS, ThreadAreas.FRAME + 8, NUMBER);
        a.li(KEEP, 1);
        stopped.shrink(a);
        a.li(KEEP, 0);
        a.ld64(BlockClasses.CLASS, Reg.TLS, ThreadAreas.FRAME);
        a.ld64(NUMBER, Reg.TLS, ThreadAreas.FRAME + 8);
        a.add(MOST, MOST, GOT);
        a.place(paid);
        tables.row(a, ROW);
        slabs.header(a, VICTIM, SLAB, HEADER);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.ld64(price, ROW, TcmallocTables.BYTES);
        a.place(longer);
        a.blt(MOST, price, all);
        a.sub(MOST, MOST, price);
        a.addi(END, END, 1);
        a.djnz(NUMBER, longer);
        a.place(all);
        a.st16(HEADER, SlabShapes.END_WORD, END);
        a.xadd(A, INFO, TcmallocTables.AVAILABLE, MOST);
    }

    // ---- budgets among CPUs

    private void shuffle(Assembler a) {
        Assembler.Label done = a.label();
        Assembler.Label given = a.label();
        stopped.eachCpu(a, next -> {
            a.ld64(A, INFO, TcmallocTables.TOTAL);
            a.ld64(B, INFO, TcmallocTables.BEFORE_SHUFFLE);
            a.sub(B, A, B);
            a.st64(INFO, TcmallocTables.BEFORE_SHUFFLE, A);
            a.st64(INFO, TcmallocTables.SINCE, B);
            a.st64(INFO, TcmallocTables.UNSERVED, B);
        });
        a.li(LEFT, Math.min(SHUFFLED_CPUS, context.cpus()));
        Assembler.Label serve = a.here();
        a.li(MOST, 0);
        stopped.eachCpu(a, next -> {
            a.ld64(A, INFO, TcmallocTables.UNSERVED);
            a.bge(MOST, A, next);
            a.mov(MOST, A);
            a.mov(TO, INFO);
        });
        a.beqz(MOST, done);
        a.st64(TO, TcmallocTables.UNSERVED, Reg.ZERO);
        a.ld64(A, TO, TcmallocTables.AVAILABLE);
        a.li(B, UNUSED_ENOUGH_BYTES);
        a.bge(A, B, given);
        a.li(WANTED, Math.max(1, tables.budget() / 20));
        stopped.eachCpu(a, next -> {
            a.bge(Reg.ZERO, WANTED, given);
            steal(a, next);
        });
        a.place(given);
        a.djnz(LEFT, serve);
        a.place(done);
    }

    /** From the victim to the CPU that is served, if the victim has enough and can do without. */
    private void steal(Assembler a, Assembler.Label next) {
        a.beq(INFO, TO, next);
        a.ld64(A, INFO, TcmallocTables.SINCE);
        a.li(B, 5);
        a.mul(A, A, B);
        a.shli(B, MOST, 2);
        a.bge(A, B, next);
        a.li(A, tables.budget() / 5);
        a.ld64(B, INFO, TcmallocTables.LIMIT);
        a.bge(A, B, next);
        StoppedSlabs.takeUnused(a);
        hand(a);
        a.bge(Reg.ZERO, WANTED, next);
        stopped.stop(a);
        stopped.shrink(a);
        stopped.start(a);
        hand(a);
    }

    /** GOT bytes of limit go from the victim to the CPU that is served, WANTED is what it still wants. */
    private static void hand(Assembler a) {
        a.sub(WANTED, WANTED, GOT);
        a.ld64(A, INFO, TcmallocTables.LIMIT);
        a.sub(A, A, GOT);
        a.st64(INFO, TcmallocTables.LIMIT, A);
        a.ld64(A, TO, TcmallocTables.LIMIT);
        a.add(A, A, GOT);
        a.st64(TO, TcmallocTables.LIMIT, A);
        a.xadd(A, TO, TcmallocTables.AVAILABLE, GOT);
    }

    // ---- idle CPUs

    private void drain(Assembler a) {
        stopped.eachCpu(a, next -> {
            Assembler.Label idle = a.label();
            a.li(GOT, 0);
            a.li(BlockClasses.CLASS, classes.count());
            Assembler.Label add = a.here();
            a.addi(BlockClasses.CLASS, BlockClasses.CLASS, -1);
            tables.row(a, ROW);
            slabs.header(a, VICTIM, SLAB, HEADER);
            a.ld16(CURRENT, HEADER, SlabShapes.CURRENT_WORD);
            a.ld64(A, ROW, TcmallocTables.BEGIN);
            a.sub(CURRENT, CURRENT, A);
            a.ld64(A, ROW, TcmallocTables.BYTES);
            a.mul(A, A, CURRENT);
            a.add(GOT, GOT, A);
            a.blt(Reg.ZERO, BlockClasses.CLASS, add);
            a.ld64(A, INFO, TcmallocTables.TOTAL);
            a.ld64(B, INFO, TcmallocTables.BEFORE_DRAIN);
            a.ld64(END, INFO, TcmallocTables.USED);
            a.st64(INFO, TcmallocTables.BEFORE_DRAIN, A);
            a.st64(INFO, TcmallocTables.USED, GOT);
            a.bne(A, B, next);
            a.beq(END, GOT, idle);
            a.jmp(next);
            a.place(idle);
            a.beqz(GOT, next);
            stopped.stop(a);
            a.li(WANTED, 2 * tables.budget() * context.cpus());
            stopped.shrink(a);
            a.st64(INFO, TcmallocTables.USED, Reg.ZERO);
            stopped.start(a);
            a.xadd(A, INFO, TcmallocTables.AVAILABLE, GOT);
        });
    }
}
