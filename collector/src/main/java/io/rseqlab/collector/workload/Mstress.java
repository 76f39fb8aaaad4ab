package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rounds of random traffic. In a round thread number t allocates 100 x {@code scale} x (t mod 8 + 1) objects and half
 * as many more that it keeps until the round's end, in random order; after each it frees one of the others with a
 * chance of 2/3, and swaps one with a random cell of a table that all share with a chance of 1/4. At the end it frees
 * what it has; the table lives on. Sizes are 8 to 128 bytes, of those that are kept 8 to 512, one in 100 a hundred, one
 * in 1000 a thousand, one in 10 000 ten thousand times as large.
 *
 * <p>Source: D. Leijen, {@code test-stress.c} of mimalloc, with the parameters of mimalloc-bench. Left out: threads
 * that end with the round. Of each line of an object one word is written.
 */
final class Mstress implements Workload {
    private static final String SCALE = "scale";
    private static final String CELLS = "cells";
    private static final String LARGEST = "largest";

    private static final int WORD = 8;
    private static final int EXPONENTS = 7;
    private static final int DATA_EXPONENTS = 5;
    private static final int[] FACTORS = {1, 100, 1000, 10_000};

    @Override
    public String id() {
        return "mstress";
    }

    @Override
    public String summary() {
        return "rounds of random allocations and frees, some kept to the end, some swapped with others";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(
                        SCALE, "", 50, 1, 1000, "objects of a thread's round, in hundreds, for the first of eight"),
                Parameter.count(CELLS, "objects", 1000, 1, 1 << 20, "cells of the table that all share"),
                Parameter.count(LARGEST, "bytes", 65_536, 512, 1 << 23, "larger objects are as large as this"));
    }

    private static int bytes(Settings settings, int number) {
        long size = (long) WORD * FACTORS[number / EXPONENTS] << number % EXPONENTS;
        return (int) Math.min(size, settings.count(LARGEST));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return ClassLookup.classesFor(IntStream.range(0, EXPONENTS * FACTORS.length)
                .map(number -> bytes(settings, number))
                .toArray());
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int PER_SCALE = 100;
        private static final int PARTS_OF_THREADS = 8;

        private static final int DATA = Reg.W0;
        private static final int KEPT = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int LEFT = Reg.W4;
        private static final int TO_KEEP = Reg.W5;
        private static final int NUMBER = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        private final long table;
        private final int cells;
        private final int scale;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            scale = (int) settings.count(SCALE);
            cells = (int) settings.count(CELLS);
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            objects = new SizedObjects(layout, sizes, EXPONENTS * FACTORS.length, i -> bytes(settings, i), Layout.LINE);
            table = layout.reserve(8L * cells, 2 * Layout.LINE);
            for (int thread = 0; thread < context.threads(); thread++) {
                long area = loop.threadBase(thread);
                layout.word(area + ThreadLoop.POSITION, allocations(thread));
                // what is kept grows down from the array's end, the others up from its beginning
                long bytes = 8 * (allocations(thread) + allocations(thread) / 2);
                long array = layout.reserve(bytes, 2 * Layout.LINE);
                layout.word(area + ThreadLoop.RING, array);
                layout.word(area + ThreadLoop.RING_END, array + bytes);
            }
        }

        private long allocations(int thread) {
            return (long) PER_SCALE * scale * (thread % PARTS_OF_THREADS + 1);
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label end = a.label();
            Assembler.Label keep = a.label();
            Assembler.Label counted = a.label();
            a.place(a.label("mstress"));
            loop.enter(a);
            Assembler.Label round = a.here();
            a.ld64(LEFT, Reg.WORKLOAD, ThreadLoop.POSITION);
            a.shri(TO_KEEP, LEFT, 1);
            a.ld64(DATA, Reg.WORKLOAD, ThreadLoop.RING);
            a.ld64(KEPT, Reg.WORKLOAD, ThreadLoop.RING_END);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            a.add(SCRATCH, LEFT, TO_KEEP);
            a.beqz(SCRATCH, end);
            draws.draw(a);
            Assembler.Label data = a.label();
            a.beqz(LEFT, keep);
            a.beqz(TO_KEEP, data);
            a.andi(SCRATCH, RANDOM, 1);
            a.beqz(SCRATCH, keep);
            a.place(data);
            a.addi(LEFT, LEFT, -1);
            draws.below(a, NUMBER, DATA_EXPONENTS);
            allocate(a);
            a.st64(DATA, 0, Reg.A0);
            a.addi(DATA, DATA, 8);
            a.jmp(counted);
            a.place(keep);
            a.addi(TO_KEEP, TO_KEEP, -1);
            draws.below(a, NUMBER, EXPONENTS);
            allocate(a);
            a.addi(KEPT, KEPT, -8);
            a.st64(KEPT, 0, Reg.A0);
            a.place(counted);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            freeAny(a);
            swapAny(a);
            a.jmp(next);

            a.place(end);
            freeAll(a);
            a.jmp(round);
            loop.exit(a, exit);
        }

        /** A0 = an object whose exponent is in NUMBER. */
        private void allocate(Assembler a) {
            Assembler.Label common = a.label();
            draws.draw(a);
            a.shri(SCRATCH, RANDOM, 40);
            // thresholds of a draw from 2^24 below which an object is so many times larger
            long[] below = {Math.round(0.0111 * (1 << 24)), Math.round(0.0011 * (1 << 24)), Math.round(1e-4 * (1 << 24))
            };
            for (long threshold : below) {
                a.li(Reg.A1, threshold);
                a.bge(SCRATCH, Reg.A1, common);
                a.addi(NUMBER, NUMBER, EXPONENTS);
            }
            a.place(common);
            objects.allocate(a, loop, NUMBER);
        }

        /** NUMBER = where a random one of the others lies; to a label if there is none, or with the other chance. */
        private void any(Assembler a, double chance, Assembler.Label none) {
            draws.draw(a);
            a.shri(SCRATCH, RANDOM, 40);
            a.li(NUMBER, Math.round(chance * (1 << 24)));
            a.bge(SCRATCH, NUMBER, none);
            a.ld64(NUMBER, Reg.WORKLOAD, ThreadLoop.RING);
            a.sub(NUMBER, DATA, NUMBER);
            a.beqz(NUMBER, none);
            a.shri(NUMBER, NUMBER, 3);
            a.shli(SCRATCH, RANDOM, 40);
            a.shri(SCRATCH, SCRATCH, 40);
            a.mul(NUMBER, NUMBER, SCRATCH);
            a.shri(NUMBER, NUMBER, 24);
            a.shli(NUMBER, NUMBER, 3);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.RING);
            a.add(NUMBER, NUMBER, SCRATCH);
        }

        private void freeAny(Assembler a) {
            Assembler.Label none = a.label();
            any(a, 2.0 / 3, none);
            a.ld64(SCRATCH, NUMBER, 0);
            a.beqz(SCRATCH, none);
            a.st64(NUMBER, 0, Reg.ZERO);
            loop.release(a, SCRATCH);
            a.place(none);
        }

        private void swapAny(Assembler a) {
            Assembler.Label none = a.label();
            any(a, 0.25, none);
            draws.draw(a);
            draws.below(a, Reg.A2, cells);
            a.shli(Reg.A2, Reg.A2, 3);
            a.li(SCRATCH, table);
            a.add(Reg.A2, Reg.A2, SCRATCH);
            a.ld64(SCRATCH, NUMBER, 0);
            a.xchg(SCRATCH, Reg.A2, 0, SCRATCH);
            a.st64(NUMBER, 0, SCRATCH);
            a.place(none);
        }

        private void freeAll(Assembler a) {
            Assembler.Label data = a.label();
            Assembler.Label none = a.label();
            a.ld64(LEFT, Reg.WORKLOAD, ThreadLoop.RING_END);
            Assembler.Label kept = a.here();
            a.beq(KEPT, LEFT, data);
            a.ld64(SCRATCH, KEPT, 0);
            a.addi(KEPT, KEPT, 8);
            loop.release(a, SCRATCH);
            a.jmp(kept);
            a.place(data);
            a.ld64(LEFT, Reg.WORKLOAD, ThreadLoop.RING);
            Assembler.Label other = a.here();
            a.beq(DATA, LEFT, none);
            a.addi(DATA, DATA, -8);
            a.ld64(SCRATCH, DATA, 0);
            a.beqz(SCRATCH, other);
            loop.release(a, SCRATCH);
            a.jmp(other);
            a.place(none);
        }

        @Override
        public String entry(int thread) {
            return "mstress";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
