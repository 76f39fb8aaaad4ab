package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.HashMap;
import java.util.Map;

/**
 * Heaps of {@link RpmallocInstance} whose threads have ended: a stack under a lock. A thread that ends leaves its heap
 * there as it is, with lists, pages and what others have freed, who go on to find it as the pages' owner. A thread
 * without a heap has the empty one that nobody owns, so that its first malloc finds no block and takes the heap that
 * was left last; it frees everything as a foreign block before. There are as many heaps as threads, so one is left.
 *
 * <p>Source: heap_release, heap_allocate and get_thread_heap_allocate of rpmalloc 2.0 rpmalloc.c.
 */
final class OrphanedHeaps {
    /** Where free blocks are of which no thread has the heap. */
    static final Place NOBODY = Place.pool("orphaned heap");

    private static final int LOCK = 0;
    private static final int FIRST = 8;

    /** In a heap: the next orphaned one; behind the lists by kind. */
    private static final int NEXT = 120;

    private static final int HEAP = RpmallocInstance.HEAP;
    private static final int SELF = RpmallocInstance.SELF;
    private static final int SCRATCH = Reg.T4;

    private final long list;
    private final long nobodys;
    private SpinLock locks;

    /** @param heapBytes how large a heap is, in multiples of its alignment */
    OrphanedHeaps(Layout layout, long heapBytes) {
        list = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        nobodys = layout.reserve(heapBytes, 2 * Layout.LINE);
    }

    void locks(SpinLock newLocks) {
        locks = newLocks;
    }

    /** The thread's heap goes to the orphans. */
    void leave(Assembler a) {
        Assembler.Label none = a.label();
        a.ld64(HEAP, Reg.TLS, SELF);
        a.li(SCRATCH, nobodys);
        a.beq(HEAP, SCRATCH, none);
        a.st64(Reg.TLS, SELF, SCRATCH);
        a.li(Reg.A1, list + LOCK);
        locks.lock(a);
        a.ld64(SCRATCH, Reg.A1, FIRST);
        a.st64(HEAP, NEXT, SCRATCH);
        a.st64(Reg.A1, FIRST, HEAP);
        locks.unlock(a);
        a.place(none);
    }

    /** To {@code has} if HEAP is the thread's own; else takes one. */
    void take(Assembler a, Assembler.Label has) {
        a.li(SCRATCH, nobodys);
        a.bne(HEAP, SCRATCH, has);
        a.li(Reg.A1, list + LOCK);
        locks.lock(a);
        a.ld64(HEAP, Reg.A1, FIRST);
        a.ld64(SCRATCH, HEAP, NEXT);
        a.st64(Reg.A1, FIRST, SCRATCH);
        locks.unlock(a);
        a.st64(Reg.TLS, SELF, HEAP);
    }

    /** Which place each heap is: that of the thread that has it. */
    static Map<Long, Place> places(Audit audit, StrategyContext context, ThreadAreas threads) {
        Map<Long, Place> places = new HashMap<>();
        for (int thread = 0; thread < context.threads(); thread++) {
            places.put(audit.word(threads.of(thread) + SELF), Place.thread(thread));
        }
        return places;
    }
}
