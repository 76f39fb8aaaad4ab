package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.block.Superblocks;
import java.util.List;
import java.util.stream.Stream;

/**
 * Thread caches before arenas: what jemalloc, glibc's malloc and Hoard have in common, with what tells them apart as
 * parameters. The algorithm is in {@link ArenaTcacheInstance}; the named ones are presets, defaults and nothing more.
 */
final class ArenaTcache implements AllocatorStrategy {
    static final String CACHE = "cache";
    static final String ARRAY = "array";
    static final String CAP = "tcache_cap";
    static final String BYTES = "tcache_bytes";
    static final String FILL = "fill";
    static final String HALF = "half";
    static final String FREED = "freed";
    static final String SPILL = "spill";
    static final String KEY = "key";
    static final String ARENAS = "arenas";
    static final String PER_CPU = "arenas_per_cpu";
    static final String LOCK = "lock";
    static final String BIN = "bin";
    static final String WAIT = "wait";
    static final String SPIN = "spin";
    static final String LARGEST = "tcache_largest";
    static final String SUPERBLOCK = "superblock";
    static final String EMPTINESS = "emptiness";
    static final String EMPTY = "empty";
    static final String FILL_LARGEST = "fill_largest";
    static final String GC_BYTES = "gc_bytes";
    static final String GC_US = "gc_us";
    static final String GC_SIZES = "gc_sizes";
    static final String SLABS = "slabs";
    static final String DECAY_US = "decay_us";
    static final String CHUNKS = "chunks";
    static final String JOINED = "joined";
    static final String TRIM = "trim";
    private static final String NO_SLABS = "none";

    /** Most arenas: their numbers have 16 bits in the page map, and each has a line or two per size. */
    static final int MOST_ARENAS = 4096;

    private static final int LEAST_SUPERBLOCK_BYTES = 8 << 10;
    private static final int MOST_SUPERBLOCK_BYTES = 16 << 20;

    private final String id;
    private final String summary;
    private final String source;
    private final List<Parameter> parameters;

    /** What a preset's defaults are; choices begin with the default. */
    private record Preset(
            boolean array,
            long cap,
            long bytes,
            String fill,
            boolean half,
            long key,
            long arenas,
            long perCpu,
            boolean bin,
            boolean spins,
            long largest,
            long superblock,
            boolean slabs,
            boolean chunks,
            Gc gc) {}

    /** When a thread looks at its caches, and the largest size that is filled by more than one block. */
    private record Gc(long fillLargest, long bytes, long us, long sizes) {}

    /** opt_tcache_gc_incr_bytes, TCACHE_GC_INTERVAL_NS, an eighth of the 36 small sizes; SC_SMALL_MAXCLASS. */
    private static final Gc OF_JEMALLOC = new Gc(14336, 65536, 10_000, 4);

    private static final Gc NONE = new Gc(0, 0, 0, 0);

    private ArenaTcache(String id, String summary, String source, Preset preset) {
        this.id = id;
        this.summary = summary;
        this.source = source;
        parameters = Stream.of(caches(preset), collection(preset.gc()), memory(preset.slabs()), chunks(preset.chunks()))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Parameter> caches(Preset preset) {
        return List.of(
                Parameter.choice(
                        CACHE,
                        preset.array() ? List.of(ARRAY, "list") : List.of("list", ARRAY),
                        "a thread's cache of a size: an array of pointers, or a list with a count"),
                Parameter.count(
                        CAP,
                        "blocks",
                        preset.cap(),
                        0,
                        4096,
                        "most blocks of a size in a cache; 0: twice those of a slab, 20 to 200"),
                Parameter.count(
                        BYTES,
                        "bytes",
                        preset.bytes(),
                        0,
                        1L << 40,
                        "most bytes in all caches of a thread; 0: no limit"),
                Parameter.choice(
                        FILL,
                        switch (preset.fill()) {
                            case HALF -> List.of(HALF, FREED, "one");
                            case FREED -> List.of(FREED, HALF, "one");
                            default -> List.of("one", HALF, FREED);
                        },
                        "what an empty cache takes from the arena: half its most, what was freed to it, one"),
                Parameter.choice(
                        SPILL,
                        preset.half() ? List.of(HALF, "one") : List.of("one", HALF),
                        "what a full cache gives to the arenas: half of it, the oldest first, or the freed block only"),
                Parameter.count(KEY, "", preset.key(), 0, 1, "1: a freed block carries a mark against double free"),
                Parameter.count(ARENAS, "arenas", preset.arenas(), 0, MOST_ARENAS, "arenas; 0: by CPUs"),
                Parameter.count(PER_CPU, "arenas", preset.perCpu(), 1, 64, "arenas per CPU where that is asked for"),
                Parameter.choice(
                        LOCK,
                        preset.bin() ? List.of(BIN, "arena") : List.of("arena", BIN),
                        "what has a lock: each size of an arena, or the arena"),
                Parameter.choice(
                        WAIT,
                        preset.spins() ? List.of(SPIN, "sleep") : List.of("sleep", SPIN),
                        "who finds a lock taken sleeps at once, as for a mutex, or spins before"),
                Parameter.count(
                        LARGEST, "bytes", preset.largest(), 0, 1 << 30, "largest block that is cached; 0: no limit"),
                Parameter.count(
                        SUPERBLOCK,
                        "bytes",
                        preset.superblock(),
                        0,
                        MOST_SUPERBLOCK_BYTES,
                        "blocks of a size come in superblocks of so many, a power of two, which change heaps; 0: an"
                                + " arena keeps what it has in lists"),
                Parameter.count(
                        EMPTINESS,
                        "groups",
                        8,
                        2,
                        Superblocks.MOST_GROUPS,
                        "superblocks of a heap by how full they are; a heap keeps all but one of so many parts in"
                                + " use"),
                Parameter.choice(
                        EMPTY,
                        List.of("kept", Parameters.RETURNED),
                        "what becomes of a superblock of the global heap that has no block in use: it stays with its"
                                + " size, as in Hoard's source, or any size may have it, as in its publication of"
                                + " 2000"));
    }

    private static List<Parameter> collection(Gc gc) {
        return List.of(
                Parameter.count(
                        FILL_LARGEST,
                        "bytes",
                        gc.fillLargest(),
                        0,
                        1 << 30,
                        "largest block of which a fill brings more than one; 0: no limit"),
                Parameter.count(
                        GC_BYTES,
                        "bytes",
                        gc.bytes(),
                        0,
                        1L << 40,
                        "allocated, or freed, by a thread before it looks at its caches, gives back three quarters of"
                                + " what it did not use since, and adapts fills to what it did; 0: never"),
                Parameter.count(
                        GC_US, "us", gc.us(), 0, 1_000_000_000, "simulated time between two such looks, at least"),
                Parameter.count(
                        GC_SIZES,
                        "sizes",
                        gc.sizes(),
                        0,
                        1000,
                        "with more than one block a fill that a look may take blocks of, besides one of the others; 0:"
                                + " it is at one size, the next each time, as in jemalloc 5.3"));
    }

    private static List<Parameter> memory(boolean slabs) {
        return List.of(
                Parameter.choice(
                        SLABS,
                        slabs
                                ? List.of(Parameters.RETURNED, "kept", NO_SLABS)
                                : List.of(NO_SLABS, Parameters.RETURNED, "kept"),
                        "what an arena's free blocks lie in: slabs that go back to the arena's pages when all their"
                                + " blocks are free, slabs that stay, or lists; superblocks take their place"),
                Parameter.count(
                        DECAY_US,
                        "us",
                        10_000_000,
                        0,
                        1_000_000_000,
                        "simulated time in which an arena's unused pages go to the system, a part every 200th of it;"
                                + " 0: at once"));
    }

    private static List<Parameter> chunks(boolean joined) {
        return List.of(
                Parameter.choice(
                        CHUNKS,
                        joined ? List.of(JOINED, "none") : List.of("none", JOINED),
                        "without slabs and superblocks an arena's free blocks are chunks that are joined with free"
                                + " neighbours and cut for any size, or stay on a list of their size"),
                Parameter.count(
                        TRIM,
                        "bytes",
                        128 << 10,
                        0,
                        1 << 30,
                        "beyond 128 KiB, that the last chunk of an arena may have before the system gets all but these;"
                                + " 0: no limit"));
    }

    /** True where free blocks are chunks that are joined. */
    static boolean hasChunks(Settings settings) {
        return settings.count(SUPERBLOCK) == 0 && !hasSlabs(settings) && settings.chooses(CHUNKS, JOINED);
    }

    /** True where free blocks lie in slabs. */
    static boolean hasSlabs(Settings settings) {
        return settings.count(SUPERBLOCK) == 0 && !settings.chooses(SLABS, NO_SLABS);
    }

    /** The model with jemalloc's defaults, under its own name. */
    static ArenaTcache model() {
        return new ArenaTcache(
                "arena-tcache",
                "caches per thread before arenas; jemalloc, glibc and hoard are presets of it",
                "jemalloc tcache.c, glibc malloc.c, Hoard's hybrid heaps",
                new Preset(true, 0, 0, HALF, true, 0, 0, 4, true, false, 32768, 0, true, false, OF_JEMALLOC));
    }

    static ArenaTcache jemalloc() {
        return new ArenaTcache(
                "jemalloc",
                "arrays of pointers per thread, filled and flushed by halves, 4 arenas per CPU",
                "jemalloc tcache.c, cache_bin.h, arena.c (2026)",
                new Preset(true, 0, 0, HALF, true, 0, 0, 4, true, false, 32768, 0, true, false, OF_JEMALLOC));
    }

    static ArenaTcache glibc() {
        return new ArenaTcache(
                "glibc",
                "lists of 16 per thread with a key against double free, 8 arenas per CPU, each under one mutex",
                "glibc malloc.c, tcache_put and tcache_get (2.42)",
                new Preset(false, 16, 0, FREED, false, 1, 0, 8, false, false, 1032, 0, false, true, NONE));
    }

    static ArenaTcache hoard() {
        return new ArenaTcache(
                "hoard",
                "lists of up to 16 MiB per thread that take any block, 128 spin-locked heaps of superblocks",
                "Berger et al., Hoard (ASPLOS 2000), its thread-local buffers and lock type (2025)",
                new Preset(
                        false, 4096, 16 << 20, "one", false, 0, 128, 4, false, true, 1024, 256 << 10, false, false,
                        NONE));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public void check(Settings settings) {
        long bytes = settings.count(SUPERBLOCK);
        boolean power = Long.bitCount(bytes) == 1 && bytes >= LEAST_SUPERBLOCK_BYTES;
        if (bytes > 0 && !power) {
            throw new UsageException(SUPERBLOCK + "=" + bytes + " is no power of two from " + LEAST_SUPERBLOCK_BYTES
                    + " to " + MOST_SUPERBLOCK_BYTES);
        }
        if (bytes > 0 && settings.chooses(LOCK, BIN)) {
            throw new UsageException(SUPERBLOCK + "=" + bytes + " needs " + LOCK + "=arena: a heap has one lock");
        }
        if (bytes > 0 && settings.chooses(FILL, FREED)) {
            throw new UsageException(SUPERBLOCK + "=" + bytes + " needs " + FILL + "=one or " + FILL + "=" + HALF
                    + ": superblocks do not tell freed blocks from fresh ones");
        }
        if (hasSlabs(settings) && settings.chooses(FILL, FREED)) {
            throw new UsageException(FILL + "=" + FREED + " needs " + SLABS + "=" + NO_SLABS
                    + ": slabs do not tell freed blocks from fresh ones");
        }
        if (hasChunks(settings) && settings.chooses(LOCK, BIN)) {
            throw new UsageException(
                    CHUNKS + "=" + JOINED + " needs " + LOCK + "=arena: chunks of all sizes are joined");
        }
        if (settings.count(GC_BYTES) > 0 && !settings.chooses(CACHE, ARRAY)) {
            throw new UsageException(GC_BYTES + "=" + settings.count(GC_BYTES) + " needs " + CACHE + "=" + ARRAY
                    + ": lists have no low-water mark; " + GC_BYTES + "=0 does without");
        }
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new ArenaTcacheInstance(settings, context);
    }
}
