package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.PrivateList;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * malloc pops from the thread's list of the size. If that is empty it takes in messages, then takes the whole free
 * queue of a slab that has woken, or makes a slab. free looks the block up in the page map; an own block is appended to
 * its slab's free queue, and when enough are free there the slab wakes, when all are it may go back
 * ({@link SnmallocSlabs}); a foreign one goes to {@link SnmallocRemote}. With {@code check=always}, as in 2019, each
 * malloc and free looks for messages first.
 *
 * <p>A thread that ends posts what it has pending and leaves the rest to the thread that follows, which takes its
 * allocator over from the pool: messages that arrive meanwhile wait.
 *
 * <p>A thread's pages are a host service ({@link OwnedSlabs}); what the system may have back, whole pieces of 2 MiB, it
 * is told lazily (MADV_FREE) and leaves here, as it does while memory is not short.
 *
 * <p>Left out: the own lists of a thread that ends do not go back to their slabs; chains of the queue begin with a node
 * that stays, as in 2019; free lists are built in order. Tiers: 0 own list, own slab, or a foreign block put into a
 * ring or slot; 1 messages were taken in or posted, a slab was taken, made or given back; 2 the lock of the address
 * space was taken.
 */
final class SnmallocInstance extends Common {
    /** Word of the thread's area: its queue, which is its name as an owner. */
    static final int SELF = ThreadAreas.REST;

    private static final int ENTRY = Reg.T0;
    private static final int OWNER = Reg.T1;
    private static final int META = SnmallocRemote.META;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int SELF_QUEUE = Reg.T6;

    private final boolean checksAlways;
    private final PrivateList local;
    final OwnedSlabs slabs;
    private final SnmallocRemote remote;
    private final SnmallocSlabs states;
    private SpinLock locks;

    SnmallocInstance(Settings settings, StrategyContext context) {
        super(context, 40, BlockClasses.Lookup.IN_MALLOC);
        Layout layout = context.layout();
        checksAlways = settings.choice(Snmalloc.CHECK).equals(Snmalloc.ALWAYS);
        local = new PrivateList(pad, classes);
        int wake = (int) settings.count(Snmalloc.WAKE);
        slabs = new OwnedSlabs(
                layout,
                classes,
                context.threads(),
                (int) settings.count(Snmalloc.CHUNK),
                (bytes, blocks) -> Math.max(1, Math.min(blocks / 4, wake)));
        remote = new SnmallocRemote(settings, context, threads, slabs);
        states = new SnmallocSlabs(context, classes, threads, slabs, (int) settings.count(Snmalloc.KEEP));
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = new SpinLock(a, cold);
        states.emit(a, locks);
        remote.emit(a, states::change);
    }

    /** Takes in messages if there are any: load of the front, load of its link, branch. */
    private void check(Assembler a, Cold cold) {
        Assembler.Label some = a.label();
        Assembler.Label none = a.label();
        a.ld64(SELF_QUEUE, Reg.TLS, SELF);
        remote.lookForMessages(a, SELF_QUEUE, SCRATCH, some);
        a.place(none);
        cold.later(() -> {
            a.place(some);
            a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
            remote.callReceive(a);
            a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
            a.jmp(none);
        });
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        Assembler.Label make = a.label();
        if (checksAlways) {
            check(a, cold);
        }
        local.pop(a, empty);
        end(a, Mark.MALLOC);

        a.place(empty);
        a.mark(Mark.TIER, 1);
        if (!checksAlways) {
            check(a, cold);
        }
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        states.take(a, make);
        a.mark(Mark.CHAIN, Mark.COUNT_REFILL_OBJECTS, Reg.A0);
        a.ld64(OTHER, Reg.A0, NodeLayout.NEXT);
        local.replace(a, OTHER);
        end(a, Mark.MALLOC);

        a.place(make);
        makeSlab(a);
        end(a, Mark.MALLOC);
    }

    private void makeSlab(Assembler a) {
        int meta = Reg.T10;
        int row = Reg.T11;
        a.ld64(SELF_QUEUE, Reg.TLS, SELF);
        slabs.make(a, locks, SELF_QUEUE, meta, row);
        SnmallocSlabs.sleep(a, meta, row);
        a.ld64(SCRATCH, row, OwnedSlabs.BLOCKS);
        a.ld64(OTHER, row, OwnedSlabs.BYTES);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, SCRATCH);
        OwnedSlabs.link(a, Reg.A0, SCRATCH, OTHER, Reg.T0, Reg.T1);
        a.ld64(OTHER, Reg.A0, NodeLayout.NEXT);
        local.replace(a, OTHER);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label foreign = a.label();
        Assembler.Label changes = a.label();
        if (checksAlways) {
            check(a, cold);
        }
        slabs.entry(a, ENTRY, Reg.A0);
        slabs.owner(a, OWNER, ENTRY);
        a.andi(SCRATCH, OWNER, -1 - OwnedSlabs.CLASS_MASK);
        a.ld64(SELF_QUEUE, Reg.TLS, SELF);
        a.bne(SCRATCH, SELF_QUEUE, foreign);
        slabs.metadata(a, META, ENTRY);
        a.ld64(OTHER, META, SnmallocSlabs.TAIL);
        pad.both(a, SCRATCH);
        a.st64(OTHER, 0, Reg.A0);
        a.st64(META, SnmallocSlabs.TAIL, Reg.A0);
        a.ld64(SCRATCH, META, SnmallocSlabs.NEEDED);
        a.addi(SCRATCH, SCRATCH, -1);
        a.st64(META, SnmallocSlabs.NEEDED, SCRATCH);
        a.beqz(SCRATCH, changes);
        end(a, Mark.FREE);
        a.place(changes);
        states.change(a);
        end(a, Mark.FREE);

        a.place(foreign);
        remote.put(a, cold, ENTRY, OWNER);
        end(a, Mark.FREE);
    }

    /** What is pending is posted; lists, slabs and queue go to the thread that follows. */
    @Override
    void threadEnd(Assembler a, Cold cold) {
        remote.flush(a);
    }

    // ---- audit

    @Override
    long ownBlocks(MemoryView memory) {
        return slabs.mostBlocks(memory);
    }

    @Override
    public int sizeClass(MemoryView memory, long block) {
        return slabs.classOf(memory, block);
    }

    @Override
    void audit(Audit audit) {
        locals(audit, local, false);
        states.audit(audit, remote);
        remote.audit(audit);
    }
}
