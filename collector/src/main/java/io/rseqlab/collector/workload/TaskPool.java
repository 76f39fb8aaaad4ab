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
 * A pool of threads and more tasks, such as connections: a thread takes a random task that nobody has, replaces
 * {@code requests} random ones of its {@code live} objects, and leaves it for whoever comes next. Nothing is handed
 * over on purpose, yet most objects are freed by another thread than allocated them: with T threads a share of (T - 1)
 * / T x L / R x (1 - (1 - 1/L)^R) for L live objects and R requests.
 *
 * <p>Source: servers whose tasks wander between the workers of a pool (google/tcmalloc and gperftools issue 951: "RPC
 * pool and workers").
 */
final class TaskPool implements Workload {
    private static final String TASKS = "tasks";
    private static final String LIVE = "live";
    private static final String REQUESTS = "requests";
    private static final String MOST = "most";
    private static final String THINK = "think";

    private static final int LEAST = 16;
    private static final int QUANTILES = 256;

    @Override
    public String id() {
        return "task-pool";
    }

    @Override
    public String summary() {
        return "tasks wander between the threads of a pool, and their objects with them";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(TASKS, "tasks", 1024, 1, 1 << 18, "tasks, twice as many as threads at least"),
                Parameter.count(LIVE, "objects", 32, 1, 1 << 16, "objects of a task"),
                Parameter.count(REQUESTS, "operations", 8, 1, 1 << 20, "objects replaced before a task is left"),
                Parameter.count(
                        MOST, "bytes", 1024, LEAST, 1 << 20, "largest object; sizes from 16 on are alike likely"),
                Parameter.count(THINK, "turns", 0, 0, 1_000_000_000, "turns of an empty loop per operation"));
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
        private static final int THINK_TURNS = 0;

        private static final int CELL = Reg.W0;
        private static final int TASK = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int NUMBER = Reg.W4;
        private static final int SLOT = Reg.W5;
        private static final int LEFT = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        private final long table;
        private final int tasks;
        private final int live;
        private final int requests;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            tasks = (int) Math.max(settings.count(TASKS), 2L * context.threads());
            live = (int) settings.count(LIVE);
            requests = (int) settings.count(REQUESTS);
            loop = new ThreadLoop(context, settings.count(THINK));
            Layout layout = context.layout();
            objects = new SizedObjects(layout, sizes, QUANTILES, i -> bytes(settings, i), Layout.LINE);
            table = layout.reserve((long) tasks * Layout.LINE, 2 * Layout.LINE);
            for (int task = 0; task < tasks; task++) {
                layout.word(table + (long) task * Layout.LINE, layout.reserve(8L * live, 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label empty = a.label();
            a.place(a.label("task-pool"));
            loop.enter(a);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            draws.draw(a);
            draws.below(a, CELL, tasks);
            a.shli(CELL, CELL, 6);
            a.li(SCRATCH, table);
            a.add(CELL, CELL, SCRATCH);
            a.xchg(TASK, CELL, 0, Reg.ZERO);
            a.beqz(TASK, next);
            a.li(LEFT, requests);
            Assembler.Label request = a.here();
            draws.draw(a);
            draws.below(a, NUMBER, QUANTILES);
            objects.allocate(a, loop, NUMBER);
            draws.belowByLowerBits(a, SLOT, live);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, TASK);
            a.ld64(SCRATCH, SLOT, 0);
            a.st64(SLOT, 0, Reg.A0);
            a.beqz(SCRATCH, empty);
            loop.release(a, SCRATCH);
            a.place(empty);
            loop.think(a, THINK_TURNS);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            a.djnz(LEFT, request);
            a.st64(CELL, 0, TASK);
            a.jmp(next);
            loop.exit(a, exit);
        }

        @Override
        public String entry(int thread) {
            return "task-pool";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
