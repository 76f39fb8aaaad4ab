package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Buckets;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.MessageQueue;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.PrivateList;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.List;

/**
 * A list per thread; a block goes back to the thread that got it from the pool. Foreign blocks wait in a bucket per
 * owner and are posted, one exchange per owner, when a batch is pending over all owners, and before a refill. The owner
 * takes in its messages when its list is empty, all that are there. Lists and queues have no cap. Tiers: 0 own list, or
 * a foreign block put into a bucket; 1 a batch was posted, messages were taken in, or a refill; 2 waited for the pool's
 * mutex.
 */
final class MessagePassing implements AllocatorStrategy {
    @Override
    public String id() {
        return "message-passing";
    }

    @Override
    public String summary() {
        return "list per thread, no synchronisation, foreign blocks are sent to their owner in batches";
    }

    @Override
    public String source() {
        return "snmalloc as published (Lietar et al., ISMM 2019)";
    }

    @Override
    public List<Parameter> parameters() {
        return Parameters.MESSAGES;
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return instance(settings, context);
    }

    /** Also the fallback of {@code rseq-message}; the settings must hold those of {@link Parameters#MESSAGES}. */
    static StrategyInstance instance(Settings settings, StrategyContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends Common {
        private static final int PENDING = ThreadAreas.REST;
        private static final int OWNER = Reg.T2;
        private static final int QUEUE = Reg.T8;
        private static final int NODE = Reg.T3;
        private static final int NEXT = Reg.T4;
        private static final int TAKEN = Reg.T5;

        private final PrivateList local;
        private final MessageQueue queues;
        private final Buckets buckets;
        private final ClassTable refill;

        Instance(Settings settings, StrategyContext context) {
            super(context, 16);
            int owners = context.threads();
            local = new PrivateList(pad, classes);
            queues = new MessageQueue(context.layout(), owners);
            int batch = (int) settings.count(Parameters.BATCH);
            buckets = new Buckets(context.layout(), threads, owners, owners, PENDING, batch);
            refill = Parameters.uncappedRefill(settings, context, classes);
        }

        @Override
        void prepare(Assembler a, Cold cold, FutexMutex mutex) {
            buckets.emit(a, as -> {
                queues.address(as, Reg.A1, Buckets.OWNER, Reg.A2);
                queues.post(as, Reg.A1, Buckets.CHAIN_FIRST, Buckets.CHAIN_LAST, Reg.A2);
            });
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            Assembler.Label empty = a.label();
            Assembler.Label none = a.label();
            local.pop(a, empty);
            end(a, Mark.MALLOC);

            a.place(empty);
            a.mark(Mark.TIER, 1);
            drain(a, cold);
            local.popAgain(a, none);
            end(a, Mark.MALLOC);

            a.place(none);
            buckets.postAll(a);
            local.refill(a, pool, refill);
            end(a, Mark.MALLOC);
        }

        /** Every block whose successor is linked goes to the own list; the last one stays behind as the stub. */
        private void drain(Assembler a, Cold cold) {
            Assembler.Label open = a.label();
            Assembler.Label opened = a.label();
            Assembler.Label next = a.label();
            Assembler.Label last = a.label();
            a.ld64(OWNER, Reg.TLS, ThreadAreas.ID);
            queues.address(a, QUEUE, OWNER, NODE);
            queues.loadFront(a, QUEUE, NODE);
            a.beqz(NODE, open);
            a.place(opened);
            a.li(TAKEN, 0);
            a.place(next);
            a.ld64(NEXT, NODE, NodeLayout.NEXT);
            a.beqz(NEXT, last);
            local.pushAny(a, NODE);
            a.mov(NODE, NEXT);
            a.addi(TAKEN, TAKEN, 1);
            a.jmp(next);
            a.place(last);
            queues.storeFront(a, QUEUE, NODE);
            cold.later(() -> {
                a.place(open);
                pool.takeOne(a);
                a.mov(NODE, Reg.A0);
                // the stub becomes a block of this thread's once something is queued behind it
                a.st64(NODE, NodeLayout.OWNER, OWNER);
                queues.open(a, QUEUE, NODE);
                a.jmp(opened);
            });
        }

        @Override
        void free(Assembler a, Cold cold) {
            Assembler.Label foreign = a.label();
            Assembler.Label full = a.label();
            PrivateList.testOwner(a, Reg.A0, OWNER, foreign);
            local.push(a, Reg.A0, true);
            end(a, Mark.FREE);

            a.place(foreign);
            buckets.put(a, cold, OWNER, full);
            end(a, Mark.FREE);

            a.place(full);
            a.mark(Mark.TIER, 1);
            buckets.post(a);
            end(a, Mark.FREE);
        }

        /** As in snmalloc: what is pending is posted, list and queue go to the thread that follows. */
        @Override
        void threadEnd(Assembler a, Cold cold) {
            buckets.postAll(a);
        }

        @Override
        void audit(Audit audit) {
            locals(audit, local, false);
            for (int thread = 0; thread < context.threads(); thread++) {
                audit.list(queues.front(thread), Place.thread(thread).as("message to thread " + thread));
                for (int owner = 0; owner < context.threads(); owner++) {
                    Place place = Place.thread(thread).as("thread " + thread + ", for thread " + owner);
                    audit.list(buckets.first(thread, owner), place);
                }
            }
        }
    }
}
