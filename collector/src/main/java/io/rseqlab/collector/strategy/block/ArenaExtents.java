package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the slabs of {@link ArenaSlabs} come from and go: extents of pages, which each arena has for itself, with the
 * slabs' descriptors, behind a lock per arena. Pages that come back serve any size of the arena, and go to the system
 * when they have been unused for long, by a curve over a period.
 *
 * <p>Which pages a slab gets, what is joined, and what goes to the system is a host service that costs what it declares
 * ({@link HostCall#HOST_RUN}, {@link HostCall#HOST_RUN_BACK}, {@link HostCall#HOST_RUN_DECAY}); locks, descriptors and
 * the map from pages to these are micro-operations. What goes to the system goes without the lock of the extents, under
 * one of its own, which nobody waits for.
 *
 * <p>Source: jemalloc {@code pac.c} (pac_alloc_impl, pac_maybe_decay_purge), {@code arena.c} (arena_decay_impl),
 * {@code edata_cache.c}. It takes address space by 2 MiB, jemalloc by more each time.
 */
final class ArenaExtents {
    private static final int PAGE_SHIFT = 12;
    private static final long RESERVE_BYTES = 2 << 20;
    /** What all arenas take together at first, where there are many. */
    private static final long ALL_BYTES = 1 << 30;

    private static final long LEAST_RESERVE_BYTES = 128 << 10;

    // ---- an arena's words behind its lock
    private static final int SHIFT = 8;
    private static final int SLABS = FutexMutex.BYTES;
    private static final int NUMBER = SLABS + 32;
    private static final int DECAY_LOCK = 128;

    // ---- a descriptor's words that matter here
    private static final int NEXT = SlabHeap.NEXT;
    private static final int START = SlabHeap.START;
    private static final int BEFORE = 48;

    private static final Descriptors DESCRIPTORS = new Descriptors(SLABS, NEXT, BEFORE);

    private static final int EXTENTS = Reg.T10;
    private static final int SCRATCH = Reg.T8;
    private static final int OTHER = Reg.T5;

    private final PageMap map;
    private final long base;
    private final long reserve;
    private final int arenas;

    ArenaExtents(Layout layout, int arenas) {
        this.arenas = arenas;
        map = new PageMap(layout, PAGE_SHIFT);
        base = layout.reserve((long) arenas << SHIFT, 1 << SHIFT);
        long share = Long.highestOneBit(ALL_BYTES / arenas);
        reserve = Math.max(LEAST_RESERVE_BYTES, Math.min(RESERVE_BYTES, share));
        for (int arena = 0; arena < arenas; arena++) {
            layout.word(of(arena) + NUMBER, arena);
        }
    }

    /** Where what an arena has lies: its lock is its first word. */
    long of(int arena) {
        return base + ((long) arena << SHIFT);
    }

    /** Which descriptor belongs to which page. */
    PageMap map() {
        return map;
    }

    /**
     * {@code slab} = a descriptor, with the start of so many bytes of pages; A0 is their start too. Changes A1, A2, T5,
     * T8, T10, T12 and T13.
     *
     * @param row register that holds an address; kept
     * @param extents where from it the address of the arena's extents stands
     * @param bytes where from it the number of bytes stands
     */
    void take(Assembler a, WordLock lock, int slab, int row, int extents, int bytes) {
        a.ld64(EXTENTS, row, extents);
        a.mov(Reg.A1, EXTENTS);
        lock.lock(a);
        DESCRIPTORS.take(a, EXTENTS, slab, SCRATCH, () -> {});
        a.ld64(Reg.A0, row, bytes);
        a.ld64(Reg.A1, EXTENTS, NUMBER);
        a.li(Reg.A2, reserve);
        a.host(HostCall.HOST_RUN);
        a.st64(slab, START, Reg.A0);
        a.mov(Reg.A1, EXTENTS);
        lock.unlock(a);
        a.ld64(Reg.A0, slab, START);
        a.ld64(OTHER, row, bytes);
        map.put(a, Reg.A0, slab, OTHER, SCRATCH, EXTENTS);
    }

    /**
     * Takes back the pages of slabs that are linked, at least one, and their descriptors. Changes A0 to A2, T5, T8,
     * T10, T12 and T13.
     *
     * @param slabs register that holds the first slab; 0 afterwards
     */
    void give(Assembler a, WordLock lock, int slabs, int row, int extents, int bytes) {
        a.ld64(EXTENTS, row, extents);
        a.mov(Reg.A1, EXTENTS);
        lock.lock(a);
        Assembler.Label next = a.here();
        a.ld64(Reg.A0, slabs, START);
        a.ld64(Reg.A1, row, bytes);
        a.ld64(Reg.A2, EXTENTS, NUMBER);
        a.host(HostCall.HOST_RUN_BACK);
        a.ld64(OTHER, slabs, NEXT);
        DESCRIPTORS.give(a, EXTENTS, slabs, SCRATCH);
        a.mov(slabs, OTHER);
        a.bnez(slabs, next);
        a.mov(Reg.A1, EXTENTS);
        lock.unlock(a);
    }

    /** Finds the arena whose number is in a register, for {@link #decay}. */
    void find(Assembler a, int arena) {
        a.shli(EXTENTS, arena, SHIFT);
        a.addi(EXTENTS, EXTENTS, Math.toIntExact(base));
    }

    /**
     * What the arena at hand has had unused for too long goes to the system, unless somebody is at that already.
     * Changes A0 to A2, T8, T12 and T13.
     *
     * @param periodCycles within so many all goes
     */
    void decay(Assembler a, WordLock lock, long periodCycles) {
        Assembler.Label busy = a.label();
        a.addi(Reg.A1, EXTENTS, DECAY_LOCK);
        a.ld64(SCRATCH, Reg.A1, 0);
        a.bnez(SCRATCH, busy);
        lock.lock(a);
        a.ld64(Reg.A0, EXTENTS, NUMBER);
        a.li(Reg.A1, periodCycles);
        a.host(HostCall.HOST_RUN_DECAY);
        a.addi(Reg.A1, EXTENTS, DECAY_LOCK);
        lock.unlock(a);
        a.place(busy);
    }

    // ---- audit

    /** The descriptors of all slabs that there are or were. */
    List<Long> descriptors(MemoryView memory) {
        List<Long> found = new ArrayList<>();
        for (int arena = 0; arena < arenas; arena++) {
            found.addAll(DESCRIPTORS.all(memory, of(arena)));
        }
        return found;
    }
}
