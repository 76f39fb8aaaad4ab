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
import java.util.stream.IntStream;

/**
 * Half of the threads allocate, the other half frees: what is freed is always another's. A producer fills a block with
 * {@code batch} pointers to new objects, whose first 128 bytes it writes, and puts it on a list under a lock, where at
 * most {@code waiting} lie; a consumer takes the one put there last, and frees the objects and the block. Who finds the
 * list full or empty yields. An operation is one allocate or one free. An odd last thread consumes. With
 * {@code touch=never} nobody reads or writes the objects, as in the test that came before.
 *
 * <p>Source: xmalloc-test as in mimalloc-bench (after C. Lever and D. Boreham, 2000): 4096 pointers, 100 batches, 64
 * bytes or one of 17 sizes from 8 to 2048 with equal chance. SuperMalloc's new-malloc-test, from which it comes, does
 * not write the objects.
 */
final class XmallocTest implements Workload {
    private static final String BATCH = "batch";
    private static final String WAITING = "waiting";
    private static final String SIZE = "size";
    private static final String TOUCH = "touch";
    private static final String IDLE = "idle_us";
    private static final int[] MIXED = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};
    /** Offsets in a batch; behind the words that allocators may use. */
    private static final int NEXT = 0;

    private static final int POINTERS = 32;

    @Override
    public String id() {
        return "xmalloc-test";
    }

    @Override
    public String summary() {
        return "half of the threads allocate, in batches, the other half frees: all frees are foreign";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(BATCH, "objects", 4096, 1, 65_536, "objects that are handed over at once"),
                Parameter.count(WAITING, "batches", 100, 1, 65_536, "batches that may wait"),
                Parameter.count(SIZE, "bytes", 64, 0, 1 << 20, "size of the objects; 0 for one of 17 from 8 to 2048"),
                Parameter.choice(
                        TOUCH,
                        List.of("write", "never"),
                        "the producer writes the first 128 bytes of an object, or nobody touches them"),
                Parameter.number(
                        IDLE, "us", 0, 0, 1e6, "who finds the list full or empty sleeps so long at a time; 0: yields"));
    }

    @Override
    public String remark(Settings settings, int threads) {
        return threads == 1 ? "a single thread has no partner: it allocates and frees alone" : null;
    }

    private static int batchBytes(Settings settings) {
        return POINTERS + 8 * (int) settings.count(BATCH);
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        int size = (int) settings.count(SIZE);
        IntStream objects = size == 0 ? IntStream.of(MIXED) : IntStream.of(size);
        return ClassLookup.classesFor(
                IntStream.concat(objects, IntStream.of(batchBytes(settings))).toArray());
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int WRITTEN_BYTES = 128;

        private static final int BATCH_BLOCK = Reg.W0;
        private static final int AT = Reg.W1;
        private static final int LEFT = Reg.W2;
        private static final int RANDOM = Reg.W3;
        private static final int SCRATCH = Reg.W4;
        private static final int OBJECT = Reg.W5;
        private static final int COUNT = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizeClasses sizes;
        private final ClassLookup mixed;
        private final YieldLock lock;
        private final int head;
        private final int waitingBatches;
        private final int threads;
        private final int batch;
        private final int waiting;
        private final int size;
        private final boolean touched;
        private final long sleepCycles;
        private final int batchClass;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            this.sizes = sizes;
            threads = context.threads();
            batch = (int) settings.count(BATCH);
            waiting = (int) settings.count(WAITING);
            size = (int) settings.count(SIZE);
            touched = settings.chooses(TOUCH, "write");
            sleepCycles = Math.round(settings.number(IDLE) * context.clockHz() / 1e6);
            batchClass = sizes.holding(batchBytes(settings));
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            mixed = size == 0 ? new ClassLookup(layout, sizes, MIXED.length, i -> MIXED[i]) : null;
            long list = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
            lock = new YieldLock(list);
            head = Math.toIntExact(list + 8);
            waitingBatches = Math.toIntExact(list + 16);
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("producer"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            fill(a, exit);
            put(a, exit);
            loop.again(a, next);
            loop.exit(a, exit);

            Assembler.Label end = a.label();
            a.place(a.label("consumer"));
            loop.enter(a);
            Assembler.Label again = a.here();
            take(a, end);
            drain(a);
            a.jmp(again);
            loop.exit(a, end);

            Assembler.Label over = a.label();
            a.place(a.label("alone"));
            loop.enter(a);
            loop.testStop(a, over);
            Assembler.Label round = a.here();
            fill(a, over);
            drain(a);
            loop.again(a, round);
            loop.exit(a, over);
        }

        /** BATCH_BLOCK = a new block full of new objects. */
        private void fill(Assembler a, Assembler.Label exit) {
            a.li(Reg.A0, batchClass);
            allocate(a);
            a.mov(BATCH_BLOCK, Reg.A0);
            a.mov(AT, Reg.A0);
            a.li(LEFT, batch);
            Assembler.Label object = a.here();
            if (mixed != null) {
                draws.draw(a);
                draws.below(a, OBJECT, MIXED.length);
                mixed.look(a, Reg.A0, OBJECT);
            } else if (!sizes.single()) {
                a.li(Reg.A0, sizes.holding(size));
            }
            if (touched) {
                allocate(a);
                writeSecondLine(a);
            } else {
                loop.allocateUntouched(a);
                count(a);
            }
            a.st64(AT, POINTERS, Reg.A0);
            a.addi(AT, AT, 8);
            loop.testStop(a, exit);
            a.djnz(LEFT, object);
        }

        /** Objects of more than a line are written up to 128 bytes; of a mixed size only where they have as many. */
        private void writeSecondLine(Assembler a) {
            if (size == 0) {
                // the look-up has left twice the number drawn, and the sizes ascend
                Assembler.Label small = a.label();
                a.li(SCRATCH, 2L * firstOfTwoLines());
                a.blt(OBJECT, SCRATCH, small);
                a.st64(Reg.A0, WRITTEN_BYTES - Layout.LINE, ThreadLoop.ONE);
                a.place(small);
            } else if (size > Layout.LINE) {
                a.st64(Reg.A0, WRITTEN_BYTES - Layout.LINE, ThreadLoop.ONE);
            }
        }

        private static int firstOfTwoLines() {
            int first = 0;
            while (MIXED[first] <= Layout.LINE) {
                first++;
            }
            return first;
        }

        private void allocate(Assembler a) {
            loop.allocate(a);
            count(a);
        }

        private void count(Assembler a) {
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        private void put(Assembler a, Assembler.Label exit) {
            Assembler.Label room = a.label();
            Assembler.Label retry = a.here();
            lock.lock(a, SCRATCH, AT);
            a.ld64(COUNT, Reg.ZERO, waitingBatches);
            a.li(SCRATCH, waiting);
            a.blt(COUNT, SCRATCH, room);
            lock.unlock(a);
            loop.testStop(a, exit);
            waitForOthers(a);
            a.jmp(retry);
            a.place(room);
            a.addi(COUNT, COUNT, 1);
            a.st64(Reg.ZERO, waitingBatches, COUNT);
            a.ld64(SCRATCH, Reg.ZERO, head);
            a.st64(BATCH_BLOCK, NEXT, SCRATCH);
            a.st64(Reg.ZERO, head, BATCH_BLOCK);
            lock.unlock(a);
        }

        /** What a condition variable would end is slept through: at the end nobody needs to be woken then. */
        private void waitForOthers(Assembler a) {
            if (sleepCycles > 0) {
                a.li(Reg.A0, sleepCycles);
                a.syscall(HostCall.SYS_NANOSLEEP);
            } else {
                a.syscall(HostCall.SYS_SCHED_YIELD);
            }
        }

        /** BATCH_BLOCK = the batch put last. */
        private void take(Assembler a, Assembler.Label exit) {
            Assembler.Label some = a.label();
            Assembler.Label retry = a.here();
            loop.testStop(a, exit);
            lock.lock(a, SCRATCH, AT);
            a.ld64(BATCH_BLOCK, Reg.ZERO, head);
            a.bnez(BATCH_BLOCK, some);
            lock.unlock(a);
            waitForOthers(a);
            a.jmp(retry);
            a.place(some);
            a.ld64(SCRATCH, BATCH_BLOCK, NEXT);
            a.st64(Reg.ZERO, head, SCRATCH);
            a.ld64(COUNT, Reg.ZERO, waitingBatches);
            a.addi(COUNT, COUNT, -1);
            a.st64(Reg.ZERO, waitingBatches, COUNT);
            lock.unlock(a);
        }

        /** Frees the objects of a batch, and then its block. */
        private void drain(Assembler a) {
            a.mov(AT, BATCH_BLOCK);
            a.li(LEFT, batch);
            Assembler.Label object = a.here();
            a.ld64(OBJECT, AT, POINTERS);
            if (touched) {
                loop.release(a, OBJECT);
            } else {
                loop.releaseUntouched(a, OBJECT, threads > 1);
            }
            count(a);
            a.addi(AT, AT, 8);
            a.djnz(LEFT, object);
            loop.release(a, BATCH_BLOCK);
            count(a);
        }

        @Override
        public String entry(int thread) {
            if (threads == 1) {
                return "alone";
            }
            return thread % 2 == 0 && thread + 1 < threads ? "producer" : "consumer";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
