package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * Batches that migrate: a thread allocates {@code batch} objects into an array, swaps the array for one in a random
 * cell that all share, as likely as {@code migrate} says, and frees what is in the one it then has: every other time in
 * the order of allocation, else in the reverse.
 *
 * <p>Source: the shape of MicroQuill's SmartHeap benchmark 8, whose source may not be passed on: small objects, freed
 * in order and in reverse, migrating between threads. Sizes here are 16 bytes to {@code most}, all alike likely.
 */
final class Migration implements Workload {
    private static final String BATCH = "batch";
    private static final String MOST = "most";
    private static final String MIGRATE = "migrate";
    private static final String CELLS = "cells";

    private static final int LEAST = 16;
    private static final int QUANTILES = 256;

    @Override
    public String id() {
        return "migration";
    }

    @Override
    public String summary() {
        return "batches of small objects change hands and are freed in order or in reverse";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(BATCH, "objects", 500, 1, 1 << 16, "objects of a batch"),
                Parameter.count(MOST, "bytes", 400, LEAST, 1 << 20, "largest object"),
                Parameter.share(MIGRATE, 1, "share of the batches that another thread may get"),
                Parameter.count(CELLS, "batches", 64, 1, 1 << 16, "batches that nobody has in hand"));
    }

    private static int bytes(Settings settings, int quantile) {
        return LEAST + (int) ((settings.count(MOST) - LEAST) * (quantile + 0.5) / QUANTILES + 0.5);
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return SizeClasses.upTo((int) Math.max(SizeClasses.GRANULE_BYTES + 1, settings.count(MOST)));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int BITS = 24;

        private static final int ARRAY = Reg.W0;
        private static final int AT = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int NUMBER = Reg.W4;
        private static final int STEP = Reg.W5;
        private static final int LEFT = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        private final long table;
        private final int cells;
        private final int batch;
        private final long share;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            batch = (int) settings.count(BATCH);
            cells = (int) settings.count(CELLS);
            share = Math.round(settings.number(MIGRATE) * (1 << BITS));
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            objects = new SizedObjects(layout, sizes, QUANTILES, i -> bytes(settings, i), Layout.LINE);
            table = layout.reserve((long) cells * Layout.LINE, 2 * Layout.LINE);
            for (int cell = 0; cell < cells; cell++) {
                layout.word(table + (long) cell * Layout.LINE, array(layout));
            }
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, array(layout));
            }
        }

        /** An array whose first pointer is 0: it is empty. */
        private long array(Layout layout) {
            return layout.reserve(8L * batch, 2 * Layout.LINE);
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label own = a.label();
            a.place(a.label("migration"));
            loop.enter(a);
            a.ld64(ARRAY, Reg.WORKLOAD, ThreadLoop.RING);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            fill(a);
            draws.draw(a);
            a.shri(SCRATCH, RANDOM, 64 - BITS);
            a.li(NUMBER, share);
            a.bge(SCRATCH, NUMBER, own);
            draws.belowByLowerBits(a, NUMBER, cells);
            a.shli(NUMBER, NUMBER, 6);
            a.li(SCRATCH, table);
            a.add(NUMBER, NUMBER, SCRATCH);
            a.xchg(ARRAY, NUMBER, 0, ARRAY);
            a.place(own);
            empty(a, next);
            loop.exit(a, exit);
        }

        private void fill(Assembler a) {
            a.mov(AT, ARRAY);
            a.li(LEFT, batch);
            Assembler.Label object = a.here();
            draws.draw(a);
            draws.below(a, NUMBER, QUANTILES);
            objects.allocate(a, loop, NUMBER);
            a.st64(AT, 0, Reg.A0);
            a.addi(AT, AT, 8);
            a.djnz(LEFT, object);
        }

        /** Frees all, in order where POSITION is even, in reverse where it is odd, and goes on. */
        private void empty(Assembler a, Assembler.Label next) {
            Assembler.Label order = a.label();
            Assembler.Label free = a.label();
            a.ld64(SCRATCH, ARRAY, 0);
            a.beqz(SCRATCH, next);
            a.li(LEFT, batch);
            loop.bump(a, ThreadLoop.POSITION);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.POSITION);
            a.andi(SCRATCH, SCRATCH, 1);
            a.mov(AT, ARRAY);
            a.li(STEP, 8);
            a.beqz(SCRATCH, order);
            a.addi(AT, AT, 8 * (batch - 1));
            a.li(STEP, -8);
            a.place(order);
            a.place(free);
            a.ld64(SCRATCH, AT, 0);
            a.add(AT, AT, STEP);
            loop.release(a, SCRATCH);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            a.djnz(LEFT, free);
            a.st64(ARRAY, 0, Reg.ZERO);
            a.jmp(next);
        }

        @Override
        public String entry(int thread) {
            return "migration";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
