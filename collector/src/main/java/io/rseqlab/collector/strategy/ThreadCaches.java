package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.ArrayList;
import java.util.List;

/**
 * The caches of {@link ArenaTcacheInstance}: per thread and size an array of pointers with marks where it is empty and
 * full, or a list with a count and, if wanted, a key in each free block against double free; a sum of bytes over all
 * sizes where these are limited.
 *
 * <p>Source: jemalloc {@code cache_bin.h}; glibc {@code malloc.c}, tcache_put and tcache_get; Hoard's thread-local
 * buffers. A key that the application wrote by chance sends the real one to search its list; here it is only a branch.
 */
final class ThreadCaches {
    /** In a thread's area: its caches, and a buffer of as many pointers as a cache may hold. */
    static final int CACHES = ThreadAreas.REST + 8;

    static final int BUFFER = ThreadAreas.REST + 16;

    // ---- a cache: the end of its pointers or the first block; where it is empty or how many blocks it has; where it
    // is full or how many it may have; operations so far; behind those of all sizes the bytes in them
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
    /** How many blocks an empty cache wants. */
    static final int COUNT = Reg.T1;

    private static final int NUMBER = Reg.T2;
    static final int SCRATCH = Reg.T3;
    private static final int TOTAL = Reg.T4;
    /** How many blocks were taken out of a full cache. */
    static final int MOVED = Reg.T8;

    private final BlockClasses classes;
    private final int threads;
    private final boolean array;
    private final boolean key;
    private final long mostBytes;
    private final String fill;
    private final int[] caps;
    private final long caches;
    private final long stride;
    private final int bytesOffset;
    private final int bytesOfClass;

    ThreadCaches(Settings settings, StrategyContext context, BlockClasses classes, ThreadAreas areas) {
        this.classes = classes;
        threads = context.threads();
        Layout layout = context.layout();
        array = settings.chooses(ArenaTcache.CACHE, ArenaTcache.ARRAY);
        key = settings.count(ArenaTcache.KEY) == 1;
        mostBytes = settings.count(ArenaTcache.BYTES);
        fill = settings.choice(ArenaTcache.FILL);
        long largest = settings.count(ArenaTcache.LARGEST);
        caps = new int[classes.count()];
        int most = 1;
        for (int i = 0; i < caps.length; i++) {
            int cap = (int) settings.count(ArenaTcache.CAP);
            int bytes = classes.sizes().bytes(i);
            boolean cached = largest == 0 || bytes <= largest;
            caps[i] = cached ? cap > 0 ? cap : bySlab(bytes) : 0;
            most = Math.max(most, caps[i]);
        }
        bytesOffset = classes.count() << CACHE_SHIFT;
        stride = bytesOffset + 3 * Layout.LINE & -2 * Layout.LINE;
        caches = layout.reserve(stride * threads, 2 * Layout.LINE);
        bytesOfClass = Math.toIntExact(layout.reserve(8L * classes.count(), 2 * Layout.LINE));
        for (int i = 0; i < caps.length; i++) {
            layout.word(bytesOfClass + 8L * i, classes.sizes().bytes(i));
        }
        for (int thread = 0; thread < threads; thread++) {
            layout.word(areas.of(thread) + CACHES, caches + stride * thread);
            layout.word(areas.of(thread) + BUFFER, layout.reserve(8L * most + 8, 2 * Layout.LINE));
            for (int i = 0; i < caps.length; i++) {
                long cache = cache(thread, i);
                long pointers = array ? layout.reserve(8L * caps[i], Layout.LINE) : 0;
                layout.word(cache + TOP, pointers);
                layout.word(cache + EMPTY, pointers);
                layout.word(cache + FULL, array ? pointers + 8L * caps[i] : caps[i]);
            }
        }
    }

    /** True where a cache may be full because all together are. */
    boolean limited() {
        return mostBytes > 0;
    }

    /** Pops into A0; at {@code empty} where the cache is. */
    void pop(Assembler a, Assembler.Label empty) {
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
    }

    /** Pushes A0; at {@code full} where the cache is, at {@code over} where all together are. */
    void push(Assembler a, Cold cold, Assembler.Label full, Assembler.Label over) {
        Assembler.Label suspicious = a.label();
        Assembler.Label innocent = a.label();
        if (key) {
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
        if (limited()) {
            bytes(a);
            a.ld64(TOTAL, HEAD, bytesOffset);
            a.add(TOTAL, TOTAL, SCRATCH);
            a.li(NUMBER, mostBytes);
            a.blt(NUMBER, TOTAL, over);
            a.st64(HEAD, bytesOffset, TOTAL);
        }
        pushUnchecked(a, Reg.A0);
    }

    /** Takes half of a full cache into the buffer: MOVED blocks. */
    void takeHalf(Assembler a) {
        if (array) {
            oldHalfOfArray(a);
        } else {
            halfOfList(a);
        }
        if (limited()) {
            bytes(a);
            a.mul(SCRATCH, SCRATCH, MOVED);
            a.ld64(TOTAL, HEAD, bytesOffset);
            a.sub(TOTAL, TOTAL, SCRATCH);
            a.st64(HEAD, bytesOffset, TOTAL);
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

    /** CACHE = the thread's cache of the size in CLASS. */
    static void find(Assembler a) {
        a.ld64(CACHE, Reg.TLS, CACHES);
        a.shli(SCRATCH, BlockClasses.CLASS, CACHE_SHIFT);
        a.add(CACHE, CACHE, SCRATCH);
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
    void count(Assembler a, int sign) {
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

    /** COUNT = how many blocks an empty cache wants. */
    void wanted(Assembler a) {
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
    void pushUnchecked(Assembler a, int block) {
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

    /** Visits what all caches hold, and compares the sums of bytes. */
    void audit(Audit audit) {
        for (int thread = 0; thread < threads; thread++) {
            long bytes = 0;
            for (int i = 0; i < classes.count(); i++) {
                bytes += cached(audit, cache(thread, i), Place.thread(thread))
                        * classes.sizes().bytes(i);
            }
            long said = audit.word(caches + stride * thread + bytesOffset);
            audit.expect(
                    !limited() || said == bytes,
                    Place.thread(thread) + ": caches hold " + bytes + " bytes, " + said + " are counted");
        }
    }
}
