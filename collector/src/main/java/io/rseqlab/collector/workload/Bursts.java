package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * Threads that work in bursts: allocate {@code live} objects, replace the oldest {@code burst} times, free all, and
 * sleep. What a cache of a thread or CPU keeps meanwhile is of no use to anybody, and where a thread wakes up decides
 * which cache it finds. An operation is one allocate and one free.
 *
 * <p>Source: the intermittent load for which Linux keeps concurrency ids compact and near (commit 7e019dcc); stranded
 * memory as in "Characterizing a Memory Allocator at Warehouse Scale" (2024).
 */
final class Bursts implements Workload {
    private static final String LIVE = "live";
    private static final String BURST = "burst";
    private static final String PAUSE = "pause_us";
    private static final String SIZE = "size";

    @Override
    public String id() {
        return "bursts";
    }

    @Override
    public String summary() {
        return "threads allocate, work and free all in bursts, and sleep between them";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(LIVE, "objects", 256, 1, 1 << 20, "objects of a burst that are live at once"),
                Parameter.count(BURST, "operations", 2000, 0, 1 << 30, "objects replaced in a burst"),
                Parameter.count(PAUSE, "us", 500, 0, 1_000_000, "sleep between bursts; 0 to yield"),
                Parameter.count(SIZE, "bytes", 64, 1, 1 << 20, "size of the objects"));
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
        private static final int AT = Reg.W0;
        private static final int LEFT = Reg.W1;
        private static final int OLD = Reg.W2;
        private static final int BEGIN = Reg.W3;
        private static final int END = Reg.W4;

        private final ThreadLoop loop;
        private final long live;
        private final long burst;
        private final long pauseCycles;

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            live = settings.count(LIVE);
            burst = settings.count(BURST);
            pauseCycles = Math.round(settings.count(PAUSE) * 1e-6 * context.clockHz());
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, layout.reserve(8 * live, 2 * Layout.LINE));
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("bursts"));
            loop.enter(a);
            a.ld64(BEGIN, Reg.WORKLOAD, ThreadLoop.RING);
            a.li(END, 8 * live);
            a.add(END, END, BEGIN);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            fill(a);
            if (burst > 0) {
                replace(a, exit);
            }
            empty(a);
            a.li(Reg.A0, pauseCycles);
            a.syscall(pauseCycles == 0 ? HostCall.SYS_SCHED_YIELD : HostCall.SYS_NANOSLEEP);
            a.jmp(next);
            loop.exit(a, exit);
        }

        private void fill(Assembler a) {
            a.mov(AT, BEGIN);
            Assembler.Label object = a.here();
            loop.allocate(a);
            a.st64(AT, 0, Reg.A0);
            a.addi(AT, AT, 8);
            a.bne(AT, END, object);
        }

        private void replace(Assembler a, Assembler.Label exit) {
            Assembler.Label within = a.label();
            a.mov(AT, BEGIN);
            a.li(LEFT, burst);
            Assembler.Label object = a.here();
            loop.allocate(a);
            a.ld64(OLD, AT, 0);
            a.st64(AT, 0, Reg.A0);
            loop.release(a, OLD);
            done(a);
            loop.testStop(a, exit);
            a.addi(AT, AT, 8);
            a.bne(AT, END, within);
            a.mov(AT, BEGIN);
            a.place(within);
            a.djnz(LEFT, object);
        }

        private void empty(Assembler a) {
            a.mov(AT, BEGIN);
            Assembler.Label object = a.here();
            a.ld64(OLD, AT, 0);
            loop.release(a, OLD);
            done(a);
            a.addi(AT, AT, 8);
            a.bne(AT, END, object);
        }

        private void done(Assembler a) {
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        @Override
        public String entry(int thread) {
            return "bursts";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
