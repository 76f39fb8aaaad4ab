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
 * The simplest that can be asked of an allocator: a thread allocates so many objects of one size, frees the first half
 * in the order of allocation and the other half in the reverse, and begins again, with 25, 100, 400 and 1600 objects in
 * turn. So caches of few objects overflow with the many and not with the few.
 *
 * <p>Source: bench-malloc-simple of the C library's benchmarks, as its description has it; there it is one thread, here
 * as many as there are, each for itself.
 */
final class GlibcSimple implements Workload {
    private static final String SIZE = "size";
    private static final String LIVE = "live";
    private static final int[] IN_TURN = {25, 100, 400, 1600};

    @Override
    public String id() {
        return "glibc-simple";
    }

    @Override
    public String summary() {
        return "threads for themselves: objects of one size, half freed first in first out, half last in first out";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(SIZE, "bytes", 16, 1, 1 << 20, "size of the objects: 16, 32 or 64 in the original"),
                Parameter.count(
                        LIVE,
                        "objects",
                        0,
                        0,
                        1 << 20,
                        "objects that are live at once; 0: 25, 100, 400, 1600 in turn"));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return ClassLookup.classesFor((int) settings.count(SIZE));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends PaddedInstance {
        private static final int ARRAY = Reg.W0;
        private static final int AT = Reg.W1;
        private static final int BLOCK = Reg.W2;
        private static final int LEFT = Reg.W3;

        private final ThreadLoop loop;
        private final int[] rounds;

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            int live = (int) settings.count(LIVE);
            rounds = live == 0 ? IN_TURN : new int[] {live};
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(
                        loop.threadBase(thread) + ThreadLoop.RING,
                        layout.reserve(8L * rounds[rounds.length - 1], 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("glibc-simple"));
            loop.enter(a);
            a.ld64(ARRAY, Reg.WORKLOAD, ThreadLoop.RING);
            Assembler.Label next = a.here();
            for (int live : rounds) {
                loop.testStop(a, exit);
                fill(a, live);
                empty(a, 0, 8, live / 2);
                empty(a, live - 1, -8, live - live / 2);
            }
            a.jmp(next);
            loop.exit(a, exit);
        }

        private void fill(Assembler a, int live) {
            a.mov(AT, ARRAY);
            a.li(LEFT, live);
            Assembler.Label object = a.here();
            loop.allocate(a);
            a.st64(AT, 0, Reg.A0);
            a.addi(AT, AT, 8);
            a.djnz(LEFT, object);
        }

        /** Frees so many objects, one of them first, the others in steps of so many bytes. */
        private void empty(Assembler a, int first, int step, int count) {
            if (count == 0) {
                return;
            }
            a.addi(AT, ARRAY, 8 * first);
            a.li(LEFT, count);
            Assembler.Label object = a.here();
            a.ld64(BLOCK, AT, 0);
            a.addi(AT, AT, step);
            loop.release(a, BLOCK);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            a.djnz(LEFT, object);
        }

        @Override
        public String entry(int thread) {
            return "glibc-simple";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
