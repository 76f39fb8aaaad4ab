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
 * Threads that end and are followed by new ones. Each has an array of {@code live} slots; an operation frees what is in
 * a random slot and puts a new object of random size there. After {@code life} operations a thread frees its objects
 * but for a share of {@code left}, hands its array to whoever is next and ends; {@code gap_us} later another begins
 * with the number, stack and thread-local storage of the ended one, and with an array that still another has left. So
 * what a cache of a thread holds is drained, given to somebody or lost with every life, and objects outlive the threads
 * that allocated them.
 *
 * <p>Source: P. Larson and M. Krishnan, "Memory allocation for long-running server applications" (1998), whose threads
 * end and leave their arrays to new ones; a C library that keeps the stacks of ended threads, as glibc does. Whoever
 * makes the new threads is not simulated.
 */
final class Turnover implements Workload {
    private static final String LIVE = "live";
    private static final String LEAST = "least";
    private static final String MOST = "most";
    private static final String LIFE = "life";
    private static final String GAP = "gap_us";
    private static final String LEFT = "left";

    @Override
    public String id() {
        return "turnover";
    }

    @Override
    public String summary() {
        return "threads end and new ones follow: caches are drained, left or adopted, objects inherited";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(LIVE, "objects", 256, 1, 1 << 20, "objects per thread"),
                Parameter.count(LEAST, "bytes", 16, 1, 1 << 20, "smallest object"),
                Parameter.count(MOST, "bytes", 512, 1, 1 << 20, "largest object"),
                Parameter.count(LIFE, "operations", 5000, 1, 1 << 30, "operations after which a thread ends"),
                Parameter.count(GAP, "us", 20, 1, 1_000_000, "from the end of a thread to the beginning of the next"),
                Parameter.share(
                        LEFT, 1, "share of its objects that a thread leaves to the next instead of freeing them"));
    }

    @Override
    public void check(Settings settings) {
        settings.requireAtMost(LEAST, MOST);
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return SizeClasses.upTo((int) Math.max(33, settings.count(MOST)));
    }

    @Override
    public boolean threadsEnd(Settings settings) {
        return true;
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
        private static final int ARRAY = Reg.W4;
        private static final int REST = Reg.W5;
        private static final int SIZE = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        private final int live;
        private final int sizes;
        private final long life;
        private final long gapCycles;
        private final int freed;
        /** Holds the address of an array that nobody has. */
        private final int spare;

        Instance(Settings settings, WorkloadContext context, SizeClasses classes) {
            super(settings);
            live = (int) settings.count(LIVE);
            int least = (int) settings.count(LEAST);
            sizes = Math.min(Draws.MOST, (int) settings.count(MOST) - least + 1);
            life = settings.count(LIFE);
            gapCycles = Math.max(1, Math.round(settings.count(GAP) * 1e-6 * context.clockHz()));
            freed = (int) Math.round((1 - settings.number(LEFT)) * Draws.MOST);
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            objects = new SizedObjects(layout, classes, sizes, i -> least + i, Layout.LINE);
            spare = Math.toIntExact(layout.reserve(Layout.LINE, 2 * Layout.LINE));
            layout.word(spare, layout.reserve(8L * live, 2 * Layout.LINE));
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, layout.reserve(8L * live, 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label birth = a.label();
            a.place(a.label("turnover"));
            a.place(birth);
            loop.enter(a);
            loop.testStop(a, exit);
            a.ld64(ARRAY, Reg.WORKLOAD, ThreadLoop.RING);
            a.li(REST, life);
            Assembler.Label next = a.here();
            operation(a);
            loop.testStop(a, exit);
            a.djnz(REST, next);
            if (freed > 0) {
                freeShare(a);
            }
            loop.bequeath(a, ARRAY, spare, gapCycles, birth);
            loop.exit(a, exit);
        }

        private void operation(Assembler a) {
            Assembler.Label empty = a.label();
            draws.draw(a);
            draws.below(a, SLOT, live);
            draws.belowByLowerBits(a, SIZE, sizes);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, ARRAY);
            a.ld64(OLD, SLOT, 0);
            a.beqz(OLD, empty);
            loop.release(a, OLD);
            a.place(empty);
            objects.allocate(a, loop, SIZE);
            a.st64(SLOT, 0, Reg.A0);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        /** Goes through all slots and frees the objects that are not left to anybody. */
        private void freeShare(Assembler a) {
            Assembler.Label kept = a.label();
            a.mov(SLOT, ARRAY);
            a.li(REST, live);
            Assembler.Label next = a.here();
            a.ld64(OLD, SLOT, 0);
            a.beqz(OLD, kept);
            if (freed < Draws.MOST) {
                draws.draw(a);
                draws.below(a, SIZE, Draws.MOST);
                a.li(SCRATCH, freed);
                a.bge(SIZE, SCRATCH, kept);
            }
            a.st64(SLOT, 0, Reg.ZERO);
            loop.release(a, OLD);
            a.place(kept);
            a.addi(SLOT, SLOT, 8);
            a.djnz(REST, next);
        }

        @Override
        public String entry(int thread) {
            return "turnover";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
