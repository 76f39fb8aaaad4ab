package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralSpans;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.TransferCache;
import java.util.function.Consumer;

/**
 * How TCMalloc's background thread acts on another CPU's slab: its word is set, membarrier aborts the sections there
 * that may have read it before (by concurrency id those of all CPUs), arrays are shortened, the word is cleared.
 * Whoever finds it set goes to the transfer cache with one object. Registers are the background thread's; it has all to
 * itself.
 *
 * <p>Source: TCMalloc {@code percpu_tcmalloc.h} (StopCpu, StartCpu, ShrinkOtherCache).
 */
final class StoppedSlabs {
    // ---- membarrier's command and flag: MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU
    private static final int FENCE = 1 << 7;
    private static final int ONE_CPU = 1;

    static final int VICTIM = Reg.W1;
    static final int WANTED = Reg.W3;
    static final int GOT = Reg.W4;
    static final int INFO = Reg.W5;
    private static final int PROGRESS = Reg.W8;
    /** Whether sizes with misses keep their arrays. */
    static final int KEEP = Reg.WORKLOAD;

    static final int NUMBER = Reg.T7;
    private static final int BUFFERED = Reg.T8;
    static final int ROW = Reg.T0;
    static final int SLAB = Reg.T1;
    static final int HEADER = Reg.T2;
    static final int CURRENT = Reg.T3;
    static final int A = Reg.T4;
    static final int B = Reg.T5;
    static final int END = Reg.T6;

    private final TcmallocTables tables;
    private final SlabShapes slabs;
    private final TransferCache transfer;
    private final CentralSpans central;
    private final BlockClasses classes;
    private final boolean byCpu;
    private final StrategyContext context;
    private SpinLock locks;
    private Assembler.Label shrink;

    /** @param byCpu slabs are by the CPU's number, so that a barrier may name one */
    StoppedSlabs(
            TcmallocTables tables,
            SlabShapes slabs,
            TransferCache transfer,
            CentralSpans central,
            BlockClasses classes,
            boolean byCpu,
            StrategyContext context) {
        this.tables = tables;
        this.slabs = slabs;
        this.transfer = transfer;
        this.central = central;
        this.classes = classes;
        this.byCpu = byCpu;
        this.context = context;
    }

    /** Writes the subroutine here. */
    void emit(Assembler a, SpinLock spinLock) {
        locks = spinLock;
        shrink = a.label();
        emitShrink(a);
    }

    /** Shortens arrays of the stopped victim; changes LINK, PROGRESS, CLASS and temporaries. */
    void shrink(Assembler a) {
        a.call(shrink, Reg.LINK);
    }

    /** Goes through all CPUs; the body leaves by {@code next} early. */
    void eachCpu(Assembler a, Consumer<Assembler.Label> body) {
        Assembler.Label next = a.label();
        Assembler.Label test = a.label();
        a.li(VICTIM, 0);
        Assembler.Label again = a.here();
        tables.info(a, INFO, VICTIM);
        body.accept(next);
        a.place(next);
        a.addi(VICTIM, VICTIM, 1);
        a.place(test);
        a.li(A, context.cpus());
        a.blt(VICTIM, A, again);
    }

    void stop(Assembler a) {
        slabs.stop(a, VICTIM, SLAB, A, B);
        a.li(Reg.A0, FENCE);
        a.li(Reg.A1, byCpu ? ONE_CPU : 0);
        a.mov(Reg.A2, VICTIM);
        a.syscall(HostCall.SYS_MEMBARRIER);
    }

    /** Aborts the sections on all CPUs. */
    static void fenceAll(Assembler a) {
        a.li(Reg.A0, FENCE);
        a.li(Reg.A1, 0);
        a.syscall(HostCall.SYS_MEMBARRIER);
    }

    void start(Assembler a) {
        slabs.start(a, VICTIM, SLAB, A);
    }

    /** GOT = what is not in use of the victim's budget, WANTED bytes at most, taken. */
    static void takeUnused(Assembler a) {
        Assembler.Label again = a.here();
        Assembler.Label less = a.label();
        a.ld64(A, INFO, TcmallocTables.AVAILABLE);
        a.mov(GOT, WANTED);
        a.bge(A, GOT, less);
        a.mov(GOT, A);
        a.place(less);
        a.sub(B, A, GOT);
        a.cas64(END, INFO, TcmallocTables.AVAILABLE, A, B);
        a.bne(END, A, again);
    }

    /**
     * Subroutine: shortens the arrays of the stopped victim until they have given WANTED bytes, or none gives any more:
     * by one object each in turn, large sizes first. GOT = the bytes. Changes CLASS, PROGRESS and temporaries.
     */
    private void emitShrink(Assembler a) {
        Assembler.Label done = a.label();
        Assembler.Label turn = a.label();
        Assembler.Label any = a.label();
        Assembler.Label room = a.label();
        Assembler.Label turned = a.label();
        a.place(shrink);
        a.li(GOT, 0);
        a.place(turn);
        a.li(PROGRESS, 0);
        a.li(BlockClasses.CLASS, classes.count());
        Assembler.Label next = a.here();
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, -1);
        a.blt(BlockClasses.CLASS, Reg.ZERO, turned);
        a.bge(GOT, WANTED, done);
        tables.row(a, ROW);
        slabs.header(a, VICTIM, SLAB, HEADER);
        a.ld16(CURRENT, HEADER, SlabShapes.CURRENT_WORD);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.ld64(A, ROW, TcmallocTables.BEGIN);
        a.beq(A, END, next);
        a.beqz(KEEP, any);
        tables.misses(a, A, INFO, B, NUMBER);
        a.bnez(A, next);
        a.place(any);
        a.ld64(A, ROW, TcmallocTables.BYTES);
        a.add(GOT, GOT, A);
        a.li(PROGRESS, 1);
        a.addi(A, END, -1);
        a.st16(HEADER, SlabShapes.END_WORD, A);
        a.blt(CURRENT, END, room);
        a.st16(HEADER, SlabShapes.CURRENT_WORD, A);
        a.shli(A, A, 3);
        a.add(A, A, SLAB);
        a.ld64(B, A, 0);
        tables.buffer(a, BUFFERED);
        a.st64(BUFFERED, 0, B);
        a.li(NUMBER, 1);
        transfer.insert(a, locks, central, BUFFERED, NUMBER);
        a.place(room);
        a.jmp(next);
        a.place(turned);
        a.bnez(PROGRESS, turn);
        a.place(done);
        a.ret(Reg.LINK);
    }
}
