package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.Buckets;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.List;

/**
 * The hybrid: a capped list per CPU under restartable sections, and foreign blocks returned by message. A block's owner
 * is the CPU into whose list it was last taken from the pool or from an inbox. A block freed on another CPU waits in
 * the thread's bucket for its owner; when a batch is pending over all owners, and before a refill, each bucket is
 * pushed as a chain onto the owner CPU's inbox. A thread that finds its CPU's list empty takes that CPU's inbox whole,
 * by one exchange: right for any number of takers, so it does not matter if the thread has moved meanwhile; it keeps
 * one block and pushes the others into the list of the CPU it then runs on, which becomes their owner; what no longer
 * fits goes to the pool.
 *
 * <p>Tiers: 0 pop or push, or a foreign block put into a bucket; 1 a batch was posted, an inbox was taken, refill or
 * flush; 2 a swap onto an inbox failed, or the pool's mutex was taken.
 *
 * <p>Where the kernel offers no rseq it is {@code message-passing}: lists per thread, without caps. So do real per-CPU
 * caches: TCMalloc runs in per-thread mode when it cannot register (google/tcmalloc issue 144).
 */
final class RseqMessage implements AllocatorStrategy {
    @Override
    public String id() {
        return "rseq-message";
    }

    @Override
    public String summary() {
        return "list per CPU, restartable sections, foreign blocks are sent to their CPU in batches";
    }

    @Override
    public String source() {
        return "rseq-freelist and message-passing combined; no published allocator";
    }

    @Override
    public List<Parameter> parameters() {
        return Parameters.CAPPED_MESSAGES;
    }

    @Override
    public boolean usesRseq() {
        return true;
    }

    @Override
    public String fallback() {
        return "message-passing";
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return context.rseq() ? new Instance(settings, context) : MessagePassing.instance(settings, context);
    }

    private static final class Instance extends Common {
        private static final int PENDING = ThreadAreas.REST;
        private static final int OWNER = Reg.T8;
        private static final int CPU = Reg.T1;
        private static final int INBOX = Reg.T3;
        private static final int HEAD = Reg.T7;
        private static final int NEXT = Reg.T8;

        private final PerCpuArea lists;
        private final PerCpuArea inboxes;
        private final Buckets buckets;
        private final ClassTable cap;
        private final ClassTable refill;
        private final ClassTable flush;

        Instance(Settings settings, StrategyContext context) {
            super(context, 16);
            int cpus = context.cpus();
            lists = new PerCpuArea(context.layout(), cpus, classes);
            inboxes = new PerCpuArea(context.layout(), cpus);
            int batch = (int) settings.count(Parameters.BATCH);
            buckets = new Buckets(context.layout(), threads, context.threads(), cpus, PENDING, batch);
            cap = Parameters.cap(settings, context, classes);
            refill = Parameters.refill(settings, context, classes);
            flush = Parameters.flush(settings, context, classes);
        }

        @Override
        void prepare(Assembler a, Cold cold, FutexMutex mutex) {
            buckets.emit(a, this::send);
        }

        /** Swaps a chain onto the owner's inbox. */
        private void send(Assembler a) {
            Assembler.Label again = a.label();
            Assembler.Label first = a.label();
            inboxes.address(a, Reg.A1, Buckets.OWNER, Reg.A2);
            a.ld64(HEAD, Reg.A1, PerCpuArea.HEAD);
            a.jmp(first);
            a.place(again);
            a.mark(Mark.TIER, 2);
            a.mov(HEAD, Reg.A2);
            a.place(first);
            a.st64(Buckets.CHAIN_LAST, NodeLayout.NEXT, HEAD);
            a.cas64(Reg.A2, Reg.A1, PerCpuArea.HEAD, HEAD, Buckets.CHAIN_FIRST);
            a.bne(Reg.A2, HEAD, again);
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            RseqSections sections = new RseqSections(lists, pad, call, cold);
            Assembler.Label empty = a.label();
            Assembler.Label none = a.label();
            Assembler.Label done = a.label();
            sections.pop(a, "pop", true, empty);
            end(a, Mark.MALLOC);

            a.place(empty);
            a.mark(Mark.TIER, 1);
            PerCpuArea.currentCpu(a, CPU);
            inboxes.address(a, INBOX, CPU, HEAD);
            a.ld64(HEAD, INBOX, PerCpuArea.HEAD);
            a.beqz(HEAD, none);
            a.xchg(Reg.A0, INBOX, PerCpuArea.HEAD, Reg.ZERO);
            a.beqz(Reg.A0, none);
            if (classes.single()) {
                keepChain(a, sections, done);
            } else {
                keepSized(a, sections, none);
            }
            a.place(done);
            end(a, Mark.MALLOC);

            a.place(none);
            buckets.postAll(a);
            Batches.refill(a, pool, refill, (as, refused) -> sections.pushAndOwn(as, "refill_push", cap, refused));
            PerCpuArea.currentCpu(a, CPU);
            a.st64(Reg.A0, NodeLayout.OWNER, CPU);
            end(a, Mark.MALLOC);
        }

        /**
         * Pushes the chain in A0 but for its last block, which stays in A0; what does not fit goes to the pool at once.
         */
        private void keepChain(Assembler a, RseqSections sections, Assembler.Label done) {
            Assembler.Label full = a.label();
            Assembler.Label found = a.label();
            Assembler.Label next = a.here();
            a.ld64(NEXT, Reg.A0, NodeLayout.NEXT);
            a.beqz(NEXT, done);
            sections.pushAndOwn(a, "drain_push", cap, full);
            a.mov(Reg.A0, NEXT);
            a.jmp(next);

            // A0 is kept for the caller; the rest of the chain, from NEXT on, is walked to its end and given back
            a.place(full);
            a.mov(Reg.T9, Reg.A0);
            a.mov(Reg.A1, NEXT);
            Assembler.Label walk = a.here();
            a.ld64(Reg.A2, Reg.A1, NodeLayout.NEXT);
            a.beqz(Reg.A2, found);
            a.mov(Reg.A1, Reg.A2);
            a.jmp(walk);
            a.place(found);
            a.mov(Reg.A0, NEXT);
            pool.give(a);
            a.mov(Reg.A0, Reg.T9);
        }

        /**
         * The same where blocks of several classes come back: all are pushed, each into the list of its class or else
         * given to the pool, and one of the wanted class is popped.
         */
        private void keepSized(Assembler a, RseqSections sections, Assembler.Label none) {
            int wanted = Reg.T9;
            Assembler.Label full = a.label();
            Assembler.Label pushed = a.label();
            Assembler.Label popped = a.label();
            classes.current(a, wanted);
            Assembler.Label next = a.here();
            a.ld64(NEXT, Reg.A0, NodeLayout.NEXT);
            classes.adopt(a, Reg.A0, Reg.T0);
            sections.pushAndOwn(a, "drain_push", cap, full);
            a.place(pushed);
            a.mov(Reg.A0, NEXT);
            a.bnez(NEXT, next);
            classes.restore(a, wanted);
            sections.pop(a, "drain_pop", false, none);
            a.jmp(popped);
            a.place(full);
            a.mov(Reg.A1, Reg.A0);
            pool.give(a);
            a.jmp(pushed);
            a.place(popped);
        }

        @Override
        void free(Assembler a, Cold cold) {
            RseqSections sections = new RseqSections(lists, pad, call, cold);
            Assembler.Label foreign = a.label();
            Assembler.Label posting = a.label();
            Assembler.Label full = a.label();
            a.ld64(OWNER, Reg.A0, NodeLayout.OWNER);
            sections.pushIfOwn(a, "push", cap, OWNER, foreign, full);
            end(a, Mark.FREE);

            a.place(foreign);
            buckets.put(a, cold, OWNER, posting);
            end(a, Mark.FREE);

            a.place(posting);
            a.mark(Mark.TIER, 1);
            buckets.post(a);
            end(a, Mark.FREE);

            a.place(full);
            Batches.flush(a, pool, flush, (as, dry) -> sections.pop(as, "flush_pop", false, dry));
            end(a, Mark.FREE);
        }

        @Override
        void audit(Audit audit) {
            audit.listsWithDepth(lists, context.cpus(), Place::cpu);
            for (int cpu = 0; cpu < context.cpus(); cpu++) {
                audit.list(inboxes.of(cpu, 0) + PerCpuArea.HEAD, Place.cpu(cpu).as("message to cpu " + cpu));
            }
            for (int thread = 0; thread < context.threads(); thread++) {
                for (int cpu = 0; cpu < context.cpus(); cpu++) {
                    Place place = Place.thread(thread).as("thread " + thread + ", for cpu " + cpu);
                    audit.list(buckets.first(thread, cpu), place);
                }
            }
        }
    }
}
