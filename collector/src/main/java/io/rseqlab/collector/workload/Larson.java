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
 * A server: every thread has an array of slots; one operation frees the object in a random slot and puts a new one of
 * random size there. After {@code rounds} times as many operations as there are slots a thread ends and a new one goes
 * on with its array. At the start the objects were allocated by all threads in turn, so that most of the first
 * generation is foreign.
 *
 * <p>A thread that ends and one that begins are here one thread that swaps its array for one that another has left; the
 * caches of ended threads do not pile up.
 *
 * <p>Source: P. Larson and M. Krishnan, "Memory allocation for long-running server applications" (1998), with the
 * parameters of mimalloc-bench: 8 to 1000 bytes, 5000 slots, 100 rounds.
 */
final class Larson implements Workload {
    private static final String SLOTS = "slots";
    private static final String LEAST = "least";
    private static final String MOST = "most";
    private static final String ROUNDS = "rounds";

    @Override
    public String id() {
        return "larson";
    }

    @Override
    public String summary() {
        return "a server: threads replace random objects of theirs by ones of random size, and inherit arrays of them";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(SLOTS, "objects", 5000, 1, 1 << 20, "objects per thread"),
                Parameter.count(LEAST, "bytes", 8, 1, 1 << 20, "smallest object"),
                Parameter.count(MOST, "bytes", 999, 1, 1 << 20, "largest object"),
                Parameter.count(
                        ROUNDS, "rounds", 100, 0, 1 << 20, "operations per slot before a thread ends; 0 for never"));
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
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int SLOT = Reg.W0;
        private static final int OLD = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int ARRAY = Reg.W4;
        private static final int LEFT = Reg.W5;
        private static final int SIZE = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final ClassLookup classes;
        private final int threads;
        private final int slots;
        private final int granules;
        private final long operations;
        private final long arrays;
        private final long stride;
        /** Holds the address of an array that nobody has. */
        private final int spare;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            threads = context.threads();
            slots = (int) settings.count(SLOTS);
            int least = (int) settings.count(LEAST);
            int most = (int) settings.count(MOST);
            // sizes within a granule are alike to the classes; the table tells how many bytes a draw of granules means
            granules = Math.min(Draws.MOST, most - least + 1);
            operations = settings.count(ROUNDS) * slots;
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            classes = new ClassLookup(layout, sizes, granules, i -> least + i);
            stride = (8L * slots + 2 * Layout.LINE - 1) / (2 * Layout.LINE) * (2 * Layout.LINE);
            arrays = layout.reserve(stride * (threads + 1), 2 * Layout.LINE);
            spare = Math.toIntExact(layout.reserve(Layout.LINE, 2 * Layout.LINE));
            layout.word(spare, arrays + stride * threads);
            for (int thread = 0; thread < threads; thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, arrays + stride * thread);
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("larson"));
            loop.enter(a);
            loop.testStop(a, exit);
            scatter(a, exit);
            a.ld64(ARRAY, Reg.WORKLOAD, ThreadLoop.RING);
            Assembler.Label life = a.here();
            if (operations > 0) {
                a.li(LEFT, operations);
            }
            Assembler.Label next = a.here();
            operation(a);
            loop.testStop(a, exit);
            if (operations == 0) {
                a.jmp(next);
            } else {
                a.djnz(LEFT, next);
                a.xchg(ARRAY, Reg.ZERO, spare, ARRAY);
                a.jmp(life);
            }
            loop.exit(a, exit);
        }

        /** Puts a new object into a slot of each thread's array in turn, of its own first. */
        private void scatter(Assembler a, Assembler.Label exit) {
            Assembler.Label wrapped = a.label();
            Assembler.Label empty = a.label();
            a.ld64(ARRAY, Reg.WORKLOAD, ThreadLoop.RING);
            a.li(LEFT, slots);
            Assembler.Label next = a.here();
            allocate(a);
            a.addi(SLOT, LEFT, -1);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, ARRAY);
            a.xchg(OLD, SLOT, 0, Reg.A0);
            a.beqz(OLD, empty);
            loop.release(a, OLD);
            a.place(empty);
            a.li(SCRATCH, stride);
            a.add(ARRAY, ARRAY, SCRATCH);
            a.li(SCRATCH, arrays + stride * threads);
            a.bne(ARRAY, SCRATCH, wrapped);
            a.li(ARRAY, arrays);
            a.place(wrapped);
            loop.testStop(a, exit);
            a.djnz(LEFT, next);
        }

        /** A0 = a new object of random size. */
        private void allocate(Assembler a) {
            draws.draw(a);
            draws.belowByLowerBits(a, SIZE, granules);
            classes.look(a, Reg.A0, SIZE);
            loop.allocate(a);
        }

        private void operation(Assembler a) {
            Assembler.Label empty = a.label();
            draws.draw(a);
            draws.below(a, SLOT, slots);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, ARRAY);
            a.ld64(OLD, SLOT, 0);
            a.beqz(OLD, empty);
            a.xchg(OLD, SLOT, 0, Reg.ZERO);
            a.beqz(OLD, empty);
            loop.release(a, OLD);
            a.place(empty);
            allocate(a);
            // an exchange as before it: others still scatter at the start
            a.xchg(OLD, SLOT, 0, Reg.A0);
            Assembler.Label mine = a.label();
            a.beqz(OLD, mine);
            loop.release(a, OLD);
            a.place(mine);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        @Override
        public String entry(int thread) {
            return "larson";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
