package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.ArenaBins;
import io.rseqlab.collector.strategy.block.ArenaChunks;
import io.rseqlab.collector.strategy.block.ArenaSlabs;
import io.rseqlab.collector.strategy.block.Arenas;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.Superblocks;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.strategy.block.WordLock;

/**
 * malloc pops from the thread's cache of the size; an empty one is filled from the thread's arena under a mutex. free
 * pushes into the cache of the freeing thread, whoever allocated; a full one gives blocks back to the arenas that they
 * belong to, each locked once per flush. So a foreign free costs nothing but a push until then, and its share of a
 * mutex that the allocating threads need.
 *
 * <p>A thread that ends flushes its caches to the arenas that the blocks belong to, as all of these do.
 *
 * <p>With slabs, whoever has moved 1000 blocks looks what its arena has had unused for too long: jemalloc's ticker,
 * which is random about that.
 *
 * <p>Left out: Hoard's delayed queues for foreign frees. Tiers: 0 own cache; 1 the arena's mutex, or a look at the
 * caches ({@link CacheGc}); 2 a mutex that was taken.
 */
final class ArenaTcacheInstance extends Common {
    /** ARENA_DECAY_NTICKS_PER_UPDATE. */
    private static final int TICKS = 1000;

    /** In a thread's area: its arena's number. */
    private static final int ARENA = ThreadAreas.REST + 24;

    private static final int BEGIN = Reg.T0;
    private static final int COUNT = ThreadCaches.COUNT;
    private static final int OWN_ARENA = Reg.T6;
    private static final int OWN_CACHES = Reg.T2;
    private static final int OTHER = Reg.T4;
    private static final int SCRATCH = ThreadCaches.SCRATCH;

    private final boolean half;
    private final boolean spins;
    private final boolean chunks;
    final ThreadCaches caches;
    private final Arenas arenas;
    /** The same where they have slabs, else null. */
    final ArenaSlabs slabs;

    private WordLock lock;
    private Assembler.Label take;
    private Assembler.Label give;
    private Assembler.Label ticks;

    ArenaTcacheInstance(Settings settings, StrategyContext context) {
        super(context, settings.count(ArenaTcache.GC_BYTES) > 0 ? 48 : 32, lookup(settings));
        chunks = ArenaTcache.hasChunks(settings);
        half = settings.chooses(ArenaTcache.SPILL, ArenaTcache.HALF);
        spins = settings.chooses(ArenaTcache.WAIT, ArenaTcache.SPIN);
        long number = settings.count(ArenaTcache.ARENAS);
        if (number == 0) {
            number = Math.min(ArenaTcache.MOST_ARENAS, settings.count(ArenaTcache.PER_CPU) * context.cpus());
        }
        // arenas that no thread would ever have are none
        int count = (int) Math.min(number, context.threads());
        CacheSizes sizes = new CacheSizes(settings, classes);
        slabs = ArenaTcache.hasSlabs(settings) ? slabs(settings, count, sizes) : null;
        arenas = slabs == null ? arenas(settings, count) : slabs;
        caches = new ThreadCaches(settings, context, classes, sizes, threads, slabs == null ? 1 : 2);
        for (int thread = 0; thread < context.threads(); thread++) {
            context.layout().word(threads.of(thread) + ARENA, arenas.of(thread));
        }
    }

    /** A chunk says its class itself. */
    private static BlockClasses.Lookup lookup(Settings settings) {
        return ArenaTcache.hasChunks(settings) ? BlockClasses.Lookup.IN_MALLOC : BlockClasses.Lookup.ALWAYS;
    }

    private ArenaSlabs slabs(Settings settings, int count, CacheSizes sizes) {
        return new ArenaSlabs(
                context.layout(),
                classes,
                count,
                settings.chooses(ArenaTcache.LOCK, ArenaTcache.BIN),
                settings.chooses(ArenaTcache.SLABS, Parameters.RETURNED),
                Math.toIntExact(sizes.bufferBytes()),
                Math.round(1e-6 * settings.count(ArenaTcache.DECAY_US) * context.clockHz()));
    }

    private Arenas arenas(Settings settings, int count) {
        int superblockBytes = (int) settings.count(ArenaTcache.SUPERBLOCK);
        if (superblockBytes > 0) {
            return new Superblocks(
                    context.layout(),
                    classes,
                    count,
                    superblockBytes,
                    (int) settings.count(ArenaTcache.EMPTINESS),
                    settings.chooses(ArenaTcache.EMPTY, Parameters.RETURNED));
        }
        boolean freshOnlyIfNone = settings.chooses(ArenaTcache.FILL, ArenaTcache.FREED);
        if (chunks) {
            return new ArenaChunks(context.layout(), classes, count, freshOnlyIfNone, settings.count(ArenaTcache.TRIM));
        }
        return new ArenaBins(
                context.layout(), classes, count, settings.chooses(ArenaTcache.LOCK, ArenaTcache.BIN), freshOnlyIfNone);
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        lock = spins ? new SpinLock(a, cold) : mutex;
        take = arenas.emitTake(a, lock);
        give = arenas.emitGive(a, lock);
        if (slabs != null) {
            ticks = a.here();
            emitTicks(a);
            a.ret(Reg.LINK2);
        }
        if (caches.gc != null) {
            caches.gc.emit(a, this::give);
        }
    }

    /** The COUNT blocks of the buffer go to the arenas that they belong to. */
    private void give(Assembler a) {
        if (slabs != null) {
            tick(a);
            a.ld64(BEGIN, Reg.TLS, ThreadCaches.BUFFER);
        }
        a.call(give, Reg.LINK2);
    }

    /** So many blocks, COUNT, have been moved: after 1000 a thread looks what its arena has had unused for too long. */
    private void tick(Assembler a) {
        if (slabs == null) {
            return;
        }
        Assembler.Label none = a.label();
        a.ld64(OWN_CACHES, Reg.TLS, ThreadCaches.CACHES);
        a.ld64(SCRATCH, OWN_CACHES, caches.spareWord());
        a.add(SCRATCH, SCRATCH, COUNT);
        a.st64(OWN_CACHES, caches.spareWord(), SCRATCH);
        a.li(OTHER, TICKS);
        a.blt(SCRATCH, OTHER, none);
        a.call(ticks, Reg.LINK2);
        a.place(none);
    }

    private void emitTicks(Assembler a) {
        a.st64(OWN_CACHES, caches.spareWord(), Reg.ZERO);
        a.ld64(OWN_ARENA, Reg.TLS, ARENA);
        slabs.decay(a, lock);
    }

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        if (caches.gc != null) {
            caches.gc.allocates(a, cold);
        }
        ThreadCaches.find(a);
        pad.both(a, SCRATCH);
        caches.pop(a, cold, empty);
        end(a, Mark.MALLOC);
        a.place(empty);
        fill(a);
        end(a, Mark.MALLOC);
    }

    /** A0 = a block of the thread's arena; others that come with it go into the cache, which is empty. */
    private void fill(Assembler a) {
        Assembler.Label alone = a.label();
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        caches.wanted(a);
        a.ld64(BEGIN, Reg.TLS, ThreadCaches.BUFFER);
        a.ld64(OWN_ARENA, Reg.TLS, ARENA);
        a.call(take, Reg.LINK2);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, COUNT);
        tick(a);
        a.mov(Reg.A1, COUNT);
        a.ld64(Reg.A2, Reg.TLS, ThreadCaches.BUFFER);
        a.ld64(Reg.A0, Reg.A2, 0);
        a.addi(Reg.A1, Reg.A1, -1);
        a.beqz(Reg.A1, alone);
        ThreadCaches.find(a);
        Assembler.Label next = a.here();
        a.addi(Reg.A2, Reg.A2, 8);
        a.ld64(Reg.T5, Reg.A2, 0);
        caches.pushUnchecked(a, Reg.T5);
        caches.count(a, 1);
        a.djnz(Reg.A1, next);
        a.place(alone);
    }

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label full = a.label();
        Assembler.Label over = a.label();
        if (chunks) {
            ArenaChunks.sizeClass(a, BlockClasses.CLASS, Reg.A0);
            if (!classes.single()) {
                classes.restore(a, BlockClasses.CLASS);
            }
        }
        if (caches.gc != null) {
            caches.gc.frees(a, cold);
        }
        ThreadCaches.find(a);
        pad.both(a, SCRATCH);
        caches.push(a, cold, full, half ? over : full);
        end(a, Mark.FREE);
        a.place(full);
        boolean someUncached = half && caches.sizes().cached() < classes.count();
        if (someUncached) {
            a.li(SCRATCH, caches.sizes().cached());
            a.bge(BlockClasses.CLASS, SCRATCH, over);
        }
        spill(a, half);
        end(a, Mark.FREE);
        if (half && caches.limited() || someUncached) {
            a.place(over);
            spill(a, false);
            end(a, Mark.FREE);
        }
    }

    /** Half of the cache, and the block is pushed then, or the block alone goes to the arenas. */
    private void spill(Assembler a, boolean halfOfCache) {
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, SCRATCH);
        if (!halfOfCache) {
            a.ld64(BEGIN, Reg.TLS, ThreadCaches.BUFFER);
            a.st64(BEGIN, 0, Reg.A0);
            a.li(COUNT, 1);
            a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, COUNT);
            give(a);
            return;
        }
        caches.takeHalf(a);
        a.mov(COUNT, ThreadCaches.MOVED);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, COUNT);
        a.st64(Reg.TLS, ThreadAreas.FRAME, Reg.A0);
        a.ld64(BEGIN, Reg.TLS, ThreadCaches.BUFFER);
        give(a);
        a.ld64(Reg.A0, Reg.TLS, ThreadAreas.FRAME);
        ThreadCaches.find(a);
        caches.pushUnchecked(a, Reg.A0);
        caches.count(a, 1);
    }

    /** Every cache is flushed whole; the arena goes to the thread that follows. */
    @Override
    void threadEnd(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        a.li(BlockClasses.CLASS, 0);
        Assembler.Label next = a.here();
        if (!classes.single()) {
            classes.restore(a, BlockClasses.CLASS);
        }
        ThreadCaches.find(a);
        if (caches.gc != null) {
            caches.gc.forget(a);
        }
        caches.takeAll(a, empty);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, SCRATCH);
        a.mov(COUNT, ThreadCaches.MOVED);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, COUNT);
        a.ld64(BEGIN, Reg.TLS, ThreadCaches.BUFFER);
        give(a);
        a.place(empty);
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, 1);
        a.li(SCRATCH, classes.count());
        a.blt(BlockClasses.CLASS, SCRATCH, next);
        if (caches.gc != null) {
            caches.gc.forgetTime(a);
        }
    }

    @Override
    public int sizeClass(MemoryView memory, long block) {
        return chunks ? ArenaChunks.classOf(memory, block) : super.sizeClass(memory, block);
    }

    @Override
    long ownBlocks(MemoryView memory) {
        return arenas.mostBlocks(memory);
    }

    @Override
    void audit(Audit audit) {
        arenas.lists(audit::word, (head, arena) -> audit.list(head, Place.pool(arena)));
        arenas.slabs(audit::word, (blocks, arena) -> audit.blocks(blocks, Place.pool(arena)));
        audit.expectNone(() -> arenas.fault(audit::word));
        audit.countElsewhere(block -> arenas.homeOf(audit::word, block), slab -> arenas.elsewhere(audit::word, slab));
        caches.audit(audit);
        audit.expectElsewhere();
    }
}
