package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.FactorialPoint.Home;
import io.rseqlab.collector.strategy.FactorialPoint.Sync;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.Buckets;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.PrivateList;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * malloc and free of the capped points of the factorial. Below, "number" is the CPU's, the concurrency id or the
 * thread's, whichever the lists are by.
 *
 * <p>Where foreign blocks go home, a block's owner is the number on whose list it was last put from the pool or from an
 * inbox. By message, a block freed under another number waits in the thread's bucket for its owner; when a batch is
 * pending over all owners, and before a refill, each bucket is swapped as a chain onto the owner's inbox. By CAS, each
 * is swapped onto it at once. A thread that finds its list empty takes the inbox whole, by one exchange: right for any
 * number of takers, so it does not matter if the thread has moved meanwhile; it keeps one block and pushes the others
 * into the list of the number it then has, which becomes their owner; what no longer fits goes to the pool.
 *
 * <p>Tiers: 0 pop or push, a foreign block put into a bucket, or one swap onto an inbox; 1 a batch was posted, an inbox
 * was taken, refill or flush; 2 the list was locked, a swap failed, or the pool's mutex was taken.
 */
final class FactorialInstance extends Common {
    private static final int PENDING = ThreadAreas.REST;
    private static final int BUCKETS_BYTES = 16;
    /** Bytes of a thread's area with a number that getcpu has said, too. */
    private static final int NUMBER_BYTES = 32;

    private static final int OWNER = Reg.T8;
    private static final int NUMBER = Reg.T1;
    private static final int INBOX = Reg.T3;
    private static final int HEAD = Reg.T7;
    private static final int SEEN = Reg.T5;
    private static final int NEXT = Reg.T8;

    private final Sync sync;
    private final Home home;
    private final ListIndex index;
    private final int numbers;
    private final long refresh;
    /** Where lists are by CPU or concurrency id. */
    private final PerCpuArea lists;
    /** Where they are by thread. */
    private final PrivateList own;

    private final PerCpuArea inboxes;
    private final Buckets buckets;
    private final ClassTable cap;
    private final ClassTable refill;
    private final ClassTable flush;
    private LocalLists local;

    FactorialInstance(Sync sync, Home home, ListIndex index, Settings settings, StrategyContext context) {
        super(context, keepsNumber(settings) ? NUMBER_BYTES : home == Home.MESSAGE ? BUCKETS_BYTES : 0);
        refresh = keepsNumber(settings) ? settings.count(Parameters.REFRESH) : 1;
        this.sync = sync;
        this.home = home;
        this.index = index;
        numbers = index.numbers(context);
        lists = sync == Sync.NONE ? null : new PerCpuArea(context.layout(), numbers, classes);
        own = new PrivateList(pad, classes);
        inboxes = home == Home.LOCAL ? null : new PerCpuArea(context.layout(), numbers);
        buckets = home == Home.MESSAGE
                ? new Buckets(context.layout(), threads, context.threads(), numbers, PENDING, (int)
                        settings.count(Parameters.BATCH))
                : null;
        Parameters.Caps caps = new Parameters.Caps(settings, context, classes, numbers);
        cap = caps.cap();
        refill = caps.refill();
        flush = caps.flush();
    }

    private static boolean keepsNumber(Settings settings) {
        return settings.chooses(Parameters.INDEX, Parameters.GETCPU) && settings.count(Parameters.REFRESH) > 1;
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        local = switch (sync) {
            case NONE -> new PlainLists(own);
            case RSEQ -> new RseqSections(lists, index, pad, call, cold);
            case LOCK -> new LockedLists(lists, index, numbers, refresh, pad, cold);
            case CAS -> new SwappedLists(lists, index, pad, cold);
        };
        local.prepare(a);
        if (buckets != null) {
            buckets.emit(a, this::send);
        }
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

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        local.enterMalloc(a);
        local.pop(a, "pop", true, empty);
        local.leaveMalloc(a);
        end(a, Mark.MALLOC);
        a.place(empty);
        if (home == Home.LOCAL) {
            Batches.refill(
                    a,
                    pool,
                    refill,
                    (as, full) -> local.push(as, LocalLists.Push.any("refill_push", false, cap, full)));
        } else {
            takeInbox(a);
        }
        end(a, Mark.MALLOC);
    }

    private void takeInbox(Assembler a) {
        Assembler.Label none = a.label();
        Assembler.Label done = a.label();
        a.mark(Mark.TIER, 1);
        index.load(a, NUMBER);
        inboxes.address(a, INBOX, NUMBER, HEAD);
        a.ld64(HEAD, INBOX, PerCpuArea.HEAD);
        a.beqz(HEAD, none);
        a.xchg(Reg.A0, INBOX, PerCpuArea.HEAD, Reg.ZERO);
        a.beqz(Reg.A0, none);
        if (classes.single()) {
            keepChain(a, done);
        } else {
            keepSized(a, none);
        }
        a.place(done);
        end(a, Mark.MALLOC);

        a.place(none);
        if (buckets != null) {
            buckets.postAll(a);
        }
        Batches.refill(a, pool, refill, (as, full) -> local.push(as, LocalLists.Push.owning("refill_push", cap, full)));
        index.load(a, NUMBER);
        a.st64(Reg.A0, NodeLayout.OWNER, NUMBER);
    }

    /** Pushes the chain in A0 but for its last block, which stays in A0; what does not fit goes to the pool at once. */
    private void keepChain(Assembler a, Assembler.Label done) {
        Assembler.Label full = a.label();
        Assembler.Label found = a.label();
        Assembler.Label next = a.here();
        a.ld64(NEXT, Reg.A0, NodeLayout.NEXT);
        a.beqz(NEXT, done);
        local.push(a, LocalLists.Push.owning("drain_push", cap, full));
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
     * The same where blocks of several classes come back: all are pushed, each onto the list of its class or else given
     * to the pool, and one of the wanted class is popped.
     */
    private void keepSized(Assembler a, Assembler.Label none) {
        int wanted = Reg.T9;
        Assembler.Label full = a.label();
        Assembler.Label pushed = a.label();
        Assembler.Label popped = a.label();
        classes.current(a, wanted);
        Assembler.Label next = a.here();
        a.ld64(NEXT, Reg.A0, NodeLayout.NEXT);
        classes.adopt(a, Reg.A0, Reg.T0);
        local.push(a, LocalLists.Push.owning("drain_push", cap, full));
        a.place(pushed);
        a.mov(Reg.A0, NEXT);
        a.bnez(NEXT, next);
        classes.restore(a, wanted);
        local.pop(a, "drain_pop", false, none);
        a.jmp(popped);
        a.place(full);
        a.mov(Reg.A1, Reg.A0);
        pool.give(a);
        a.jmp(pushed);
        a.place(popped);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label foreign = a.label();
        Assembler.Label full = a.label();
        local.enterFree(a);
        if (home == Home.LOCAL) {
            local.push(a, LocalLists.Push.any("push", true, cap, full));
        } else {
            a.ld64(OWNER, Reg.A0, NodeLayout.OWNER);
            local.push(a, LocalLists.Push.toOwner("push", cap, full, OWNER, foreign));
        }
        local.leaveFree(a);
        end(a, Mark.FREE);
        if (home != Home.LOCAL) {
            a.place(foreign);
            local.leaveFree(a);
            if (home == Home.MESSAGE) {
                freeByMessage(a, cold);
            } else {
                freeBySwap(a, cold);
            }
        }
        a.place(full);
        Batches.flush(a, pool, flush, (as, dry) -> local.pop(as, "flush_pop", false, dry));
        end(a, Mark.FREE);
    }

    private void freeByMessage(Assembler a, Cold cold) {
        Assembler.Label posting = a.label();
        buckets.put(a, cold, OWNER, posting);
        end(a, Mark.FREE);
        a.place(posting);
        a.mark(Mark.TIER, 1);
        buckets.post(a);
        end(a, Mark.FREE);
    }

    private void freeBySwap(Assembler a, Cold cold) {
        Assembler.Label failed = a.label();
        inboxes.address(a, INBOX, OWNER, HEAD);
        a.ld64(HEAD, INBOX, PerCpuArea.HEAD);
        Static.bump(a, Reg.TLS, ThreadAreas.REMOTE_FREES, SEEN);
        Assembler.Label again = a.here();
        a.st64(Reg.A0, NodeLayout.NEXT, HEAD);
        a.cas64(SEEN, INBOX, PerCpuArea.HEAD, HEAD, Reg.A0);
        a.bne(SEEN, HEAD, failed);
        end(a, Mark.FREE);
        cold.later(() -> {
            a.place(failed);
            a.mark(Mark.TIER, 2);
            a.mov(HEAD, SEEN);
            a.jmp(again);
        });
    }

    /** A thread's own list is drained and its messages are posted; an inbox by thread is left to who follows. */
    @Override
    void threadEnd(Assembler a, Cold cold) {
        if (buckets != null) {
            buckets.postAll(a);
        }
        if (sync == Sync.NONE) {
            own.drain(a, pool);
        }
    }

    @Override
    void audit(Audit audit) {
        if (sync == Sync.NONE) {
            locals(audit, own, true);
        } else {
            audit.listsWithDepth(lists, numbers, index::place);
        }
        for (int number = 0; number < numbers && inboxes != null; number++) {
            Place place = index.place(number);
            audit.list(inboxes.of(number, 0) + PerCpuArea.HEAD, place.as("message to " + place));
        }
        for (int thread = 0; thread < context.threads() && buckets != null; thread++) {
            for (int number = 0; number < numbers; number++) {
                Place place = Place.thread(thread).as("thread " + thread + ", for " + index.place(number));
                audit.list(buckets.first(thread, number), place);
            }
        }
    }
}
