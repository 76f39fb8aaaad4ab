package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * Threads exchange objects through slots that they share, all doing the same. One operation: allocate; swap the object
 * atomically with a random slot; free what came out. With T threads (T - 1) / T of what is freed is another's. Of the
 * threads of {@code idle-owner}, the first {@code owners} stop after {@code owned} operations, for a while or for good:
 * what the others send back to them meanwhile piles up.
 *
 * <p>Source: the exchange of snmalloc's tests; owners that go idle after mimalloc's issues 214 and 1364.
 */
final class Symmetric implements Workload {
    private static final String SLOTS = "slots";
    private static final String SIZE = "size";
    private static final String OWNERS = "owners";
    private static final String OWNED = "owned";
    private static final String IDLE = "idle_us";

    private final boolean idle;

    /** @param idle some threads stop allocating */
    Symmetric(boolean idle) {
        this.idle = idle;
    }

    @Override
    public String id() {
        return idle ? "idle-owner" : "symmetric";
    }

    @Override
    public String summary() {
        return idle
                ? "symmetric, but some threads only allocate for a while and then pause: what is sent to them piles up"
                : "threads swap objects through shared slots: all allocate, and free what others allocated";
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>();
        if (idle) {
            all.add(Parameter.count(OWNERS, "threads", 1, 1, 16_384, "threads that pause; one never does"));
            all.add(Parameter.count(OWNED, "objects", 4096, 1, 1 << 24, "what they allocate before a pause"));
            all.add(Parameter.count(IDLE, "us", 0, 0, 1_000_000, "the pause; 0 for one without end"));
        }
        all.addAll(WorkloadParameters.with(
                Parameter.count(SLOTS, "objects", 1024, 1, 1 << 20, "slots that all share"),
                Parameter.count(SIZE, "bytes", 64, 1, 1 << 20, "size of the objects")));
        return all;
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return ClassLookup.classesFor((int) settings.count(SIZE));
    }

    @Override
    public String remark(Settings settings, int threads) {
        return threads == 1 ? "a single thread exchanges with nobody: it frees its own objects" : null;
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context);
    }

    private final class Instance extends PaddedInstance {
        private static final long STEP_US = 100;

        private static final int OLD = Reg.W0;
        private static final int SLOT = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int LEFT = Reg.W4;
        private static final int NEW = Reg.W5;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final long table;
        private final int slots;
        private final int owners;
        private final long owned;
        private final long stepCycles;
        private final long steps;

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            slots = (int) settings.count(SLOTS);
            owners = idle ? (int) Math.min(settings.count(OWNERS), context.threads() - 1L) : 0;
            owned = idle ? settings.count(OWNED) : 0;
            long idleUs = idle ? settings.count(IDLE) : 0;
            stepCycles = Math.max(1, context.clockHz() * STEP_US / 1_000_000);
            steps = idleUs == 0 ? 0 : Math.max(1, idleUs / STEP_US);
            loop = new ThreadLoop(context);
            table = context.layout().reserve((long) slots * Layout.LINE, 2 * Layout.LINE);
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("symmetric"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            operation(a);
            loop.again(a, next);
            loop.exit(a, exit);
            if (idle) {
                owner(a);
            }
        }

        /** Allocates, swaps, frees. */
        private void operation(Assembler a) {
            Assembler.Label none = a.label();
            loop.allocate(a);
            a.mov(NEW, Reg.A0);
            draws.draw(a);
            draws.below(a, SLOT, slots);
            a.shli(SLOT, SLOT, 6);
            a.li(SCRATCH, table);
            a.add(SLOT, SLOT, SCRATCH);
            a.xchg(OLD, SLOT, 0, NEW);
            a.beqz(OLD, none);
            loop.release(a, OLD);
            a.place(none);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        private void owner(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("owner"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label active = a.here();
            a.li(LEFT, owned);
            Assembler.Label next = a.here();
            operation(a);
            loop.testStop(a, exit);
            a.djnz(LEFT, next);
            a.li(LEFT, Math.max(1, steps));
            Assembler.Label pause = a.here();
            a.li(Reg.A0, stepCycles);
            a.syscall(HostCall.SYS_NANOSLEEP);
            loop.testStop(a, exit);
            if (steps == 0) {
                a.jmp(pause);
            } else {
                a.djnz(LEFT, pause);
                a.jmp(active);
            }
            loop.exit(a, exit);
        }

        @Override
        public String entry(int thread) {
            return thread < owners ? "owner" : "symmetric";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
