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
 * Every thread has so many slots. One operation: draw a size class, all alike; allocate a block of it and write a word;
 * put it into a random slot, of the thread's own or with some probability of a table shared by all; free what was
 * there. Blocks so live for random times and sizes are mixed. Nothing is freed where the slot was empty.
 *
 * <p>Source: the shape of Larson's benchmark and of glibc's bench-malloc-thread (random slot, random size), with
 * churn's hand-off. Random stream: xorshift64 as in {@code churn}; two draws per operation.
 */
final class SizedChurn implements Workload {
    private static final String LIVE = "live";
    private static final String MOST = "most";
    private static final String HANDOFF = "handoff";
    private static final int SLOTS = 1024;

    @Override
    public String id() {
        return "sized-churn";
    }

    @Override
    public String summary() {
        return "each thread replaces a random one of its objects, or of a shared table, by one of a random size";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(LIVE, "objects", 64, 1, 65_536, "live objects per thread"),
                Parameter.count(
                        MOST, "bytes", 1024, 33, 1 << 20, "largest object: classes are four per doubling from 32"),
                Parameter.share(HANDOFF, 0, "probability that an object goes to the shared table"));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return SizeClasses.upTo((int) settings.count(MOST));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int LIVE_PARAMETER = 0;
        private static final int CLASSES_PARAMETER = 1;
        private static final int HANDOFF_PARAMETER = 2;
        private static final int DRAW_BITS = 24;

        private static final int SLOT = Reg.W1;
        private static final int OLD = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int RANDOM = Reg.W4;
        private static final int DRAWN = Reg.W5;

        private final ThreadLoop loop;
        private final long table;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            Layout layout = context.layout();
            long live = settings.count(LIVE);
            loop = new ThreadLoop(context, live, sizes.count(), (long) (settings.number(HANDOFF) * (1 << DRAW_BITS)));
            table = layout.reserve((long) SLOTS * Layout.LINE, 2 * Layout.LINE);
            for (int thread = 0; thread < context.threads(); thread++) {
                long slots = layout.reserve(8 * live, 2 * Layout.LINE);
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, slots);
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label own = a.label();
            Assembler.Label taken = a.label();
            Assembler.Label counted = a.label();
            a.place(a.label("sized-churn"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            draw(a);
            below(a, Reg.A0, CLASSES_PARAMETER);
            loop.allocate(a);
            draw(a);
            loop.parameter(a, SCRATCH, HANDOFF_PARAMETER);
            a.bge(DRAWN, SCRATCH, own);
            a.andi(SLOT, RANDOM, SLOTS - 1);
            a.shli(SLOT, SLOT, 6);
            a.li(SCRATCH, table);
            a.add(SLOT, SLOT, SCRATCH);
            a.xchg(OLD, SLOT, 0, Reg.A0);
            a.place(taken);
            a.beqz(OLD, counted);
            loop.release(a, OLD);
            a.place(counted);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            loop.again(a, next);
            loop.exit(a, exit);

            a.place(own);
            a.andi(DRAWN, RANDOM, (1 << DRAW_BITS) - 1);
            below(a, SLOT, LIVE_PARAMETER);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.RING);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, SCRATCH);
            a.ld64(OLD, SLOT, 0);
            a.st64(SLOT, 0, Reg.A0);
            a.jmp(taken);
        }

        /** RANDOM = the next number, DRAWN = its upper bits. */
        private static void draw(Assembler a) {
            a.ld64(RANDOM, Reg.WORKLOAD, ThreadLoop.RANDOM);
            a.shli(DRAWN, RANDOM, 13);
            a.xor(RANDOM, RANDOM, DRAWN);
            a.shri(DRAWN, RANDOM, 7);
            a.xor(RANDOM, RANDOM, DRAWN);
            a.shli(DRAWN, RANDOM, 17);
            a.xor(RANDOM, RANDOM, DRAWN);
            a.st64(Reg.WORKLOAD, ThreadLoop.RANDOM, RANDOM);
            a.shri(DRAWN, RANDOM, 64 - DRAW_BITS);
        }

        /** rd = a number below a parameter, from DRAWN. */
        private void below(Assembler a, int rd, int parameter) {
            loop.parameter(a, SCRATCH, parameter);
            a.mul(SCRATCH, SCRATCH, DRAWN);
            a.shri(rd, SCRATCH, DRAW_BITS);
        }

        @Override
        public String entry(int thread) {
            return "sized-churn";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
