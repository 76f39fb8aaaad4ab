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
 * Threads that have nothing to do with each other: one operation frees the object in a random slot of the thread's own
 * and puts a new one there, whose size is s with a density of 1 / s² between {@code least} and {@code most}, so that
 * small objects are many and large ones hold as much memory. Every line of it is written.
 *
 * <p>Source: bench-malloc-thread of the C library's benchmarks, as its description has it: 4 to 32 768 bytes, 1024
 * slots. Sizes come from a table of 1024 quantiles of the distribution.
 */
final class GlibcThread implements Workload {
    private static final String SLOTS = "slots";
    private static final String LEAST = "least";
    private static final String MOST = "most";
    private static final int QUANTILES = 1024;

    @Override
    public String id() {
        return "glibc-thread";
    }

    @Override
    public String summary() {
        return "threads replace random objects of their own, small ones mostly, and write all of each";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(SLOTS, "objects", 1024, 1, 1 << 20, "objects per thread"),
                Parameter.count(LEAST, "bytes", 4, 1, 1 << 20, "smallest object"),
                Parameter.count(MOST, "bytes", 32_768, 1, 1 << 20, "largest object"));
    }

    @Override
    public void check(Settings settings) {
        settings.requireAtMost(LEAST, MOST);
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return SizeClasses.upTo(quantile(settings, QUANTILES - 1));
    }

    /**
     * The size that a share of (i + 1/2) / 1024 of all objects does not exceed: of a density of 1 / s² between a and b,
     * a share of (1/a - 1/s) / (1/a - 1/b) is at most s.
     */
    static int quantile(Settings settings, int i) {
        double least = settings.count(LEAST);
        double most = settings.count(MOST);
        double share = (i + 0.5) / QUANTILES;
        return (int) (1 / (1 / least - share * (1 / least - 1 / most)));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int SLOT = Reg.W0;
        private static final int OLD = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int SIZE = Reg.W4;
        private static final int LINES = Reg.W5;
        private static final int CLASS = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final ClassLookup classes;
        /** From a class to the lines of its objects besides the first. */
        private final long lines;

        private final int slots;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            slots = (int) settings.count(SLOTS);
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            classes = new ClassLookup(layout, sizes, QUANTILES, i -> quantile(settings, i));
            lines = layout.reserve(8L * sizes.count(), 2 * Layout.LINE);
            for (int i = 0; i < sizes.count(); i++) {
                layout.word(lines + 8L * i, (sizes.bytes(i) - 1) / Layout.LINE);
            }
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, layout.reserve(8L * slots, 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label empty = a.label();
            Assembler.Label written = a.label();
            a.place(a.label("glibc-thread"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            draws.draw(a);
            draws.below(a, SLOT, slots);
            draws.belowByLowerBits(a, SIZE, QUANTILES);
            a.shli(SLOT, SLOT, 3);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.RING);
            a.add(SLOT, SLOT, SCRATCH);
            a.ld64(OLD, SLOT, 0);
            a.beqz(OLD, empty);
            loop.release(a, OLD);
            a.place(empty);
            classes.look(a, CLASS, SIZE);
            a.mov(Reg.A0, CLASS);
            loop.allocate(a);
            a.st64(SLOT, 0, Reg.A0);
            a.shli(CLASS, CLASS, 3);
            a.ld64(LINES, CLASS, Math.toIntExact(lines));
            a.beqz(LINES, written);
            Assembler.Label line = a.here();
            a.addi(Reg.A0, Reg.A0, Layout.LINE);
            a.st64(Reg.A0, 0, ThreadLoop.ONE);
            a.djnz(LINES, line);
            a.place(written);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            loop.again(a, next);
            loop.exit(a, exit);
        }

        @Override
        public String entry(int thread) {
            return "glibc-thread";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
