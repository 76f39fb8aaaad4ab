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
 * Rounds over an array of slots: a thread frees what is in 30 to 99 slots and allocates into 30 to 99 others, each at a
 * stride that is prime. Every other round it allocates {@code handed} objects more, hands them to the next thread, and
 * frees what the one before has handed to it. Sizes are {@code least} to {@code most} bytes, the larger the rarer, in a
 * straight line down to none.
 *
 * <p>Source: the benchmark of M. Jansson's rpmalloc with the parameters of mimalloc-bench (rptest N 0 1 2 500 1000 100
 * 8 16000). A thread that is slow loses nothing: what it has not taken its predecessor frees itself. One word of each
 * page of an object is written.
 */
final class Rptest implements Workload {
    private static final String SLOTS = "slots";
    private static final String LEAST = "least";
    private static final String MOST = "most";
    private static final String HANDED = "handed";

    private static final int QUANTILES = 1024;
    private static final int PAGE_BYTES = 4096;

    @Override
    public String id() {
        return "rptest";
    }

    @Override
    public String summary() {
        return "rounds of frees and allocations at prime strides; every other round objects go to the next thread";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(SLOTS, "objects", 1000, 100, 1 << 20, "slots per thread"),
                Parameter.count(LEAST, "bytes", 8, 1, 1 << 20, "smallest object"),
                Parameter.count(MOST, "bytes", 16_000, 1, 1 << 20, "largest object"),
                Parameter.count(
                        HANDED, "objects", 64, 0, 1 << 16, "objects handed to the next thread every other round"));
    }

    @Override
    public void check(Settings settings) {
        settings.requireAtMost(LEAST, MOST);
    }

    /** The size of a quantile where density falls in a straight line to 0 at the largest. */
    static int bytes(Settings settings, int quantile) {
        double least = settings.count(LEAST);
        double most = settings.count(MOST);
        return (int) (most - (most - least) * Math.sqrt(1 - (quantile + 0.5) / QUANTILES));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return SizeClasses.upTo(Math.max(SizeClasses.GRANULE_BYTES + 1, bytes(settings, QUANTILES - 1)));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int LEAST_MOVES = 30;
        private static final int MOVES = 70;
        private static final int FREE_STRIDE = 37;
        private static final int ALLOCATE_STRIDE = 61;

        private static final int SLOT = Reg.W0;
        private static final int ARRAY = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int NUMBER = Reg.W4;
        private static final int AT = Reg.W5;
        private static final int LEFT = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        private final long inboxes;
        private final int slots;
        private final int handed;
        private final int threads;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            slots = (int) settings.count(SLOTS);
            handed = (int) settings.count(HANDED);
            threads = context.threads();
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            objects = new SizedObjects(layout, sizes, QUANTILES, i -> bytes(settings, i), PAGE_BYTES);
            inboxes = layout.reserve((long) threads * 2 * Layout.LINE, 2 * Layout.LINE);
            for (int thread = 0; thread < threads; thread++) {
                long area = loop.threadBase(thread);
                layout.word(area + ThreadLoop.RING, layout.reserve(8L * slots, 2 * Layout.LINE));
                layout.word(inbox(thread), layout.reserve(8L * Math.max(1, handed), 2 * Layout.LINE));
                layout.word(area + ThreadLoop.RING_END, layout.reserve(8L * Math.max(1, handed), 2 * Layout.LINE));
            }
        }

        /** Where an array of objects for a thread waits; its first is 0 where there are none. */
        private long inbox(int thread) {
            return inboxes + (long) thread * 2 * Layout.LINE;
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("rptest"));
            loop.enter(a);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            a.ld64(ARRAY, Reg.WORKLOAD, ThreadLoop.RING);
            free(a);
            allocate(a);
            if (handed > 0) {
                loop.bump(a, ThreadLoop.POSITION);
                a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.POSITION);
                a.andi(SCRATCH, SCRATCH, 1);
                a.beqz(SCRATCH, next);
                hand(a);
            }
            a.jmp(next);
            loop.exit(a, exit);
        }

        /** Draws how often, LEFT, and where to begin, NUMBER. */
        private void begin(Assembler a) {
            draws.draw(a);
            draws.below(a, LEFT, MOVES);
            a.addi(LEFT, LEFT, LEAST_MOVES);
            draws.belowByLowerBits(a, NUMBER, slots);
        }

        /** SLOT = address of slot NUMBER, which goes on by a stride. */
        private void step(Assembler a, int stride) {
            Assembler.Label within = a.label();
            a.shli(SLOT, NUMBER, 3);
            a.add(SLOT, SLOT, ARRAY);
            a.addi(NUMBER, NUMBER, stride);
            a.li(SCRATCH, slots);
            a.blt(NUMBER, SCRATCH, within);
            a.sub(NUMBER, NUMBER, SCRATCH);
            a.place(within);
        }

        private void free(Assembler a) {
            Assembler.Label empty = a.label();
            begin(a);
            Assembler.Label next = a.here();
            step(a, FREE_STRIDE);
            a.ld64(AT, SLOT, 0);
            a.beqz(AT, empty);
            a.st64(SLOT, 0, Reg.ZERO);
            loop.release(a, AT);
            a.place(empty);
            a.djnz(LEFT, next);
        }

        /** Where a slot is taken its object is freed first. */
        private void allocate(Assembler a) {
            Assembler.Label empty = a.label();
            begin(a);
            Assembler.Label next = a.here();
            step(a, ALLOCATE_STRIDE);
            a.ld64(AT, SLOT, 0);
            a.beqz(AT, empty);
            loop.release(a, AT);
            a.place(empty);
            object(a);
            a.st64(SLOT, 0, Reg.A0);
            a.djnz(LEFT, next);
        }

        /** A0 = a new object; counted as an operation. */
        private void object(Assembler a) {
            draws.draw(a);
            draws.below(a, AT, QUANTILES);
            objects.allocate(a, loop, AT);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        /** Fills the array in hand, hands it on, and frees what comes out of the next inbox and of one's own. */
        private void hand(Assembler a) {
            Assembler.Label last = a.label();
            a.ld64(NUMBER, Reg.WORKLOAD, ThreadLoop.RING_END);
            a.li(LEFT, handed);
            Assembler.Label next = a.here();
            object(a);
            a.st64(NUMBER, 0, Reg.A0);
            a.addi(NUMBER, NUMBER, 8);
            a.djnz(LEFT, next);
            a.ld64(NUMBER, Reg.WORKLOAD, ThreadLoop.RING_END);
            a.ld64(SLOT, Reg.WORKLOAD, ThreadLoop.ID);
            a.addi(SLOT, SLOT, 1);
            a.li(SCRATCH, threads);
            a.blt(SLOT, SCRATCH, last);
            a.li(SLOT, 0);
            a.place(last);
            swap(a);
            a.ld64(SLOT, Reg.WORKLOAD, ThreadLoop.ID);
            swap(a);
            a.st64(Reg.WORKLOAD, ThreadLoop.RING_END, NUMBER);
        }

        /** Swaps the array NUMBER for that in the inbox of thread SLOT, and frees what is in it. */
        private void swap(Assembler a) {
            Assembler.Label empty = a.label();
            a.shli(SLOT, SLOT, 7);
            a.li(SCRATCH, inboxes);
            a.add(SLOT, SLOT, SCRATCH);
            a.xchg(NUMBER, SLOT, 0, NUMBER);
            a.ld64(AT, NUMBER, 0);
            a.beqz(AT, empty);
            a.mov(ARRAY, NUMBER);
            a.li(LEFT, handed);
            Assembler.Label next = a.here();
            a.ld64(AT, ARRAY, 0);
            a.addi(ARRAY, ARRAY, 8);
            loop.release(a, AT);
            a.djnz(LEFT, next);
            a.st64(NUMBER, 0, Reg.ZERO);
            a.place(empty);
        }

        @Override
        public String entry(int thread) {
            return "rptest";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
