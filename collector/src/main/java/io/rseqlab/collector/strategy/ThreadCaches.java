package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.ArrayList;
import java.util.List;

/**
 * The caches of {@link ArenaTcacheInstance}: per thread and size an array of pointers with marks where it is empty and
 * full ({@link CacheGc} may look at it), or a {@link CacheList}; a sum of bytes over all sizes where these are limited.
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
    static final int TOP = 0;
    private static final int EMPTY = 8;
    /** With garbage collection, instead: where it was when it had the fewest. */
    static final int LOW = 8;

    private static final int FULL = 16;
    private static final int REQUESTS = 24;
    private static final int CACHE_SHIFT = 5;

    /** Behind the sum of bytes, and what {@link CacheGc} has there. */
    private static final int SPARE = 56;

    /** The cache in hand. */
    static final int CACHE = Reg.T0;

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
    private final CacheList list;
    private final long mostBytes;
    private final String fill;
    private final CacheSizes sizes;
    /** Null where caches are not looked at. */
    final CacheGc gc;
    /** Where the word lies that says where an array is empty. */
    private final int empty;

    private final long caches;
    private final long stride;
    private final int bytesOffset;
    private final int bytesOfClass;

    /** @param bufferWords of a thread's buffer for each pointer */
    ThreadCaches(
            Settings settings,
            StrategyContext context,
            BlockClasses classes,
            CacheSizes sizes,
            ThreadAreas areas,
            int bufferWords) {
        this.classes = classes;
        threads = context.threads();
        Layout layout = context.layout();
        array = settings.chooses(ArenaTcache.CACHE, ArenaTcache.ARRAY);
        list = new CacheList(settings.count(ArenaTcache.KEY) == 1);
        mostBytes = settings.count(ArenaTcache.BYTES);
        fill = settings.choice(ArenaTcache.FILL);
        this.sizes = sizes;
        bytesOffset = classes.count() << CACHE_SHIFT;
        boolean collects = settings.count(ArenaTcache.GC_BYTES) > 0;
        int behind = bytesOffset + Layout.LINE;
        stride = (collects ? behind + bytesOffset : bytesOffset) + 3 * Layout.LINE & -2 * Layout.LINE;
        gc = collects ? new CacheGc(settings, context, classes, this, bytesOffset, behind) : null;
        empty = collects ? gc.begin() : EMPTY;
        caches = layout.reserve(stride * threads, 2 * Layout.LINE);
        bytesOfClass = Math.toIntExact(layout.reserve(8L * classes.count(), 2 * Layout.LINE));
        for (int i = 0; i < sizes.all(); i++) {
            layout.word(bytesOfClass + 8L * i, classes.sizes().bytes(i));
        }
        for (int thread = 0; thread < threads; thread++) {
            layout.word(areas.of(thread) + CACHES, caches + stride * thread);
            layout.word(areas.of(thread) + BUFFER, layout.reserve(bufferWords * sizes.bufferBytes(), 2 * Layout.LINE));
            for (int i = 0; i < sizes.all(); i++) {
                long cache = cache(thread, i);
                long pointers = array ? layout.reserve(8L * sizes.cap(i), Layout.LINE) : 0;
                layout.word(cache + TOP, pointers);
                layout.word(cache + EMPTY, pointers);
                layout.word(cache + FULL, array ? pointers + 8L * sizes.cap(i) : sizes.cap(i));
                if (gc != null) {
                    gc.layOutCache(layout, cache, pointers);
                }
            }
            if (gc != null) {
                gc.layOut(layout, areas.of(thread), caches + stride * thread);
            }
        }
    }

    /** Address from a thread's caches of a word that nobody uses here. */
    int spareWord() {
        return bytesOffset + SPARE;
    }

    /** Which sizes are cached. */
    CacheSizes sizes() {
        return sizes;
    }

    /** True where a cache may be full because all together are. */
    boolean limited() {
        return mostBytes > 0;
    }

    /** Pops into A0; at {@code none} where the cache is. */
    void pop(Assembler a, Cold cold, Assembler.Label none) {
        if (array) {
            Assembler.Label lowered = a.label();
            Assembler.Label some = a.label();
            a.ld64(HEAD, CACHE, TOP);
            a.ld64(NUMBER, CACHE, LOW);
            a.beq(HEAD, NUMBER, gc == null ? none : lowered);
            a.place(some);
            if (gc != null) {
                cold.later(() -> {
                    a.place(lowered);
                    gc.lower(a, HEAD, none);
                    a.jmp(some);
                });
            }
            a.ld64(Reg.A0, HEAD, -8);
            a.addi(HEAD, HEAD, -8);
            a.st64(CACHE, TOP, HEAD);
            Static.bump(a, CACHE, REQUESTS, SCRATCH);
        } else {
            list.pop(a, none);
        }
        count(a, -1);
    }

    /** Pushes A0; at {@code full} where the cache is, at {@code over} where all together are. */
    void push(Assembler a, Cold cold, Assembler.Label full, Assembler.Label over) {
        list.check(a, cold);
        a.ld64(HEAD, CACHE, array ? TOP : CacheList.LENGTH);
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
        take(a, Part.HALF);
    }

    /** Takes all of a cache into the buffer, MOVED blocks; at {@code empty} where there are none. */
    void takeAll(Assembler a, Assembler.Label none) {
        a.ld64(HEAD, CACHE, TOP);
        if (array) {
            a.ld64(NUMBER, CACHE, empty);
            a.beq(HEAD, NUMBER, none);
        } else {
            a.beqz(HEAD, none);
        }
        take(a, Part.ALL);
    }

    /** Takes the oldest MOVED blocks of an array, at least one, into the buffer. */
    void takeOldest(Assembler a) {
        take(a, Part.SO_MANY);
    }

    private void take(Assembler a, Part part) {
        if (array) {
            oldPartOfArray(a, part);
        } else {
            list.take(a, part == Part.HALF);
        }
        if (limited()) {
            bytes(a);
            a.mul(SCRATCH, SCRATCH, MOVED);
            a.ld64(TOTAL, HEAD, bytesOffset);
            a.sub(TOTAL, TOTAL, SCRATCH);
            a.st64(HEAD, bytesOffset, TOTAL);
        }
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

    /** rd = bytes of a block of the size, from a table that all threads read. */
    void blockBytes(Assembler a, int rd) {
        a.shli(rd, BlockClasses.CLASS, 3);
        a.ld64(rd, rd, bytesOfClass);
    }

    /** SCRATCH = bytes of the size, HEAD = the thread's caches. */
    private void bytes(Assembler a) {
        blockBytes(a, SCRATCH);
        a.ld64(HEAD, Reg.TLS, CACHES);
    }

    /** rd = how many blocks CACHE may have. */
    void capacity(Assembler a, int rd, int temporary) {
        a.ld64(rd, CACHE, FULL);
        if (array) {
            a.ld64(temporary, CACHE, empty);
            a.sub(rd, rd, temporary);
            a.shri(rd, rd, 3);
        }
    }

    /** COUNT = how many blocks an empty cache wants: at least one. */
    void wanted(Assembler a) {
        Assembler.Label one = a.label();
        if (fill.equals("one")) {
            a.li(COUNT, 1);
            return;
        }
        if (sizes.small() < sizes.all()) {
            a.li(COUNT, 1);
            a.li(SCRATCH, sizes.small());
            a.bge(BlockClasses.CLASS, SCRATCH, one);
        }
        find(a);
        if (gc != null && fill.equals(ArenaTcache.HALF)) {
            gc.wanted(a);
        } else {
            capacity(a, COUNT, SCRATCH);
            if (fill.equals(ArenaTcache.HALF)) {
                a.addi(COUNT, COUNT, 1);
                a.shri(COUNT, COUNT, 1);
            }
        }
        a.place(one);
    }

    /** Puts a block into CACHE, which has room; changes HEAD, NUMBER and SCRATCH. */
    void pushUnchecked(Assembler a, int block) {
        if (!array) {
            list.push(a, block);
            return;
        }
        a.ld64(HEAD, CACHE, TOP);
        a.st64(HEAD, 0, block);
        a.addi(HEAD, HEAD, 8);
        a.st64(CACHE, TOP, HEAD);
    }

    /** How many blocks leave a cache. */
    private enum Part {
        HALF,
        ALL,
        /** As many as MOVED says. */
        SO_MANY
    }

    /** Copies the lower part to the buffer, MOVED pointers, and moves the others down. */
    private void oldPartOfArray(Assembler a, Part part) {
        Assembler.Label moved = a.label();
        int from = Reg.T5;
        int to = Reg.T6;
        int left = Reg.T7;
        int stay = Reg.T10;
        a.ld64(from, CACHE, empty);
        a.ld64(HEAD, CACHE, TOP);
        a.sub(stay, HEAD, from);
        a.shri(stay, stay, 3);
        if (part == Part.HALF) {
            a.addi(MOVED, stay, 1);
            a.shri(MOVED, MOVED, 1);
        } else if (part == Part.ALL) {
            a.mov(MOVED, stay);
        }
        a.mov(left, MOVED);
        a.sub(stay, stay, MOVED);
        a.ld64(to, Reg.TLS, BUFFER);
        copy(a, from, to, left);
        a.ld64(to, CACHE, empty);
        a.beqz(stay, moved);
        copy(a, from, to, stay);
        a.place(moved);
        a.st64(CACHE, TOP, to);
        if (gc != null) {
            gc.flushed(a, to);
        }
    }

    private static void copy(Assembler a, int from, int to, int left) {
        Assembler.Label next = a.here();
        a.ld64(SCRATCH, from, 0);
        a.st64(to, 0, SCRATCH);
        a.addi(from, from, 8);
        a.addi(to, to, 8);
        a.djnz(left, next);
    }

    /** Visits what a cache holds; answers how many blocks. */
    private long cached(Audit audit, long cache, Place place) {
        if (!array) {
            audit.listOfLength(cache + TOP, cache + CacheList.LENGTH, place);
            return audit.word(cache + CacheList.LENGTH);
        }
        List<Long> blocks = new ArrayList<>();
        long top = audit.word(cache + TOP);
        for (long at = audit.word(cache + empty); at < top; at += 8) {
            blocks.add(audit.word(at));
        }
        audit.blocks(blocks, place);
        long low = audit.word(cache + LOW);
        audit.expect(
                low <= top && low >= audit.word(cache + empty),
                place + ": the low-water mark is at 0x" + Long.toHexString(low) + ", the end at 0x"
                        + Long.toHexString(top));
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
