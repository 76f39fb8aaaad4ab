package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * Where {@link OwnedSlabs} have their pages and metadata from: a heap of each thread's own, which takes address space
 * by 2 MiB under a lock and gives it to all threads where it is unused as a whole; or one heap for all, behind that
 * lock.
 *
 * <p>Which pages a slab gets, and what is joined, is a host service that costs what it declares
 * ({@link HostCall#HOST_RUN}, {@link HostCall#HOST_RUN_BACK}); metadata and lock are micro-operations.
 *
 * <p>Source: snmalloc 0.7 {@code backend/standard_range.h} (a buddy allocator per thread for less than 2 MiB before one
 * for all); mimalloc 2 {@code segment.c}, whose segments of 32 MiB are a thread's until all their pages are free.
 */
final class OwnedHeaps {
    // ---- a slab's metadata
    /** The slab's first byte, 0 where there is none. */
    static final int START = 48;

    private static final long RESERVE_BYTES = 2 << 20;
    /** Address space that all threads take together at first, where there are many. */
    private static final long ALL_BYTES = 1 << 30;

    // ---- a heap, the first of which has the lock for all, and behind that the address space of all
    private static final int HEAP_SHIFT = 7;
    private static final int RESERVED = 8;
    private static final int METADATA = 64;
    private static final int COUNT = 96;

    /** Where no slab has them, others of these stand in place of the class. */
    private static final Descriptors DESCRIPTORS = new Descriptors(METADATA, 40, 56);

    private static final int OWN_HEAP = Reg.T0;

    private final boolean shared;
    private final int number;
    private final long base;
    private final long reserve;

    /**
     * @param heaps as many as threads; 0: one for all
     * @param chunkShift pages have 2^chunkShift bytes
     */
    OwnedHeaps(Layout layout, int heaps, int chunkShift) {
        shared = heaps == 0;
        number = Math.max(1, heaps);
        base = layout.reserve((long) number << HEAP_SHIFT, 1 << HEAP_SHIFT);
        long share = Long.highestOneBit(ALL_BYTES / number);
        reserve = Math.max(1L << chunkShift, Math.min(RESERVE_BYTES, share));
    }

    /** The heap of this thread is at hand, behind the lock if it is that of all. Changes A1, T0, T12 and T13. */
    void enter(Assembler a, SpinLock locks) {
        if (shared) {
            a.li(Reg.A1, base);
            locks.lock(a);
            a.li(OWN_HEAP, base);
        } else {
            a.ld64(OWN_HEAP, Reg.TLS, ThreadAreas.ID);
            a.shli(OWN_HEAP, OWN_HEAP, HEAP_SHIFT);
            a.addi(OWN_HEAP, OWN_HEAP, Math.toIntExact(base));
        }
    }

    /** meta = metadata of no slab, whose words are as the strategy has left them, at first 0. Changes A0 too. */
    static void describe(Assembler a, int meta, int scratch) {
        DESCRIPTORS.take(a, OWN_HEAP, meta, scratch, () -> {
            a.ld64(scratch, OWN_HEAP, COUNT);
            a.addi(scratch, scratch, 1);
            a.st64(OWN_HEAP, COUNT, scratch);
        });
    }

    /** A0 = the address of as many bytes of pages as A0 says; the heap is left. Changes A1, A2, T0, T12 and T13. */
    void pages(Assembler a, SpinLock locks) {
        Assembler.Label had = a.label();
        heapNumber(a, Reg.A1);
        a.li(Reg.A2, reserve | HostCall.SHARED_RESERVE);
        a.host(HostCall.HOST_RUN);
        if (!shared) {
            a.beqz(Reg.A1, had);
        }
        a.mov(Reg.A2, Reg.A1);
        a.li(Reg.A1, base);
        if (!shared) {
            locks.lock(a);
        }
        a.ld64(OWN_HEAP, Reg.A1, RESERVED);
        a.add(OWN_HEAP, OWN_HEAP, Reg.A2);
        a.st64(Reg.A1, RESERVED, OWN_HEAP);
        locks.unlock(a);
        a.place(had);
    }

    /** Takes back a slab's A1 bytes of pages, and its metadata; the heap is left. Changes A0 to A2, T0, T12 and T13. */
    void give(Assembler a, SpinLock locks, int meta) {
        a.ld64(Reg.A0, meta, START);
        a.st64(meta, START, Reg.ZERO);
        heapNumber(a, Reg.A2);
        a.host(HostCall.HOST_RUN_BACK);
        DESCRIPTORS.give(a, OWN_HEAP, meta, Reg.A0);
        if (shared) {
            a.li(Reg.A1, base);
            locks.unlock(a);
        }
    }

    private void heapNumber(Assembler a, int rd) {
        if (shared) {
            a.li(rd, 0);
        } else {
            a.ld64(rd, Reg.TLS, ThreadAreas.ID);
        }
    }

    // ---- audit

    private long of(int heap) {
        return base + ((long) heap << HEAP_SHIFT);
    }

    /** Addresses of the metadata of all slabs. */
    List<Long> all(MemoryView memory) {
        List<Long> found = new ArrayList<>();
        for (int heap = 0; heap < number; heap++) {
            for (long meta : DESCRIPTORS.all(memory, of(heap))) {
                if (memory.read64(meta + START) != 0) {
                    found.add(meta);
                }
            }
        }
        return found;
    }

    /** How many slabs there may be. */
    long slabs(MemoryView memory) {
        long slabs = 0;
        for (int heap = 0; heap < number; heap++) {
            slabs += memory.read64(of(heap) + COUNT);
        }
        return slabs;
    }
}
