package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * Threads pair up: the even one allocates and writes, the odd one frees, with a ring of 1024 entries between them.
 * Whoever finds the ring full or empty yields at once. An operation is one allocate or one free, so that a hand-over
 * counts as two. An odd last thread allocates and frees alone. The two indices lie on 128-byte lines of their own, and
 * nobody keeps a copy of the other's. A round is 27 micro-operations for the producer and 24 for the consumer, as in
 * the native driver.
 *
 * <p>Source: L. Lamport's single-producer single-consumer ring (1983).
 */
final class ProducerConsumer implements Workload {
    private static final int ENTRIES = 1024;

    @Override
    public String id() {
        return "producer-consumer";
    }

    @Override
    public String summary() {
        return "pairs of threads: one allocates, the other frees; an odd last thread does both, alone";
    }

    @Override
    public String remark(Settings settings, int threads) {
        if (threads == 1) {
            return "a single thread has no partner: it allocates and frees alone, and nothing is handed over";
        }
        return threads % 2 == 0 ? null : "thread " + (threads - 1) + " has no partner: it allocates and frees alone";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with();
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends PaddedInstance {
        private static final int WRITTEN = 0;
        private static final int READ = 2 * Layout.LINE;
        private static final int ENTRY = 4 * Layout.LINE;
        private static final int BYTES = ENTRY + 8 * ENTRIES;

        /** The word of the thread's area that holds the ring's address. */
        private static final int PAIR = ThreadLoop.RING;

        private static final int OBJECT = Reg.W0;
        private static final int RING = Reg.W1;
        private static final int INDEX = Reg.W2;
        private static final int OTHER = Reg.W3;
        private static final int SLOT = Reg.W4;
        private static final int CAPACITY = Reg.W5;

        private final ThreadLoop loop;
        private final int threads;

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            threads = context.threads();
            loop = new ThreadLoop(context, 0);
            for (int thread = 0; thread + 1 < threads; thread += 2) {
                long ring = context.layout().reserve(BYTES, 2 * Layout.LINE);
                context.layout().word(loop.threadBase(thread) + PAIR, ring);
                context.layout().word(loop.threadBase(thread + 1) + PAIR, ring);
            }
        }

        @Override
        public void emit(Assembler a) {
            emitProducer(a);
            emitConsumer(a);
            emitAlone(a);
        }

        private void emitProducer(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label full = a.label();
            Assembler.Label room = a.label();
            a.place(a.label("producer"));
            enter(a, exit);
            Assembler.Label next = a.here();
            allocate(a);
            loop.copies(a, 4);
            a.ld64(INDEX, RING, WRITTEN);
            Assembler.Label look = a.here();
            a.ld64(OTHER, RING, READ);
            a.sub(OTHER, INDEX, OTHER);
            a.beq(OTHER, CAPACITY, full);
            a.place(room);
            slot(a);
            a.st64(SLOT, ENTRY, Reg.A0);
            a.addi(INDEX, INDEX, 1);
            a.st64(RING, WRITTEN, INDEX);
            loop.again(a, next);
            loop.exit(a, exit);

            // the block stays with this thread if nobody comes to take it
            a.place(full);
            loop.testStop(a, exit);
            a.mov(OBJECT, Reg.A0);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.mov(Reg.A0, OBJECT);
            a.jmp(look);
        }

        private void emitConsumer(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label empty = a.label();
            a.place(a.label("consumer"));
            enter(a, exit);
            Assembler.Label next = a.here();
            loop.copies(a, 2);
            a.ld64(INDEX, RING, READ);
            Assembler.Label look = a.here();
            a.ld64(OTHER, RING, WRITTEN);
            a.beq(OTHER, INDEX, empty);
            slot(a);
            a.ld64(OBJECT, SLOT, ENTRY);
            a.addi(INDEX, INDEX, 1);
            a.st64(RING, READ, INDEX);
            release(a);
            loop.again(a, next);
            loop.exit(a, exit);

            a.place(empty);
            loop.testStop(a, exit);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.jmp(look);
        }

        private void emitAlone(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("alone"));
            enter(a, exit);
            Assembler.Label next = a.here();
            allocate(a);
            a.mov(OBJECT, Reg.A0);
            release(a);
            loop.again(a, next);
            loop.exit(a, exit);
        }

        private void enter(Assembler a, Assembler.Label exit) {
            loop.enter(a);
            a.li(CAPACITY, ENTRIES);
            a.ld64(RING, Reg.WORKLOAD, PAIR);
            loop.testStop(a, exit);
        }

        private void allocate(Assembler a) {
            loop.allocate(a);
            loop.think(a, 0);
            count(a);
        }

        private void release(Assembler a) {
            loop.release(a, OBJECT);
            count(a);
        }

        private void count(Assembler a) {
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        /** SLOT = address of the entry of INDEX, but for the offset of the entries. */
        private static void slot(Assembler a) {
            a.andi(SLOT, INDEX, ENTRIES - 1);
            a.shli(SLOT, SLOT, 3);
            a.add(SLOT, SLOT, RING);
        }

        @Override
        public String entry(int thread) {
            if (thread % 2 == 1) {
                return "consumer";
            }
            return thread + 1 == threads ? "alone" : "producer";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
