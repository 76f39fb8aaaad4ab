package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * Refill and flush between a strategy's lists and the central pool, block by block with the strategy's own push and
 * pop. Both use T8 to T10 besides what the pool uses; pushes and pops get along with A0 to A2 and T0 to T7.
 */
public final class Batches {
    /** Writes a push of the block in A0; goes on behind itself, or at {@code refused} with the block still in A0. */
    @FunctionalInterface
    public interface Push {
        void emit(Assembler a, Assembler.Label refused);
    }

    /** Writes a pop into A0; goes on behind itself, or at {@code empty}. */
    @FunctionalInterface
    public interface Pop {
        void emit(Assembler a, Assembler.Label empty);
    }

    private Batches() {}

    /**
     * Takes {@code blocks} from the pool, pushes all but the last one singly and leaves the last in A0. A push refused,
     * because the thread has come to a CPU with a full list, gives that block back to the pool.
     */
    public static void refill(Assembler a, CentralPool pool, ClassTable blocks, Push push) {
        Assembler.Label pushed = a.label();
        Assembler.Label refused = a.label();
        Assembler.Label done = a.label();
        a.mark(Mark.TIER, 1);
        blocks.load(a, Reg.A0);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, Reg.A0);
        pool.takeCounted(a);
        a.li(Reg.T9, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, Reg.T9);
        a.ld64(Reg.T8, Reg.A0, NodeLayout.NEXT);
        a.beqz(Reg.T8, done);
        Assembler.Label next = a.here();
        push.emit(a, refused);
        a.place(pushed);
        a.mov(Reg.A0, Reg.T8);
        a.ld64(Reg.T8, Reg.A0, NodeLayout.NEXT);
        a.bnez(Reg.T8, next);
        a.jmp(done);
        a.place(refused);
        a.mov(Reg.A1, Reg.A0);
        pool.give(a);
        a.jmp(pushed);
        a.place(done);
    }

    /** Gives the pool the block in A0 and {@code blocks} - 1 more, popped singly; fewer if the list runs dry. */
    public static void flush(Assembler a, CentralPool pool, ClassTable blocks, Pop pop) {
        Assembler.Label done = a.label();
        a.mark(Mark.TIER, 1);
        a.li(Reg.T9, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, Reg.T9);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, Reg.T9);
        a.mov(Reg.T10, Reg.A0);
        a.mov(Reg.T8, Reg.A0);
        if (!blocks.always(1)) {
            countOthers(a, blocks, done);
            a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, Reg.T9);
            Assembler.Label next = a.here();
            pop.emit(a, done);
            a.st64(Reg.A0, NodeLayout.NEXT, Reg.T8);
            a.mov(Reg.T8, Reg.A0);
            a.djnz(Reg.T9, next);
        }
        a.place(done);
        if (!blocks.always(1)) {
            a.mark(Mark.COUNT, Mark.COUNT_FLUSH_SHORT, Reg.T9);
        }
        a.mov(Reg.A0, Reg.T8);
        a.mov(Reg.A1, Reg.T10);
        pool.give(a);
    }

    /** T9 = how many blocks are given beside the freed one; to {@code none} if there are none. */
    private static void countOthers(Assembler a, ClassTable blocks, Assembler.Label none) {
        if (blocks.single()) {
            a.li(Reg.T9, blocks.of(0) - 1);
            return;
        }
        blocks.load(a, Reg.T9);
        a.addi(Reg.T9, Reg.T9, -1);
        a.beqz(Reg.T9, none);
    }
}
