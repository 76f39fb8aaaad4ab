package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.strategy.block.WarmLists;
import io.rseqlab.collector.strategy.block.WordLock;

/**
 * SuperMalloc: malloc pops from one of the thread's two lists; else takes a whole list of its CPU, returns the first
 * block, walks on to cut off as much as a thread's list may have, and puts the rest back; else moves a whole list from
 * the global stack to the CPU; else asks the bin, here the central pool, for one block. free pushes onto one of the
 * thread's lists that has less than its limit; else appends the first of them with the block to a CPU's list that has
 * less than its own; else pushes that CPU's first list as a whole onto the global stack; else gives the chain to the
 * bin.
 *
 * <p>A thread that ends frees all blocks of its lists into their bins, one by one: so does the destructor of cache.cc.
 * With {@code warm} all lists but the threads' begin as a run of minutes would fill them.
 *
 * <p>Locks spin, or are elided by hardware transactions. Left out: the bins' folios. Tiers: 0 the thread's lists; 1 the
 * CPU's, the global stack, or the bin; 2 waited for a lock.
 */
final class SuperMallocInstance extends Common {
    // ---- a thread's lists of a size, a line
    private static final int[] LISTS = {0, 24};
    private static final int TAIL = 8;
    private static final int HAS = 16;
    private static final int SIZE_WORD = 48;
    private static final int CUT_WORD = 56;
    private static final int SHIFT = 6;

    // ---- the global stack of a size: lock, number of lists, and head, tail, bytes of each
    private static final int NUMBER = 8;
    private static final int SLOTS = 16;
    private static final int SLOT_BYTES = 24;
    private static final int GLOBAL_SHIFT = 8;

    private static final int CACHE = Reg.T0;
    private static final int SIZE = Reg.T1;
    private static final int FIRST = CpuListPairs.FIRST;
    private static final int LAST = CpuListPairs.LAST;
    private static final int BYTES = CpuListPairs.BYTES;
    private static final int NEXT = Reg.T5;
    private static final int TAKEN = Reg.T6;
    private static final int COUNT = Reg.T7;
    private static final int NODE = Reg.T8;
    private static final int GLOBAL = Reg.A1;

    private final boolean sections;
    private final Settings settings;
    private final long threadBytes;
    private final long depth;
    private final long caches;
    private final long stride;
    private final long pairsBase;
    private final long globals;
    private WordLock locks;
    private CpuListPairs cpu;
    private long warmBlocks;

    SuperMallocInstance(boolean sections, Settings settings, StrategyContext context) {
        super(context, 24, BlockClasses.Lookup.ALWAYS);
        this.sections = sections;
        this.settings = settings;
        threadBytes = settings.count(SuperMalloc.THREAD_BYTES);
        depth = settings.count(SuperMalloc.DEPTH);
        Layout layout = context.layout();
        stride = ((long) classes.count() << SHIFT) + 127 & -128;
        caches = layout.reserve(stride * context.threads(), 2 * Layout.LINE);
        pairsBase = CpuListPairs.reserve(layout, context.cpus(), classes.count());
        globals = layout.reserve((long) classes.count() << GLOBAL_SHIFT, 1 << GLOBAL_SHIFT);
        for (int thread = 0; thread < context.threads(); thread++) {
            layout.word(threads.of(thread) + ThreadAreas.REST, caches + stride * thread);
            for (int i = 0; i < classes.count(); i++) {
                long lists = listsOf(thread, i);
                layout.word(lists + SIZE_WORD, classes.sizes().bytes(i));
                layout.word(lists + CUT_WORD, threadBytes / classes.sizes().bytes(i));
            }
        }
    }

    private long listsOf(int thread, int sizeClass) {
        return caches + stride * thread + ((long) sizeClass << SHIFT);
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = SuperMalloc.lock(a, cold, settings, context);
        long limit = settings.count(SuperMalloc.CPU_BYTES);
        cpu = sections
                ? new SectionPairs(a, pairsBase, context.cpus(), classes, limit, cold)
                : new LockedPairs(
                        a, pairsBase, context.cpus(), classes, limit, settings.count(SuperMalloc.REFRESH), locks);
        cpu.emit(a);
    }

    private static void findLists(Assembler a) {
        a.ld64(CACHE, Reg.TLS, ThreadAreas.REST);
        a.shli(SIZE, BlockClasses.CLASS, SHIFT);
        a.add(CACHE, CACHE, SIZE);
        a.ld64(SIZE, CACHE, SIZE_WORD);
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        findLists(a);
        for (int list : LISTS) {
            Assembler.Label empty = a.label();
            a.ld64(Reg.A0, CACHE, list);
            a.beqz(Reg.A0, empty);
            a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
            pad.both(a, COUNT);
            a.st64(CACHE, list, NODE);
            a.ld64(COUNT, CACHE, list + HAS);
            a.sub(COUNT, COUNT, SIZE);
            a.st64(CACHE, list + HAS, COUNT);
            end(a, Mark.MALLOC);
            a.place(empty);
        }
        Assembler.Label none = a.label();
        Assembler.Label done = a.label();
        a.mark(Mark.TIER, 1);
        cpu.callTake(a);
        a.beqz(FIRST, none);
        behead(a, done);
        cutOff(a, done);
        cpu.callPutBack(a);
        a.place(done);
        end(a, Mark.MALLOC);
        a.place(none);
        fromGlobal(a);
    }

    /** A0 = the first block of the list in hand, which is the rest; to {@code done} if nothing is left. */
    private static void behead(Assembler a, Assembler.Label done) {
        a.li(COUNT, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, COUNT);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, COUNT);
        a.mov(Reg.A0, FIRST);
        a.sub(BYTES, BYTES, SIZE);
        a.ld64(FIRST, Reg.A0, NodeLayout.NEXT);
        a.beqz(FIRST, done);
    }

    /** The thread's first list becomes what it may have of the list in hand; to {@code done} if that is all of it. */
    private static void cutOff(Assembler a, Assembler.Label done) {
        Assembler.Label walk = a.label();
        Assembler.Label cut = a.label();
        Assembler.Label keep = a.label();
        Assembler.Label nothing = a.label();
        a.ld64(COUNT, CACHE, CUT_WORD);
        a.beqz(COUNT, nothing);
        a.mov(NODE, FIRST);
        a.li(TAKEN, 0);
        a.place(walk);
        a.ld64(NEXT, NODE, NodeLayout.NEXT);
        a.add(TAKEN, TAKEN, SIZE);
        a.addi(COUNT, COUNT, -1);
        a.beqz(COUNT, cut);
        a.beqz(NEXT, cut);
        a.mov(NODE, NEXT);
        a.jmp(walk);
        a.place(cut);
        a.st64(NODE, NodeLayout.NEXT, Reg.ZERO);
        a.mark(Mark.CHAIN, Mark.COUNT_REFILL_OBJECTS, FIRST);
        a.st64(CACHE, LISTS[0], FIRST);
        a.st64(CACHE, LISTS[0] + TAIL, NODE);
        a.st64(CACHE, LISTS[0] + HAS, TAKEN);
        a.beqz(NEXT, done);
        a.place(keep);
        a.mov(FIRST, NEXT);
        a.sub(BYTES, BYTES, TAKEN);
        a.place(nothing);
    }

    private void fromGlobal(Assembler a) {
        Assembler.Label bin = a.label();
        Assembler.Label done = a.label();
        findGlobal(a);
        locks.lock(a);
        a.ld64(COUNT, GLOBAL, NUMBER);
        a.beqz(COUNT, bin);
        a.addi(COUNT, COUNT, -1);
        a.st64(GLOBAL, NUMBER, COUNT);
        slot(a);
        a.ld64(FIRST, NODE, SLOTS);
        a.ld64(LAST, NODE, SLOTS + TAIL);
        a.ld64(BYTES, NODE, SLOTS + HAS);
        a.st64(NODE, SLOTS, Reg.ZERO);
        locks.unlock(a);
        behead(a, done);
        cpu.callPutBack(a);
        a.place(done);
        end(a, Mark.MALLOC);
        a.place(bin);
        locks.unlock(a);
        pool.takeOne(a);
        end(a, Mark.MALLOC);
    }

    private void findGlobal(Assembler a) {
        a.shli(GLOBAL, BlockClasses.CLASS, GLOBAL_SHIFT);
        a.addi(GLOBAL, GLOBAL, Math.toIntExact(globals));
    }

    /** NODE = where the slot of number COUNT lies, less SLOTS. */
    private static void slot(Assembler a) {
        a.shli(NODE, COUNT, 4);
        a.add(NODE, NODE, GLOBAL);
        a.shli(NEXT, COUNT, 3);
        a.add(NODE, NODE, NEXT);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        findLists(a);
        for (int list : LISTS) {
            Assembler.Label full = a.label();
            Assembler.Label first = a.label();
            Assembler.Label linked = a.label();
            a.ld64(COUNT, CACHE, list + HAS);
            a.li(TAKEN, threadBytes);
            a.bge(COUNT, TAKEN, full);
            a.ld64(NODE, CACHE, list);
            a.st64(Reg.A0, NodeLayout.NEXT, NODE);
            pad.both(a, NEXT);
            a.st64(CACHE, list, Reg.A0);
            a.add(COUNT, COUNT, SIZE);
            a.st64(CACHE, list + HAS, COUNT);
            a.beqz(NODE, first);
            a.place(linked);
            end(a, Mark.FREE);
            cold.later(() -> {
                a.place(first);
                a.st64(CACHE, list + TAIL, Reg.A0);
                a.jmp(linked);
            });
            a.place(full);
        }
        spill(a);
        end(a, Mark.FREE);
    }

    /** The thread's first list and the block go to the CPU as one. */
    private void spill(Assembler a) {
        Assembler.Label some = a.label();
        Assembler.Label bin = a.label();
        Assembler.Label refused = a.label();
        Assembler.Label room = a.label();
        Assembler.Label done = a.label();
        a.mark(Mark.TIER, 1);
        a.li(COUNT, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, COUNT);
        a.ld64(NODE, CACHE, LISTS[0]);
        a.st64(Reg.A0, NodeLayout.NEXT, NODE);
        a.mov(FIRST, Reg.A0);
        a.mov(LAST, Reg.A0);
        a.mov(BYTES, SIZE);
        a.beqz(NODE, some);
        a.ld64(LAST, CACHE, LISTS[0] + TAIL);
        a.ld64(BYTES, CACHE, LISTS[0] + HAS);
        a.add(BYTES, BYTES, SIZE);
        a.st64(CACHE, LISTS[0], Reg.ZERO);
        a.st64(CACHE, LISTS[0] + HAS, Reg.ZERO);
        a.place(some);
        a.mark(Mark.CHAIN, Mark.COUNT_FLUSH_OBJECTS, FIRST);
        cpu.callPut(a);
        a.beqz(FIRST, done);

        // both lists of the CPU are full
        findGlobal(a);
        a.ld64(COUNT, GLOBAL, NUMBER);
        a.li(NODE, depth);
        a.bge(COUNT, NODE, bin);
        a.mov(Reg.A0, FIRST);
        a.mov(CACHE, LAST);
        a.mov(SIZE, BYTES);
        cpu.callTakeFirst(a);
        a.beqz(FIRST, room);
        findGlobal(a);
        locks.lock(a);
        a.ld64(COUNT, GLOBAL, NUMBER);
        a.li(NODE, depth);
        a.bge(COUNT, NODE, refused);
        a.addi(NODE, COUNT, 1);
        a.st64(GLOBAL, NUMBER, NODE);
        slot(a);
        a.st64(NODE, SLOTS, FIRST);
        a.st64(NODE, SLOTS + TAIL, LAST);
        a.st64(NODE, SLOTS + HAS, BYTES);
        a.st64(LAST, NodeLayout.NEXT, Reg.ZERO);
        locks.unlock(a);
        a.place(room);
        inHand(a);
        cpu.callPutBack(a);
        a.jmp(done);
        a.place(refused);
        locks.unlock(a);
        cpu.callPutBack(a);
        inHand(a);
        a.place(bin);
        a.mov(Reg.A0, FIRST);
        a.mov(Reg.A1, LAST);
        pool.give(a);
        a.place(done);
    }

    /** The list in hand is again the one that was put aside. */
    private static void inHand(Assembler a) {
        a.mov(FIRST, Reg.A0);
        a.mov(LAST, CACHE);
        a.mov(BYTES, SIZE);
    }

    /** Every block of the thread's lists is freed into its bin, one by one. */
    @Override
    void threadEnd(Assembler a, Cold cold) {
        int sizeClass = BlockClasses.CLASS;
        a.li(sizeClass, 0);
        Assembler.Label next = a.here();
        if (!classes.single()) {
            classes.restore(a, sizeClass);
        }
        for (int list : LISTS) {
            Assembler.Label empty = a.label();
            a.ld64(CACHE, Reg.TLS, ThreadAreas.REST);
            a.shli(SIZE, sizeClass, SHIFT);
            a.add(CACHE, CACHE, SIZE);
            a.ld64(NODE, CACHE, list);
            a.beqz(NODE, empty);
            a.st64(CACHE, list, Reg.ZERO);
            a.st64(CACHE, list + HAS, Reg.ZERO);
            Assembler.Label block = a.here();
            a.mov(Reg.A0, NODE);
            a.mov(Reg.A1, NODE);
            a.ld64(NODE, NODE, NodeLayout.NEXT);
            pool.give(a);
            a.bnez(NODE, block);
            a.place(empty);
        }
        a.addi(sizeClass, sizeClass, 1);
        a.li(COUNT, classes.count());
        a.blt(sizeClass, COUNT, next);
    }

    @Override
    public void warm(FreshMemory memory) {
        long bytes = Math.round(settings.number(SuperMalloc.WARM) * settings.count(SuperMalloc.CPU_BYTES));
        if (bytes == 0) {
            return;
        }
        WarmLists lists = new WarmLists(memory, classes, UsageException::new);
        cpu.warm(memory, lists, bytes);
        for (int i = 0; i < classes.count(); i++) {
            long global = globals + ((long) i << GLOBAL_SHIFT);
            memory.write64(global + NUMBER, depth);
            for (long slot = global + SLOTS; slot < global + SLOTS + SLOT_BYTES * depth; slot += SLOT_BYTES) {
                lists.list(i, bytes).write(memory, slot, TAIL, HAS);
            }
        }
        warmBlocks = lists.blocks();
    }

    @Override
    long ownBlocks(MemoryView memory) {
        return warmBlocks;
    }

    @Override
    void audit(Audit audit) {
        cpu.audit(audit);
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            for (int thread = 0; thread < context.threads(); thread++) {
                for (int list : LISTS) {
                    long head = listsOf(thread, i) + list;
                    audit.listOfBytes(head, head + HAS, bytes, Place.thread(thread));
                }
            }
            for (int slot = 0; slot < depth; slot++) {
                long head = globals + ((long) i << GLOBAL_SHIFT) + SLOTS + (long) SLOT_BYTES * slot;
                audit.list(head, Place.pool("global list"));
            }
        }
    }
}
