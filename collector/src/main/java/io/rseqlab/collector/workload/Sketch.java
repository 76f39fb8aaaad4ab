package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.Arrays;
import java.util.List;

/**
 * A program of which no more is known than some figures: how many objects a thread holds, which sizes they have, how
 * often one goes to another thread, how much work lies between, and whether threads pause. One operation: draw a size;
 * allocate; put the object into a random slot, of the thread's own or with some probability of a table that all share;
 * free what was there; work. Threads that pause keep what they hold, and others go on to free what they allocated.
 *
 * <p>Sizes are drawn from 1024 quantiles on a curve through the given ones, straight in the logarithm of the size, with
 * nothing above the 99th. Source: the knobs that generators of allocation patterns have in common; random slot and
 * shared table as in {@code sized-churn}.
 */
final class Sketch implements Workload {
    private static final String LIVE = "live";
    private static final String HANDOFF = "handoff";
    private static final String THINK = "think";
    private static final String P50 = "p50";
    private static final String P90 = "p90";
    private static final String P99 = "p99";
    private static final String BURST = "burst";
    private static final String PAUSE = "pause_us";
    private static final String SLEEPERS = "sleepers";

    private static final int SHARED_SLOTS = 1024;
    private static final int QUANTILES = 1024;
    private static final int LEAST_BYTES = 16;
    private static final int DRAW_BITS = 24;

    @Override
    public String id() {
        return "sketch";
    }

    @Override
    public String summary() {
        return "a program sketched by figures: sizes, hand-off, work between calls, pauses";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(LIVE, "objects", 64, 1, 65_536, "live objects per thread"),
                Parameter.share(HANDOFF, 0, "probability that an object goes to the shared table"),
                Parameter.count(THINK, "turns", 100, 0, 1_000_000_000, "turns of an empty loop in each operation"),
                Parameter.count(P50, "bytes", 64, 1, 1 << 20, "half of the objects are of at most so many bytes"),
                Parameter.count(P90, "bytes", 256, 1, 1 << 20, "nine of ten are"),
                Parameter.count(P99, "bytes", 1024, 1, 1 << 20, "99 of a hundred are, and none is larger"),
                Parameter.count(BURST, "operations", 0, 0, 1 << 30, "operations between pauses; 0 for no pauses"),
                Parameter.count(PAUSE, "us", 500, 1, 1_000_000, "how long a thread pauses"),
                Parameter.count(SLEEPERS, "threads", 0, 0, 16_384, "how many threads pause; 0 for all"));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        if (settings.count(P50) > settings.count(P90) || settings.count(P90) > settings.count(P99)) {
            throw new UsageException("sketch: p50, p90 and p99 must not fall: " + settings.count(P50) + ", "
                    + settings.count(P90) + ", " + settings.count(P99));
        }
        SizeClasses all = SizeClasses.upTo((int) Math.max(SizeClasses.GRANULE_BYTES, settings.count(P99)));
        return ClassLookup.classesFor(Arrays.stream(quantiles(settings))
                .map(bytes -> all.bytes(all.holding(bytes)))
                .distinct()
                .toArray());
    }

    /** Bytes of each of the quantiles. */
    static int[] quantiles(Settings settings) {
        double[] shares = {0, 0.5, 0.9, 0.99, 1};
        double median = settings.count(P50);
        double last = settings.count(P99);
        double[] bytes = {Math.min(LEAST_BYTES, median), median, settings.count(P90), last, last};
        int[] quantiles = new int[QUANTILES];
        int part = 0;
        for (int i = 0; i < QUANTILES; i++) {
            double share = (i + 0.5) / QUANTILES;
            while (share > shares[part + 1]) {
                part++;
            }
            double along = (share - shares[part]) / (shares[part + 1] - shares[part]);
            quantiles[i] =
                    (int) Math.round(Math.exp(Math.log(bytes[part]) * (1 - along) + Math.log(bytes[part + 1]) * along));
        }
        return quantiles;
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int THINK_PARAMETER = 0;

        private static final int SLOT = Reg.W0;
        private static final int OLD = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int LEFT = Reg.W4;
        private static final int CLASS = Reg.W5;
        private static final int LIMIT = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final ClassLookup classes;
        private final int live;
        private final long handoff;
        private final long burst;
        private final long pauseCycles;
        private final long sleepers;
        private final long table;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            live = (int) settings.count(LIVE);
            handoff = (long) (settings.number(HANDOFF) * (1 << DRAW_BITS));
            burst = settings.count(BURST);
            pauseCycles = Math.max(1, Math.round(settings.count(PAUSE) * 1e-6 * context.clockHz()));
            sleepers = settings.count(SLEEPERS) == 0 ? Long.MAX_VALUE : settings.count(SLEEPERS);
            loop = new ThreadLoop(context, settings.count(THINK));
            Layout layout = context.layout();
            int[] quantiles = quantiles(settings);
            classes = new ClassLookup(layout, sizes, QUANTILES, i -> quantiles[i]);
            table = layout.reserve((long) SHARED_SLOTS * Layout.LINE, 2 * Layout.LINE);
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, layout.reserve(8L * live, 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("sketch"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            operation(a);
            loop.again(a, next);
            loop.exit(a, exit);
            if (burst > 0) {
                pausing(a);
            }
        }

        /** The same with a pause behind each burst. */
        private void pausing(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("sketch pausing"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label active = a.here();
            a.li(LEFT, burst);
            Assembler.Label next = a.here();
            operation(a);
            loop.testStop(a, exit);
            a.djnz(LEFT, next);
            a.li(Reg.A0, pauseCycles);
            a.syscall(HostCall.SYS_NANOSLEEP);
            loop.again(a, active);
            loop.exit(a, exit);
        }

        private void operation(Assembler a) {
            Assembler.Label own = a.label();
            Assembler.Label taken = a.label();
            Assembler.Label counted = a.label();
            draws.draw(a);
            draws.below(a, CLASS, QUANTILES);
            classes.look(a, Reg.A0, CLASS);
            loop.allocate(a);
            draws.draw(a);
            a.shri(SCRATCH, RANDOM, 64 - DRAW_BITS);
            a.li(LIMIT, handoff);
            a.bge(SCRATCH, LIMIT, own);
            a.andi(SLOT, RANDOM, SHARED_SLOTS - 1);
            a.shli(SLOT, SLOT, 6);
            a.li(SCRATCH, table);
            a.add(SLOT, SLOT, SCRATCH);
            a.xchg(OLD, SLOT, 0, Reg.A0);
            a.jmp(taken);
            a.place(own);
            draws.belowByLowerBits(a, SLOT, live);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.RING);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, SCRATCH);
            a.ld64(OLD, SLOT, 0);
            a.st64(SLOT, 0, Reg.A0);
            a.place(taken);
            a.beqz(OLD, counted);
            loop.release(a, OLD);
            a.place(counted);
            loop.think(a, THINK_PARAMETER);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        @Override
        public String entry(int thread) {
            return burst > 0 && thread < sleepers ? "sketch pausing" : "sketch";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
