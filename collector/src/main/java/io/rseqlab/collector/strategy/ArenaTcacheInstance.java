package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.ArenaBins;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.ArrayList;
import java.util.List;

/**
 * malloc pops from the thread's cache of the size; an empty one is filled from the thread's arena under a mutex. free
 * pushes into the cache of the freeing thread, whoever allocated; a full one gives blocks back to the arenas that they
 * belong to, each locked once per flush. So a foreign free costs nothing but a push until then, and its share of a
 * mutex that the allocating threads need.
 *
 * <p>Left out: extents and slabs that go back, jemalloc's adaption of how much is filled and its garbage collection of
 * caches, glibc's bins and top chunk, Hoard's emptiness groups, superblocks that move between heaps, and thread exit.
 * Tiers: 0 own cache; 1 the arena's mutex; 2 that was taken.
 */
final class ArenaTcacheInstance extends Common {
    /** In a thread's area: its caches, its buffer of pointers, its arena's number. */
    private static final int CACHES = ThreadAreas.REST + 8;

    private static final int BUFFER = ThreadAreas.REST + 16;
    private static final int ARENA = ThreadAreas.REST + 24;

    // ---- a cache: the end of its pointers or the first block; where it is empty or how many blocks it has; where it
    // is
    // full or how many it may have; operations so far; behind those of all sizes the bytes in them
    private static final int TOP = 0;
    private static final int EMPTY = 8;
    private static final int LENGTH = 8;
    private static final int FULL = 16;
    private static final int REQUESTS = 24;
    private static final int CACHE_SHIFT = 5;

    private static final int SLAB_PAGES = 16;
    private static final int LEAST_CAP = 20;
    private static final int MOST_CAP = 200;
    private static final long TCACHE_KEY = 0x5ca1ab1e_0ddba11L;

    private static final int CACHE = Reg.T0;
    private static final int HEAD = Reg.T1;
    private static final int NUMBER = Reg.T2;
    private static final int SCRATCH = Reg.T3;
    private static final int TOTAL = Reg.T4;
    private static final int MOVED = Reg.T8;
    private static final int BEGIN = Reg.T0;
    private static final int COUNT = Reg.T1;
    private static final int OWN_ARENA = Reg.T6;

    private final boolean array;
    private final boolean half;
    private final boolean key;
    private final long mostBytes;
    private final String fill;
    private final int[] caps;
    private final long caches;
    private final long stride;
    private final int bytesOffset;
    private final int bytesOfClass;
    private final ArenaBins arenas;
    private Assembler.Label take;
    private Assembler.Label give;

    ArenaTcacheInstance(Settings settings, StrategyContext context) {
        super(context, 32, BlockClasses.Lookup.ALWAYS);
        Layout layout = context.layout();
        array = settings.chooses(ArenaTcache.CACHE, ArenaTcache.ARRAY);
        half = settings.chooses(ArenaTcache.SPILL, ArenaTcache.HALF);
        key = settings.count(ArenaTcache.KEY) == 1;
        mostBytes = settings.count(ArenaTcache.BYTES);
        fill = settings.choice(ArenaTcache.FILL);
        caps = new int[classes.count()];
        int most = 1;
        for (int i = 0; i < caps.length; i++) {
            int cap = (int) settings.count(ArenaTcache.CAP);
            caps[i] = cap > 0 ? cap : bySlab(classes.sizes().bytes(i));
            most = Math.max(most, caps[i]);
        }
        long number = settings.count(ArenaTcache.ARENAS);
        if (number == 0) {
            number = Math.min(ArenaTcache.MOST_ARENAS, settings.count(ArenaTcache.PER_CPU) * context.cpus());
        }
        // arenas that no thread would ever have are none
        int count = (int) Math.min(number, context.threads());
        arenas = new ArenaBins(layout, classes, count, settings.chooses(ArenaTcache.LOCK, ArenaTcache.BIN));
        bytesOffset = classes.count() << CACHE_SHIFT;
        stride = bytesOffset + 3 * Layout.LINE & -2 * Layout.LINE;
        caches = layout.reserve(stride * context.threads(), 2 * Layout.LINE);
        bytesOfClass = Math.toIntExact(layout.reserve(8L * classes.count(), 2 * Layout.LINE));
        for (int i = 0; i < caps.length; i++) {
            layout.word(bytesOfClass + 8L * i, classes.sizes().bytes(i));
        }
        for (int thread = 0; thread < context.threads(); thread++) {
            layout.word(threads.of(thread) + CACHES, caches + stride * thread);
            layout.word(threads.of(thread) + BUFFER, layout.reserve(8L * most + 8, 2 * Layout.LINE));
            layout.word(threads.of(thread) + ARENA, thread % count);
            for (int i = 0; i < caps.length; i++) {
                long cache = cache(thread, i);
                long pointers = array ? layout.reserve(8L * caps[i], Layout.LINE) : 0;
                layout.word(cache + TOP, pointers);
                layout.word(cache + EMPTY, pointers);
                layout.word(cache + FULL, array ? pointers + 8L * caps[i] : caps[i]);
            }
        }
    }

    /** Twice the objects of a slab: of the fewest pages of which nothing is left over, or of 16. */
    static int bySlab(int bytes) {
        int pages = 1;
        while (pages < SLAB_PAGES && pages * BlockClasses.PAGE_BYTES % bytes != 0) {
            pages++;
        }
        return Math.max(LEAST_CAP, Math.min(MOST_CAP, 2 * (pages * BlockClasses.PAGE_BYTES / bytes)));
    }

    private long cache(int thread, int sizeClass) {
        return caches + stride * thread + ((long) sizeClass << CACHE_SHIFT);
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        take = arenas.emitTake(a, mutex, fill.equals(ArenaTcache.FREED));
        give = arenas.emitGive(a, mutex);
    }

    /** CACHE = the thread's cache of the size in CLASS. */
    private static void find(Assembler a) {
        a.ld64(CACHE, Reg.TLS, CACHES);
        a.shli(SCRATCH, BlockClasses.CLASS, CACHE_SHIFT);
        a.add(CACHE, CACHE, SCRATCH);
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        find(a);
        pad.both(a, SCRATCH);
        if (array) {
            a.ld64(HEAD, CACHE, TOP);
            a.ld64(NUMBER, CACHE, EMPTY);
            a.beq(HEAD, NUMBER, empty);
            a.ld64(Reg.A0, HEAD, -8);
            a.addi(HEAD, HEAD, -8);
            a.st64(CACHE, TOP, HEAD);
            Static.bump(a, CACHE, REQUESTS, SCRATCH);
        } else {
            popList(a, empty);
        }
        count(a, -1);
        end(a, Mark.MALLOC);
        a.place(empty);
        fill(a);
        end(a, Mark.MALLOC);
    }

    private void popList(Assembler a, Assembler.Label empty) {
        a.ld64(Reg.A0, CACHE, TOP);
        a.beqz(Reg.A0, empty);
        a.ld64(HEAD, Reg.A0, NodeLayout.NEXT);
        a.st64(CACHE, TOP, HEAD);
        a.ld64(NUMBER, CACHE, LENGTH);
        a.addi(NUMBER, NUMBER, -1);
        a.st64(CACHE, LENGTH, NUMBER);
        if (key) {
            a.st64(Reg.A0, NodeLayout.DEPTH, Reg.ZERO);
        }
    }

    /** Keeps the sum of bytes, where there is a limit. */
    private void count(Assembler a, int sign) {
        if (mostBytes == 0) {
            return;
        }
        bytes(a);
        a.ld64(TOTAL, HEAD, bytesOffset);
        if (sign > 0) {
            a.add(TOTAL, TOTAL, SCRATCH);
        } else {
            a.sub(TOTAL, TOTAL, SCRATCH);
        }
        a.st64(HEAD, bytesOffset, TOTAL);
    }

    /** SCRATCH = bytes of the size, HEAD = the thread's caches. */
    private void bytes(Assembler a) {
        a.shli(SCRATCH, BlockClasses.CLASS, 3);
        a.ld64(SCRATCH, SCRATCH, bytesOfClass);
        a.ld64(HEAD, Reg.TLS, CACHES);
    }

    /** A0 = a block of the thread's arena; others that come with it go into the cache, which is empty. */
    private void fill(Assembler a) {
        Assembler.Label alone = a.label();
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        wanted(a);
        a.ld64(BEGIN, Reg.TLS, BUFFER);
        a.ld64(OWN_ARENA, Reg.TLS, ARENA);
        a.call(take, Reg.LINK2);
        a.mov(Reg.A1, COUNT);
        a.ld64(Reg.A2, Reg.TLS, BUFFER);
        a.ld64(Reg.A0, Reg.A2, 0);
        a.addi(Reg.A1, Reg.A1, -1);
        a.beqz(Reg.A1, alone);
        find(a);
        Assembler.Label next = a.here();
        a.addi(Reg.A2, Reg.A2, 8);
        a.ld64(Reg.T5, Reg.A2, 0);
        pushUnchecked(a, Reg.T5);
        count(a, 1);
        a.djnz(Reg.A1, next);
        a.place(alone);
    }

    /** COUNT = how many blocks an empty cache wants. */
    private void wanted(Assembler a) {
        if (fill.equals("one")) {
            a.li(COUNT, 1);
            return;
        }
        find(a);
        a.ld64(COUNT, CACHE, FULL);
        if (array) {
            a.ld64(SCRATCH, CACHE, EMPTY);
            a.sub(COUNT, COUNT, SCRATCH);
            a.shri(COUNT, COUNT, 3);
        }
        if (fill.equals(ArenaTcache.HALF)) {
            a.addi(COUNT, COUNT, 1);
            a.shri(COUNT, COUNT, 1);
        }
    }

    /** Puts a block into CACHE, which has room; changes HEAD, NUMBER and SCRATCH. */
    private void pushUnchecked(Assembler a, int block) {
        a.ld64(HEAD, CACHE, TOP);
        if (array) {
            a.st64(HEAD, 0, block);
            a.addi(HEAD, HEAD, 8);
            a.st64(CACHE, TOP, HEAD);
            return;
        }
        a.st64(block, NodeLayout.NEXT, HEAD);
        if (key) {
            a.li(SCRATCH, TCACHE_KEY);
            a.st64(block, NodeLayout.DEPTH, SCRATCH);
        }
        a.st64(CACHE, TOP, block);
        a.ld64(NUMBER, CACHE, LENGTH);
        a.addi(NUMBER, NUMBER, 1);
        a.st64(CACHE, LENGTH, NUMBER);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label full = a.label();
        Assembler.Label over = a.label();
        Assembler.Label suspicious = a.label();
        Assembler.Label innocent = a.label();
        find(a);
        pad.both(a, SCRATCH);
        if (key) {
            // the application may have written anything there: then the list would be searched
            a.ld64(HEAD, Reg.A0, NodeLayout.DEPTH);
            a.li(SCRATCH, TCACHE_KEY);
            a.beq(HEAD, SCRATCH, suspicious);
            a.place(innocent);
            cold.later(() -> {
                a.place(suspicious);
                a.jmp(innocent);
            });
        }
        a.ld64(HEAD, CACHE, array ? TOP : LENGTH);
        a.ld64(NUMBER, CACHE, FULL);
        a.beq(HEAD, NUMBER, full);
        if (mostBytes > 0) {
            bytes(a);
            a.ld64(TOTAL, HEAD, bytesOffset);
            a.add(TOTAL, TOTAL, SCRATCH);
            a.li(NUMBER, mostBytes);
            a.blt(NUMBER, TOTAL, half ? over : full);
            a.st64(HEAD, bytesOffset, TOTAL);
        }
        pushUnchecked(a, Reg.A0);
        end(a, Mark.FREE);
        a.place(full);
        spill(a, half);
        end(a, Mark.FREE);
        if (half && mostBytes > 0) {
            a.place(over);
            spill(a, false);
            end(a, Mark.FREE);
        }
    }

    private void spill(Assembler a, boolean halfOfCache) {
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, SCRATCH);
        if (!halfOfCache) {
            a.ld64(BEGIN, Reg.TLS, BUFFER);
            a.st64(BEGIN, 0, Reg.A0);
            a.li(COUNT, 1);
            a.call(give, Reg.LINK2);
            return;
        }
        if (array) {
            oldHalfOfArray(a);
        } else {
            halfOfList(a);
        }
        if (mostBytes > 0) {
            bytes(a);
            a.mul(SCRATCH, SCRATCH, MOVED);
            a.ld64(TOTAL, HEAD, bytesOffset);
            a.sub(TOTAL, TOTAL, SCRATCH);
            a.st64(HEAD, bytesOffset, TOTAL);
        }
        a.mov(COUNT, MOVED);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        a.ld64(BEGIN, Reg.TLS, BUFFER);
        a.call(give, Reg.LINK2);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        find(a);
        pushUnchecked(a, Reg.A0);
        count(a, 1);
    }

    /** Copies the lower half to the buffer, MOVED pointers, and moves the others down. */
    private void oldHalfOfArray(Assembler a) {
        Assembler.Label moved = a.label();
        int from = Reg.T5;
        int to = Reg.T6;
        int left = Reg.T7;
        a.ld64(from, CACHE, EMPTY);
        a.ld64(HEAD, CACHE, TOP);
        a.sub(MOVED, HEAD, from);
        a.shri(MOVED, MOVED, 3);
        a.addi(left, MOVED, 1);
        a.shri(left, left, 1);
        a.sub(Reg.T10, MOVED, left); // stay
        a.mov(MOVED, left);
        a.ld64(to, Reg.TLS, BUFFER);
        copy(a, from, to, left);
        a.ld64(to, CACHE, EMPTY);
        a.beqz(Reg.T10, moved);
        copy(a, from, to, Reg.T10);
        a.place(moved);
        a.st64(CACHE, TOP, to);
    }

    private static void copy(Assembler a, int from, int to, int left) {
        Assembler.Label next = a.here();
        a.ld64(SCRATCH, from, 0);
        a.st64(to, 0, SCRATCH);
        a.addi(from, from, 8);
        a.addi(to, to, 8);
        a.djnz(left, next);
    }

    /** Takes half of the list's blocks into the buffer, MOVED of them. */
    private void halfOfList(Assembler a) {
        int to = Reg.T5;
        int left = Reg.T6;
        int block = Reg.T7;
        a.ld64(NUMBER, CACHE, LENGTH);
        a.addi(left, NUMBER, 1);
        a.shri(left, left, 1);
        a.mov(MOVED, left);
        a.sub(NUMBER, NUMBER, left);
        a.st64(CACHE, LENGTH, NUMBER);
        a.ld64(to, Reg.TLS, BUFFER);
        a.ld64(block, CACHE, TOP);
        Assembler.Label next = a.here();
        a.st64(to, 0, block);
        a.addi(to, to, 8);
        a.ld64(block, block, NodeLayout.NEXT);
        a.djnz(left, next);
        a.st64(CACHE, TOP, block);
    }

    // ---- audit

    @Override
    long ownBlocks(MemoryView memory) {
        long blocks = 0;
        for (int arena = 0; arena < arenas.count(); arena++) {
            for (int i = 0; i < classes.count(); i++) {
                blocks += memory.read64(arenas.spans(arena, i)) * arenas.blocksPerSpan(i);
            }
        }
        return blocks;
    }

    @Override
    void audit(Audit audit) {
        for (int arena = 0; arena < arenas.count(); arena++) {
            for (int i = 0; i < classes.count(); i++) {
                audit.list(arenas.head(arena, i), Place.pool("arena " + arena));
            }
        }
        for (int thread = 0; thread < context.threads(); thread++) {
            long bytes = 0;
            for (int i = 0; i < classes.count(); i++) {
                bytes += cached(audit, cache(thread, i), Place.thread(thread))
                        * classes.sizes().bytes(i);
            }
            long said = audit.word(caches + stride * thread + bytesOffset);
            audit.expect(
                    mostBytes == 0 || said == bytes,
                    Place.thread(thread) + ": caches hold " + bytes + " bytes, " + said + " are counted");
        }
    }

    /** Visits what a cache holds; answers how many blocks. */
    private long cached(Audit audit, long cache, Place place) {
        if (!array) {
            audit.listOfLength(cache + TOP, cache + LENGTH, place);
            return audit.word(cache + LENGTH);
        }
        List<Long> blocks = new ArrayList<>();
        for (long at = audit.word(cache + EMPTY); at < audit.word(cache + TOP); at += 8) {
            blocks.add(audit.word(at));
        }
        audit.blocks(blocks, place);
        return blocks.size();
    }
}
