package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.function.Consumer;

/**
 * jemalloc's incremental garbage collection of a thread's caches. Each cache remembers the fewest blocks that it had
 * since it was last looked at, its low-water mark: so many were of no use. When a thread has allocated, or freed, so
 * many bytes, and enough time has passed since it last did so, it looks at its caches in turn. Of one with a mark above
 * zero it gives three quarters of the unused blocks, the oldest, back to the arenas, and halves what the next fills
 * bring, down to one block; what fills bring to one that has run empty and was filled since is doubled again, up to
 * half of the cache. In between each fill brings twice what the one before brought, until the cache is flushed or
 * looked at. A look ends when so many small sizes, and one large one, have lost blocks; the next one goes on behind
 * them.
 *
 * <p>Source: jemalloc {@code tcache.c}: tcache_gc_event, tcache_gc_small, tcache_gc_large,
 * tcache_nfill_small_gc_update; {@code thread_event.c} for the bytes that have to go by. With
 * {@code gc_us=0,gc_sizes=0} it is that of jemalloc 5.3: one size after the other, each time, and no doubling in
 * between. Left out: that blocks far from the arena's current slab are given back first. The step comes before the
 * operation that reaches the mark, in the real one behind it.
 */
final class CacheGc {
    // ---- in a thread's area: bytes allocated and freed so far, and at how many it looks at its caches
    private static final int ALLOCATED = ThreadAreas.REST;
    private static final int ALLOCATED_MARK = ThreadAreas.REST + 32;
    private static final int FREED = ThreadAreas.REST + 40;
    /** The word of an own list: there is none here. */
    private static final int FREED_MARK = ThreadAreas.LOCAL;

    // ---- behind the caches of a thread: when it last looked at them; the next small and the next large size; how many
    // caches are still to be looked at, and how many of these may still lose blocks; where the subroutine returns to
    private static final int LAST = 8;
    private static final int NEXT_SMALL = 16;
    private static final int NEXT_LARGE = 24;
    private static final int LEFT = 32;
    private static final int FLUSHES = 40;
    private static final int LINK = 48;

    // ---- of each cache, at a fixed distance from it: where it is empty; how often a fill halves its capacity, and how
    // much less often since fills just now; whether it was filled since it was last looked at
    private static final int BEGIN = 0;
    private static final int HALVINGS = 8;
    private static final int FEWER = 16;
    private static final int FILLED = 24;

    private static final int HEAD = Reg.T1;
    private static final int NUMBER = Reg.T2;
    private static final int SCRATCH = ThreadCaches.SCRATCH;
    private static final int OTHER = Reg.T4;

    private final BlockClasses classes;
    private final ThreadCaches caches;
    private final CacheSizes sizes;
    private final long everyBytes;
    private final long leastCycles;
    private final int sizesAtOnce;
    private final boolean adapts;
    private final int common;
    private final int distance;
    private Assembler.Label step;

    /**
     * @param caches what is looked at; nothing of it is used yet
     * @param common where the words behind a thread's caches begin, from these
     * @param distance from a cache to the words that it has here
     */
    CacheGc(
            Settings settings,
            StrategyContext context,
            BlockClasses classes,
            ThreadCaches caches,
            int common,
            int distance) {
        this.classes = classes;
        this.caches = caches;
        sizes = caches.sizes();
        this.common = common;
        this.distance = distance;
        everyBytes = settings.count(ArenaTcache.GC_BYTES);
        leastCycles = Math.round(1e-6 * settings.count(ArenaTcache.GC_US) * context.clockHz());
        sizesAtOnce = (int) settings.count(ArenaTcache.GC_SIZES);
        adapts = settings.chooses(ArenaTcache.FILL, ArenaTcache.HALF);
    }

    /** Initial words of a thread. */
    void layOut(Layout layout, long area, long ownCaches) {
        layout.word(area + ALLOCATED_MARK, everyBytes);
        layout.word(area + FREED_MARK, everyBytes);
        layout.word(ownCaches + common + LAST, -leastCycles);
        layout.word(ownCaches + common + NEXT_LARGE, sizes.small());
    }

    /** Initial words of a cache whose pointers begin at an address. */
    void layOutCache(Layout layout, long cache, long pointers) {
        layout.word(cache + distance + BEGIN, pointers);
        layout.word(cache + distance + HALVINGS, 1);
    }

    /** Where the word lies that says where a cache is empty. */
    int begin() {
        return distance + BEGIN;
    }

    /** A thread has ended: the next one does not know what CACHE, which is empty, was used for. */
    void forget(Assembler a) {
        a.li(SCRATCH, 1);
        a.st64(ThreadCaches.CACHE, distance + HALVINGS, SCRATCH);
        a.st64(ThreadCaches.CACHE, distance + FEWER, Reg.ZERO);
        a.st64(ThreadCaches.CACHE, distance + FILLED, Reg.ZERO);
    }

    /** A thread has ended: the next one looks at its caches as soon as it has allocated or freed enough. */
    void forgetTime(Assembler a) {
        a.ld64(HEAD, Reg.TLS, ThreadCaches.CACHES);
        a.ld64(SCRATCH, HEAD, common + LAST);
        a.li(NUMBER, leastCycles);
        a.sub(SCRATCH, SCRATCH, NUMBER);
        a.st64(HEAD, common + LAST, SCRATCH);
    }

    // ---- when it is time

    /** Counts the bytes of a malloc, and looks at the caches when there are enough. */
    void allocates(Assembler a, Cold cold) {
        count(a, cold, ALLOCATED, ALLOCATED_MARK);
    }

    /** Counts the bytes of a free of the block in A0, which is kept. */
    void frees(Assembler a, Cold cold) {
        count(a, cold, FREED, FREED_MARK);
    }

    private void count(Assembler a, Cold cold, int bytes, int mark) {
        Assembler.Label due = a.label();
        Assembler.Label counted = a.label();
        a.ld64(HEAD, Reg.TLS, bytes);
        caches.blockBytes(a, SCRATCH);
        a.add(HEAD, HEAD, SCRATCH);
        a.ld64(NUMBER, Reg.TLS, mark);
        a.bge(HEAD, NUMBER, due);
        a.st64(Reg.TLS, bytes, HEAD);
        a.place(counted);
        cold.later(() -> {
            a.place(due);
            a.st64(Reg.TLS, bytes, HEAD);
            a.li(NUMBER, everyBytes);
            a.add(NUMBER, NUMBER, HEAD);
            a.st64(Reg.TLS, mark, NUMBER);
            a.call(step, Reg.LINK2);
            a.jmp(counted);
        });
    }

    // ---- a look

    /** Writes the subroutine; {@code give} writes how the buffer's COUNT blocks go to the arenas, and uses LINK2. */
    void emit(Assembler a, Consumer<Assembler> give) {
        Assembler.Label tooEarly = a.label();
        step = a.here();
        a.mark(Mark.TIER, 1);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        a.st64(Reg.TLS, ThreadAreas.FRAME + 8, BlockClasses.CLASS);
        a.ld64(HEAD, Reg.TLS, ThreadCaches.CACHES);
        a.st64(HEAD, common + LINK, Reg.LINK2);
        if (leastCycles > 0) {
            a.host(HostCall.HOST_CLOCK);
            a.ld64(NUMBER, HEAD, common + LAST);
            a.sub(NUMBER, Reg.A0, NUMBER);
            a.li(SCRATCH, leastCycles);
            a.blt(NUMBER, SCRATCH, tooEarly);
            a.st64(HEAD, common + LAST, Reg.A0);
        }
        int small = sizes.small();
        int cached = sizes.cached();
        if (sizesAtOnce == 0) {
            look(a, give, new Turns(0, cached, 1, 1, NEXT_SMALL));
        } else {
            look(a, give, new Turns(0, small, small, sizesAtOnce, NEXT_SMALL));
            look(a, give, new Turns(small, cached, cached - small, 1, NEXT_LARGE));
        }
        a.place(tooEarly);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        a.ld64(BlockClasses.CLASS, Reg.TLS, ThreadAreas.FRAME + 8);
        if (!classes.single()) {
            classes.restore(a, BlockClasses.CLASS);
        }
        a.ld64(HEAD, Reg.TLS, ThreadCaches.CACHES);
        a.ld64(Reg.LINK2, HEAD, common + LINK);
        a.ret(Reg.LINK2);
    }

    /**
     * Sizes that take turns.
     *
     * @param from the first one's number
     * @param to the number behind the last one's
     * @param looks how many are looked at
     * @param flushes how many of these may lose blocks
     * @param next which word says whose turn it is
     */
    private record Turns(int from, int to, int looks, int flushes, int next) {}

    private void look(Assembler a, Consumer<Assembler> give, Turns turns) {
        if (turns.from() == turns.to()) {
            return;
        }
        Assembler.Label within = a.label();
        Assembler.Label looked = a.label();
        Assembler.Label enough = a.label();
        a.ld64(HEAD, Reg.TLS, ThreadCaches.CACHES);
        a.li(NUMBER, turns.looks());
        a.st64(HEAD, common + LEFT, NUMBER);
        a.li(NUMBER, turns.flushes());
        a.st64(HEAD, common + FLUSHES, NUMBER);
        Assembler.Label next = a.here();
        a.ld64(BlockClasses.CLASS, HEAD, common + turns.next());
        a.addi(NUMBER, BlockClasses.CLASS, 1);
        a.li(SCRATCH, turns.to());
        a.blt(NUMBER, SCRATCH, within);
        a.li(NUMBER, turns.from());
        a.place(within);
        a.st64(HEAD, common + turns.next(), NUMBER);
        if (!classes.single()) {
            classes.restore(a, BlockClasses.CLASS);
        }
        lookAtOne(a, give, turns, looked);
        a.ld64(HEAD, Reg.TLS, ThreadCaches.CACHES);
        a.ld64(NUMBER, HEAD, common + FLUSHES);
        a.addi(NUMBER, NUMBER, -1);
        a.st64(HEAD, common + FLUSHES, NUMBER);
        a.beqz(NUMBER, enough);
        a.place(looked);
        a.ld64(HEAD, Reg.TLS, ThreadCaches.CACHES);
        a.ld64(NUMBER, HEAD, common + LEFT);
        a.addi(NUMBER, NUMBER, -1);
        a.st64(HEAD, common + LEFT, NUMBER);
        a.bnez(NUMBER, next);
        a.place(enough);
    }

    /** Goes on here if the cache has lost blocks, else at a label. */
    private void lookAtOne(Assembler a, Consumer<Assembler> give, Turns turns, Assembler.Label looked) {
        Assembler.Label unused = a.label();
        int cache = ThreadCaches.CACHE;
        ThreadCaches.find(a);
        a.ld64(NUMBER, cache, ThreadCaches.LOW);
        a.ld64(SCRATCH, cache, distance + BEGIN);
        a.sub(NUMBER, NUMBER, SCRATCH);
        a.shri(NUMBER, NUMBER, 3);
        a.bnez(NUMBER, unused);
        ifSmall(a, turns, () -> fillMore(a));
        mark(a);
        a.jmp(looked);
        a.place(unused);
        ifSmall(a, turns, () -> fillLess(a));
        a.shri(ThreadCaches.MOVED, NUMBER, 2);
        a.sub(ThreadCaches.MOVED, NUMBER, ThreadCaches.MOVED);
        caches.takeOldest(a);
        mark(a);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, SCRATCH);
        a.mov(ThreadCaches.COUNT, ThreadCaches.MOVED);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, ThreadCaches.COUNT);
        a.ld64(Reg.T0, Reg.TLS, ThreadCaches.BUFFER);
        give.accept(a);
    }

    private void ifSmall(Assembler a, Turns turns, Runnable code) {
        if (!adapts || turns.from() >= sizes.small()) {
            return;
        }
        Assembler.Label large = a.label();
        if (turns.to() > sizes.small()) {
            a.li(SCRATCH, sizes.small());
            a.bge(BlockClasses.CLASS, SCRATCH, large);
        }
        code.run();
        a.place(large);
    }

    /** The low-water mark is where the cache is now. */
    private static void mark(Assembler a) {
        a.ld64(HEAD, ThreadCaches.CACHE, ThreadCaches.TOP);
        a.st64(ThreadCaches.CACHE, ThreadCaches.LOW, HEAD);
    }

    // ---- how much a fill brings

    private void fillMore(Assembler a) {
        Assembler.Label least = a.label();
        Assembler.Label kept = a.label();
        a.ld64(SCRATCH, ThreadCaches.CACHE, distance + FILLED);
        a.beqz(SCRATCH, kept);
        a.st64(ThreadCaches.CACHE, distance + FILLED, Reg.ZERO);
        a.ld64(SCRATCH, ThreadCaches.CACHE, distance + HALVINGS);
        a.addi(SCRATCH, SCRATCH, -1);
        a.beqz(SCRATCH, least);
        a.st64(ThreadCaches.CACHE, distance + HALVINGS, SCRATCH);
        a.place(least);
        a.st64(ThreadCaches.CACHE, distance + FEWER, Reg.ZERO);
        a.place(kept);
    }

    private void fillLess(Assembler a) {
        Assembler.Label kept = a.label();
        caches.capacity(a, HEAD, SCRATCH);
        a.ld64(SCRATCH, ThreadCaches.CACHE, distance + HALVINGS);
        a.mov(OTHER, SCRATCH);
        halve(a, HEAD, OTHER);
        a.li(OTHER, 1);
        a.bge(OTHER, HEAD, kept);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(ThreadCaches.CACHE, distance + HALVINGS, SCRATCH);
        a.place(kept);
        a.st64(ThreadCaches.CACHE, distance + FEWER, Reg.ZERO);
    }

    /** rd is halved so many times, at least once; a machine shifts by as many bits. */
    private static void halve(Assembler a, int rd, int times) {
        Assembler.Label again = a.here();
        a.shri(rd, rd, 1);
        a.djnz(times, again);
    }

    /** COUNT = what a fill of CACHE, of a small size, brings; notes down that it is filled. */
    void wanted(Assembler a) {
        Assembler.Label some = a.label();
        Assembler.Label ready = a.label();
        caches.capacity(a, ThreadCaches.COUNT, SCRATCH);
        a.ld64(SCRATCH, ThreadCaches.CACHE, distance + HALVINGS);
        if (sizesAtOnce > 0) {
            a.ld64(NUMBER, ThreadCaches.CACHE, distance + FEWER);
            a.sub(OTHER, SCRATCH, NUMBER);
        } else {
            a.mov(OTHER, SCRATCH);
        }
        halve(a, ThreadCaches.COUNT, OTHER);
        a.bnez(ThreadCaches.COUNT, some);
        a.li(ThreadCaches.COUNT, 1);
        a.place(some);
        a.li(OTHER, 1);
        a.st64(ThreadCaches.CACHE, distance + FILLED, OTHER);
        if (sizesAtOnce > 0) {
            a.addi(NUMBER, NUMBER, 1);
            a.bge(NUMBER, SCRATCH, ready);
            a.st64(ThreadCaches.CACHE, distance + FEWER, NUMBER);
        }
        a.place(ready);
    }

    /** Blocks have left CACHE, whose end is in a register now: the mark is no higher, and fills bring what they did. */
    void flushed(Assembler a, int end) {
        Assembler.Label below = a.label();
        a.ld64(SCRATCH, ThreadCaches.CACHE, ThreadCaches.LOW);
        a.bge(end, SCRATCH, below);
        a.st64(ThreadCaches.CACHE, ThreadCaches.LOW, end);
        a.place(below);
        a.st64(ThreadCaches.CACHE, distance + FEWER, Reg.ZERO);
    }

    /** A pop finds CACHE, whose end is in a register, at its mark: it is empty, or the mark goes down, and on. */
    void lower(Assembler a, int end, Assembler.Label empty) {
        a.ld64(SCRATCH, ThreadCaches.CACHE, distance + BEGIN);
        a.beq(end, SCRATCH, empty);
        a.addi(NUMBER, end, -8);
        a.st64(ThreadCaches.CACHE, ThreadCaches.LOW, NUMBER);
    }
}
