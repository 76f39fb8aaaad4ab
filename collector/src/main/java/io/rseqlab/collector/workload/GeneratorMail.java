package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import java.util.function.Consumer;

/**
 * How objects of {@link Generator} get to other threads: a thread collects a batch in an array of its own and swaps the
 * array for the empty one in a cell of the receiver's, of which each has eight, or of those that all share. Where it
 * finds full arrays only it frees what it comes to hold itself; a producer waits. A receiver looks at cells in turn, in
 * each step until it finds an empty one.
 */
final class GeneratorMail {
    /** Offsets in a thread's area: the array to be filled, an empty one, the number of the next cell. */
    private static final int OUT = 64;

    private static final int SPARE = 72;
    private static final int TURN = 80;

    /** Where objects begin in an array; before them is how many there are. */
    private static final int FIRST = 64;

    private static final int CELLS = 8;
    private static final int CELL_SHIFT = 6;

    private static final int ARRAY = Reg.W1;
    private static final int OBJECT = Reg.W2;
    private static final int CELL = Reg.W4;
    private static final int COUNT = Reg.W5;
    private static final int LEFT = Reg.W6;

    private final ThreadLoop loop;
    private final Draws draws;
    private final Consumer<Assembler> free;
    private final int threads;
    private final int batch;
    private final String to;
    private final long cells;

    /**
     * @param draws whose number drawn last is in W3; W4 changes
     * @param free frees the object in W2; keeps W1, W5 and W6
     */
    GeneratorMail(Settings settings, WorkloadContext context, ThreadLoop loop, Draws draws, Consumer<Assembler> free) {
        this.loop = loop;
        this.draws = draws;
        this.free = free;
        threads = context.threads();
        batch = (int) settings.count(Generator.BATCH);
        to = settings.choice(Generator.TO);
        Layout layout = context.layout();
        long all = (long) threads * CELLS;
        cells = layout.reserve(all << CELL_SHIFT, 2 * Layout.LINE);
        for (int cell = 0; cell < all; cell++) {
            layout.word(cells + ((long) cell << CELL_SHIFT), array(layout));
        }
        for (int thread = 0; thread < threads; thread++) {
            layout.word(loop.threadBase(thread) + OUT, array(layout));
            layout.word(loop.threadBase(thread) + SPARE, array(layout));
        }
    }

    private long array(Layout layout) {
        return layout.reserve(FIRST + 8L * batch, 2 * Layout.LINE);
    }

    /** CELL = address of a cell of the thread whose number is in it, of those that all share if nobody is meant. */
    private void cell(Assembler a) {
        loop.bump(a, TURN);
        a.ld64(COUNT, Reg.WORKLOAD, TURN);
        if (to.equals(Generator.QUEUE)) {
            draws.draw(a);
            draws.below(a, COUNT, threads * CELLS);
            a.mov(CELL, COUNT);
        } else {
            a.andi(COUNT, COUNT, CELLS - 1);
            a.shli(CELL, CELL, 3);
            a.add(CELL, CELL, COUNT);
        }
        a.shli(CELL, CELL, CELL_SHIFT);
        a.li(COUNT, cells);
        a.add(CELL, CELL, COUNT);
    }

    /** LEFT = number of the receiver. */
    private void receiver(Assembler a) {
        Assembler.Label within = a.label();
        if (to.equals(Generator.QUEUE)) {
            return;
        }
        a.ld64(LEFT, Reg.WORKLOAD, ThreadLoop.ID);
        if (to.equals("random")) {
            draws.draw(a);
            draws.belowByLowerBits(a, COUNT, Math.max(1, threads - 1));
            a.add(LEFT, LEFT, COUNT);
        }
        a.addi(LEFT, LEFT, 1);
        a.li(COUNT, threads);
        a.blt(LEFT, COUNT, within);
        a.sub(LEFT, LEFT, COUNT);
        a.place(within);
    }

    /** Gives the object in A0 away, with others when there are enough; a producer does not free what others hold. */
    void give(Assembler a, boolean producer, Assembler.Label exit) {
        Assembler.Label kept = a.label();
        Assembler.Label sent = a.label();
        a.ld64(ARRAY, Reg.WORKLOAD, OUT);
        a.ld64(COUNT, ARRAY, 0);
        a.shli(CELL, COUNT, 3);
        a.add(CELL, CELL, ARRAY);
        a.st64(CELL, FIRST, Reg.A0);
        a.addi(COUNT, COUNT, 1);
        a.st64(ARRAY, 0, COUNT);
        a.li(CELL, batch);
        a.blt(COUNT, CELL, kept);
        receiver(a);
        Assembler.Label round = a.here();
        for (int i = 0; i < CELLS; i++) {
            a.mov(CELL, LEFT);
            cell(a);
            a.xchg(ARRAY, CELL, 0, ARRAY);
            a.ld64(COUNT, ARRAY, 0);
            a.beqz(COUNT, sent);
        }
        if (producer) {
            a.st64(Reg.WORKLOAD, OUT, ARRAY);
            loop.testStop(a, exit);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.jmp(round);
        } else {
            freeAll(a);
        }
        a.place(sent);
        a.st64(Reg.WORKLOAD, OUT, ARRAY);
        a.place(kept);
    }

    /** Frees the COUNT objects of ARRAY, which is empty then. */
    private void freeAll(Assembler a) {
        a.mov(LEFT, COUNT);
        Assembler.Label next = a.here();
        a.addi(LEFT, LEFT, -1);
        a.shli(OBJECT, LEFT, 3);
        a.add(OBJECT, OBJECT, ARRAY);
        a.ld64(OBJECT, OBJECT, FIRST);
        free.accept(a);
        a.bnez(LEFT, next);
        a.st64(ARRAY, 0, Reg.ZERO);
    }

    /** Looks at a cell and frees what is in it; goes on at a label if there was nothing. */
    void take(Assembler a, Assembler.Label nothing) {
        a.ld64(CELL, Reg.WORKLOAD, ThreadLoop.ID);
        cell(a);
        a.ld64(ARRAY, CELL, 0);
        a.ld64(COUNT, ARRAY, 0);
        a.beqz(COUNT, nothing);
        a.ld64(ARRAY, Reg.WORKLOAD, SPARE);
        a.xchg(ARRAY, CELL, 0, ARRAY);
        a.st64(Reg.WORKLOAD, SPARE, ARRAY);
        a.ld64(COUNT, ARRAY, 0);
        a.beqz(COUNT, nothing);
        freeAll(a);
    }
}
