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
 * Threads that allocate an object of a byte, write and read it many times, and free it: an allocator that gives two
 * threads objects of one cache line makes them pay for each other's writes. {@code cache-thrash} is no more than that
 * (active false sharing). In {@code cache-scratch} the first thread allocates one object for each thread before, which
 * that thread frees first of all: an allocator that keeps it where it was freed has now objects of one line in several
 * threads' caches (passive false sharing). An operation is one allocate and one free.
 *
 * <p>Source: E. Berger et al., "Hoard: A scalable memory allocator for multithreaded applications" (2000);
 * mimalloc-bench writes and reads 2 000 000 / N times, which takes longer than a simulated run.
 */
final class FalseSharing implements Workload {
    private static final String TOUCHES = "touches";

    private final boolean passive;

    /** @param passive objects go from one thread to all others first */
    FalseSharing(boolean passive) {
        this.passive = passive;
    }

    @Override
    public String id() {
        return passive ? "cache-scratch" : "cache-thrash";
    }

    @Override
    public String summary() {
        return passive
                ? "threads free an object that the first allocated, then allocate, write and free ones of their own"
                : "threads allocate an object of a byte, write it over and over, and free it";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(TOUCHES, "times", 1000, 1, 1 << 20, "how often an object is written and read"));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return ClassLookup.classesFor(1);
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context);
    }

    private final class Instance extends PaddedInstance {
        private static final int OBJECT = Reg.W0;
        private static final int LEFT = Reg.W1;
        private static final int SLOT = Reg.W2;
        private static final int VALUE = Reg.W3;

        private final ThreadLoop loop;
        private final long touches;
        private final int threads;
        private final long gifts;

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            touches = settings.count(TOUCHES);
            threads = context.threads();
            loop = new ThreadLoop(context);
            gifts = context.layout().reserve((long) Layout.LINE * threads, 2 * Layout.LINE);
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label begin = a.label();
            if (passive) {
                a.place(a.label("giver"));
                loop.enter(a);
                give(a);
                a.jmp(begin);
            }
            a.place(a.label("writer"));
            loop.enter(a);
            a.place(begin);
            loop.testStop(a, exit);
            if (passive) {
                receive(a, exit);
            }
            Assembler.Label next = a.here();
            loop.allocate(a);
            a.mov(OBJECT, Reg.A0);
            a.li(LEFT, touches);
            Assembler.Label touch = a.here();
            a.ld64(VALUE, OBJECT, ThreadLoop.PAYLOAD);
            a.st64(OBJECT, ThreadLoop.PAYLOAD, VALUE);
            a.djnz(LEFT, touch);
            loop.release(a, OBJECT);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            loop.again(a, next);
            loop.exit(a, exit);
        }

        /** Allocates an object for each thread. */
        private void give(Assembler a) {
            a.li(SLOT, gifts);
            a.li(LEFT, threads);
            Assembler.Label next = a.here();
            loop.allocate(a);
            a.st64(SLOT, 0, Reg.A0);
            a.addi(SLOT, SLOT, Layout.LINE);
            a.djnz(LEFT, next);
        }

        /** Waits for the object that is for this thread, and frees it. */
        private void receive(Assembler a, Assembler.Label exit) {
            Assembler.Label there = a.label();
            a.ld64(SLOT, Reg.WORKLOAD, ThreadLoop.ID);
            a.shli(SLOT, SLOT, 6);
            a.li(VALUE, gifts);
            a.add(SLOT, SLOT, VALUE);
            Assembler.Label look = a.here();
            a.ld64(OBJECT, SLOT, 0);
            a.bnez(OBJECT, there);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            loop.testStop(a, exit);
            a.jmp(look);
            a.place(there);
            loop.release(a, OBJECT);
        }

        @Override
        public String entry(int thread) {
            return passive && thread == 0 ? "giver" : "writer";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
