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
 * Threads that need nothing of each other and visit their slots as a Pareto law has it: four fifths of the visits go to
 * a fifth of the slots, and so on within each part, six levels deep. A visit to an object reads all its lines and frees
 * it, one to an empty slot allocates. Sizes are powers of two from 8 bytes on, each half as frequent as the one before.
 *
 * <p>Source: node-dv alloc-test, as mimalloc-bench has it, with 2^18 slots for all threads; sizes between powers of two
 * are left out.
 */
final class AllocTest implements Workload {
    private static final String SLOTS = "slots";
    private static final String EXPONENT = "exponent";

    private static final int QUANTILES = 1024;
    private static final int LEAST_EXPONENT = 3;

    @Override
    public String id() {
        return "alloc-test";
    }

    @Override
    public String summary() {
        return "threads for themselves: visits by a Pareto law allocate into empty slots, or read and free";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(SLOTS, "objects", 16_384, 64, 1 << 18, "slots per thread"),
                Parameter.count(EXPONENT, "", 10, 5, 20, "largest objects have two to the power of this bytes"));
    }

    private static int bytes(Settings settings, int quantile) {
        double left = 1 - (quantile + 0.5) / QUANTILES;
        int exponent = LEAST_EXPONENT + (int) Math.floor(-Math.log(left) / Math.log(2));
        return 1 << Math.min(exponent, (int) settings.count(EXPONENT));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        int[] sizes = new int[QUANTILES];
        for (int i = 0; i < QUANTILES; i++) {
            sizes[i] = bytes(settings, i);
        }
        return ClassLookup.classesFor(sizes);
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int SLOT_SHIFT = 4;
        private static final int WORDS = 8;

        private static final int SLOT = Reg.W0;
        private static final int OLD = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int NUMBER = Reg.W4;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        private final ParetoSlots slots;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            slots = new ParetoSlots((int) settings.count(SLOTS));
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            objects = new SizedObjects(layout, sizes, QUANTILES, i -> bytes(settings, i), Layout.LINE);
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(
                        loop.threadBase(thread) + ThreadLoop.RING,
                        layout.reserve((long) slots.count() << SLOT_SHIFT, 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label empty = a.label();
            Assembler.Label done = a.label();
            a.place(a.label("alloc-test"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            slot(a);
            a.ld64(OLD, SLOT, 0);
            a.beqz(OLD, empty);
            a.ld64(NUMBER, SLOT, WORDS);
            objects.touch(a, OLD, NUMBER, false);
            a.st64(SLOT, 0, Reg.ZERO);
            loop.release(a, OLD);
            a.place(done);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            loop.again(a, next);
            loop.exit(a, exit);

            a.place(empty);
            draws.belowByLowerBits(a, NUMBER, QUANTILES);
            objects.allocate(a, loop, NUMBER, SLOT, WORDS);
            a.st64(SLOT, 0, Reg.A0);
            a.jmp(done);
        }

        /** SLOT = address of a slot. */
        private void slot(Assembler a) {
            slots.choose(a, draws, SLOT, RANDOM, SCRATCH, NUMBER);
            a.shli(SLOT, SLOT, SLOT_SHIFT);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.RING);
            a.add(SLOT, SLOT, SCRATCH);
        }

        @Override
        public String entry(int thread) {
            return "alloc-test";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
