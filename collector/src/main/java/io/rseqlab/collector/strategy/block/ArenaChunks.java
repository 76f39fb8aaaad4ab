package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;

/**
 * ptmalloc's arenas, each under one lock: an arena's memory is chunks that lie one behind the other, up to the top
 * chunk. What comes back is joined with its neighbours if these are free, with the top if it lies below that, and goes
 * into a bin by its size ({@link ChunkBins}); small chunks wait on lists of their size first and look used, until a
 * large one is asked for or freed, or memory runs out. malloc takes a chunk of that size, as many more as the cache
 * wants if there are, or else cuts one from a larger chunk, at last from the top. The top grows by 128 KiB; when it has
 * too much, what is more than 128 KiB of it goes to the system.
 *
 * <p>Source: glibc 2.42 {@code malloc.c} (_int_malloc, _int_free_merge_chunk, malloc_consolidate, sysmalloc),
 * {@code arena.c} (heap_trim). A chunk's words lie inside of it ({@link Chunks}), where the real ones lie before it and
 * make it larger by 8 to 23 bytes. Left out: the bin of chunks that are not sorted yet, the rest of the last cut, and
 * an arena's heaps before the last, which go when they are empty. Blocks of 128 KiB and more are runs of pages of their
 * arena, a host service ({@link HostCall#HOST_RUN}); the real one maps each by itself until one was freed.
 */
public final class ArenaChunks implements Arenas {
    /** FASTBIN_CONSOLIDATION_THRESHOLD. */
    private static final int MUCH_BYTES = 64 << 10;
    /** DEFAULT_MXFAST: chunks of 128 bytes, of which 8 are the header. */
    private static final int FAST_BYTES = 120;

    // ---- an arena's words behind its lock
    /** Not 0: some chunks look used that are on lists of their size. */
    private static final int SOME_FAST = ChunkTop.REST;

    private static final int BINS = SOME_FAST + 8;
    private static final int FAST = BINS + ChunkBins.BYTES;

    private static final int BEGIN = Reg.T0;
    private static final int COUNT = Reg.T1;
    private static final int READ = Reg.T2;
    private static final int WANTED = Reg.T2;
    private static final int WRITE = Reg.T3;
    private static final int LEFT = Reg.T4;
    private static final int OBJECT = Reg.T5;
    private static final int LIST = Reg.T5;
    private static final int ARENA = Reg.T6;
    private static final int BIN = Reg.T7;
    private static final int SCRATCH = Reg.T8;
    private static final int SIZE = Chunks.SIZE;
    private static final int CHUNK = Chunks.CHUNK;
    private static final int OTHER = Reg.T12;

    private final BlockClasses classes;
    private final int arenas;
    private final boolean freshOnlyIfNone;
    private final ChunkTop tops;
    private final int shift;
    private final long base;
    private final int sizes;
    private final int fast;
    private final ChunkBins bins;

    private Assembler.Label join;

    /**
     * @param freshOnlyIfNone what was freed of a size is taken as far as it goes, and one other only if there is none
     * @param trim so many bytes of the top, beyond 128 KiB, make it give all but these to the system; 0: it never does
     */
    public ArenaChunks(Layout layout, BlockClasses classes, int arenas, boolean freshOnlyIfNone, long trim) {
        this.classes = classes;
        this.arenas = arenas;
        this.freshOnlyIfNone = freshOnlyIfNone;
        int slow = classes.sizes().holding(FAST_BYTES + 1);
        fast = slow < 0 ? classes.count() : slow;
        shift = Long.SIZE - Long.numberOfLeadingZeros(FAST + 8L * fast - 1);
        base = layout.reserve((long) arenas << shift, 2 * Layout.LINE);
        sizes = Math.toIntExact(layout.reserve(8L * classes.count(), 2 * Layout.LINE));
        for (int i = 0; i < classes.count(); i++) {
            layout.word(sizes + 8L * i, classes.sizes().bytes(i));
        }
        bins = new ChunkBins(layout, BIN, BINS);
        tops = new ChunkTop(bins, arenas, trim);
        for (int arena = 0; arena < arenas; arena++) {
            tops.layOut(layout, of(arena, 0), arena);
        }
    }

    private long of(int arena, int word) {
        return base + ((long) arena << shift) + word;
    }

    @Override
    public int of(int thread) {
        return thread % arenas;
    }

    /** rd = the class of a block, as free finds it. */
    public static void sizeClass(Assembler a, int rd, int block) {
        Chunks.sizeClass(a, rd, block);
    }

    private void lock(Assembler a, WordLock lock) {
        a.shli(BIN, ARENA, shift);
        a.addi(BIN, BIN, Math.toIntExact(base));
        a.mov(Reg.A1, BIN);
        lock.lock(a);
    }

    private boolean someLarge() {
        return classes.sizes().bytes(classes.count() - 1) >= ChunkTop.PIECE_BYTES;
    }

    private static void unlock(Assembler a, WordLock lock) {
        a.mov(Reg.A1, BIN);
        lock.unlock(a);
    }

    // ---- taking

    @Override
    public Assembler.Label emitTake(Assembler a, WordLock lock) {
        join = a.here();
        tops.emitJoin(a);
        Assembler.Label one = a.label();
        Assembler.Label found = a.label();
        Assembler.Label got = a.label();
        Assembler.Label done = a.label();
        Assembler.Label start = a.here();
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        lock(a, lock);
        a.shli(SCRATCH, BlockClasses.CLASS, 3);
        a.ld64(WANTED, SCRATCH, sizes);
        takeFast(a, done);
        Assembler.Label next = a.here();
        a.li(Reg.A0, ChunkBins.SMALL_BYTES);
        a.bge(WANTED, Reg.A0, one);
        a.mov(SIZE, WANTED);
        bins.exact(a, WANTED, found);
        a.place(one);
        if (freshOnlyIfNone) {
            a.bne(WRITE, BEGIN, done);
            a.li(LEFT, 1);
        }
        search(a, found, got);
        a.place(found);
        cut(a);
        a.place(got);
        a.st64(WRITE, 0, CHUNK);
        a.addi(WRITE, WRITE, 8);
        a.djnz(LEFT, next);
        a.place(done);
        unlock(a, lock);
        a.sub(COUNT, WRITE, BEGIN);
        a.shri(COUNT, COUNT, 3);
        a.ret(Reg.LINK2);
        return start;
    }

    /** Chunks of the size's list are used as they are. */
    private void takeFast(Assembler a, Assembler.Label done) {
        if (fast == 0) {
            return;
        }
        Assembler.Label empty = a.label();
        Assembler.Label none = a.label();
        a.li(Reg.A0, fast);
        a.bge(BlockClasses.CLASS, Reg.A0, none);
        a.shli(Reg.A0, BlockClasses.CLASS, 3);
        a.add(Reg.A0, Reg.A0, BIN);
        Assembler.Label next = a.here();
        a.ld64(CHUNK, Reg.A0, FAST);
        a.beqz(CHUNK, empty);
        a.ld64(SCRATCH, CHUNK, Chunks.NEXT);
        a.st64(Reg.A0, FAST, SCRATCH);
        a.st64(WRITE, 0, CHUNK);
        a.addi(WRITE, WRITE, 8);
        a.djnz(LEFT, next);
        a.jmp(done);
        a.place(empty);
        if (freshOnlyIfNone) {
            a.bne(WRITE, BEGIN, done);
        }
        a.place(none);
    }

    /** CHUNK = one to cut, at {@code found}, or one that is cut, at {@code got}. */
    private void search(Assembler a, Assembler.Label found, Assembler.Label got) {
        Assembler.Label search = a.label();
        Assembler.Label grow = a.label();
        Assembler.Label top = a.label();
        if (someLarge()) {
            tops.takeLarge(a, WANTED, got);
        }
        a.li(Reg.A0, ChunkBins.SMALL_BYTES);
        a.blt(WANTED, Reg.A0, search);
        consolidate(a, search);
        a.place(search);
        bins.find(a, WANTED, found);
        a.ld64(CHUNK, BIN, ChunkTop.TOP);
        a.ld64(Reg.A0, BIN, ChunkTop.END);
        a.sub(Reg.A0, Reg.A0, CHUNK);
        a.addi(Reg.A1, WANTED, Chunks.LEAST_BYTES);
        a.bge(Reg.A0, Reg.A1, top);
        consolidate(a, grow);
        a.jmp(search);
        a.place(grow);
        tops.grow(a);
        a.jmp(search);
        a.place(top);
        a.add(Reg.A0, CHUNK, WANTED);
        a.st64(BIN, ChunkTop.TOP, Reg.A0);
        a.mov(Reg.A0, CHUNK);
        a.mov(Reg.A1, WANTED);
        a.host(HostCall.HOST_IDLE_USE);
        Chunks.use(a, WANTED, ARENA, 0);
        a.jmp(got);
    }

    /** The first WANTED bytes of CHUNK, which has SIZE, are used. */
    private void cut(Assembler a) {
        Assembler.Label whole = a.label();
        Assembler.Label used = a.label();
        Chunks.unlink(a, CHUNK);
        a.mov(Reg.A0, CHUNK);
        a.mov(Reg.A1, WANTED);
        a.host(HostCall.HOST_IDLE_USE);
        a.mov(OBJECT, CHUNK);
        a.add(CHUNK, CHUNK, WANTED);
        a.sub(SIZE, SIZE, WANTED);
        a.beqz(SIZE, whole);
        bins.free(a);
        a.jmp(used);
        a.place(whole);
        a.ld64(Reg.A0, CHUNK, Chunks.HEAD);
        a.li(Reg.A1, (long) Chunks.PREVIOUS_FREE << Chunks.SIZE_SHIFT);
        a.xor(Reg.A0, Reg.A0, Reg.A1);
        a.st64(CHUNK, Chunks.HEAD, Reg.A0);
        a.place(used);
        a.mov(CHUNK, OBJECT);
        Chunks.use(a, WANTED, ARENA, 0);
    }

    // ---- giving

    @Override
    public Assembler.Label emitGive(Assembler a, WordLock lock) {
        Assembler.Label other = a.label();
        Assembler.Label seen = a.label();
        Assembler.Label start = a.here();
        a.ld64(OBJECT, BEGIN, 0);
        Chunks.arena(a, ARENA, OBJECT);
        lock(a, lock);
        a.mov(READ, BEGIN);
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        Assembler.Label next = a.here();
        a.ld64(OBJECT, READ, 0);
        a.addi(READ, READ, 8);
        Chunks.arena(a, OTHER, OBJECT);
        a.bne(OTHER, ARENA, other);
        if (someLarge()) {
            tops.giveLarge(a, OBJECT, seen);
        }
        giveFast(a, seen);
        a.mov(CHUNK, OBJECT);
        a.call(join, Reg.T13);
        a.li(Reg.A0, MUCH_BYTES);
        a.blt(SIZE, Reg.A0, seen);
        Assembler.Label joined = a.label();
        consolidate(a, joined);
        a.place(joined);
        tops.trim(a, seen);
        a.place(seen);
        a.djnz(LEFT, next);
        unlock(a, lock);
        a.sub(COUNT, WRITE, BEGIN);
        a.shri(COUNT, COUNT, 3);
        a.bnez(COUNT, start);
        a.ret(Reg.LINK2);
        a.place(other);
        a.st64(WRITE, 0, OBJECT);
        a.addi(WRITE, WRITE, 8);
        a.jmp(seen);
        return start;
    }

    private void giveFast(Assembler a, Assembler.Label seen) {
        if (fast == 0) {
            return;
        }
        Assembler.Label slow = a.label();
        a.li(Reg.A0, fast);
        a.bge(BlockClasses.CLASS, Reg.A0, slow);
        a.shli(Reg.A0, BlockClasses.CLASS, 3);
        a.add(Reg.A0, Reg.A0, BIN);
        a.ld64(SCRATCH, Reg.A0, FAST);
        a.st64(OBJECT, Chunks.NEXT, SCRATCH);
        a.st64(Reg.A0, FAST, OBJECT);
        a.st64(BIN, SOME_FAST, OBJECT);
        a.jmp(seen);
        a.place(slow);
    }

    /** Small chunks that look used are joined with others; to {@code none} if there are none. */
    private void consolidate(Assembler a, Assembler.Label none) {
        if (fast == 0) {
            a.jmp(none);
            return;
        }
        Assembler.Label empty = a.label();
        a.ld64(LIST, BIN, SOME_FAST);
        a.beqz(LIST, none);
        a.st64(BIN, SOME_FAST, Reg.ZERO);
        a.addi(LIST, BIN, FAST);
        Assembler.Label next = a.here();
        a.ld64(CHUNK, LIST, 0);
        a.beqz(CHUNK, empty);
        a.ld64(Reg.A0, CHUNK, Chunks.NEXT);
        a.st64(LIST, 0, Reg.A0);
        a.call(join, Reg.T13);
        a.jmp(next);
        a.place(empty);
        a.addi(LIST, LIST, 8);
        a.addi(Reg.A0, BIN, FAST + 8 * fast);
        a.bne(LIST, Reg.A0, next);
    }

    // ---- audit

    /** The class of a block whose word is this. */
    static int classOf(long head) {
        return (int) (head >>> Chunks.CLASS_SHIFT) & Chunks.NUMBER_MASK;
    }

    static int arenaOf(long head) {
        return (int) head & Chunks.NUMBER_MASK;
    }

    /** The class of a block. */
    public static int classOf(MemoryView memory, long block) {
        return classOf(memory.read64(block + Chunks.HEAD));
    }

    @Override
    public long homeOf(MemoryView memory, long block) {
        long flags = memory.read64(block + Chunks.HEAD) >>> Chunks.SIZE_SHIFT;
        return (flags & (Chunks.FREE | Chunks.FENCE)) == 0 ? 1 : 0;
    }

    @Override
    public long mostBlocks(MemoryView memory) {
        long blocks = 0;
        for (int arena = 0; arena < arenas; arena++) {
            long bytes = memory.read64(of(arena, ChunkTop.PIECES)) * ChunkTop.PIECE_BYTES;
            blocks += bytes / classes.sizes().bytes(0) + memory.read64(of(arena, ChunkTop.LARGE));
        }
        return blocks;
    }

    @Override
    public void lists(MemoryView memory, ListVisitor visitor) {
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < fast; i++) {
                visitor.visit(of(arena, FAST + 8 * i), "arena " + arena);
            }
        }
    }

    @Override
    public String fault(MemoryView memory) {
        for (int arena = 0; arena < arenas; arena++) {
            long top = memory.read64(of(arena, ChunkTop.TOP));
            long bytes = memory.read64(of(arena, ChunkTop.PIECES)) * ChunkTop.PIECE_BYTES
                    - memory.read64(of(arena, ChunkTop.END))
                    + top;
            String fault = new ChunkWalk(memory, classes, arena, bins.all(memory, of(arena, 0)))
                    .fault(memory.read64(of(arena, ChunkTop.FIRST)), top, bytes);
            if (fault != null) {
                return "arena " + arena + ": " + fault;
            }
        }
        return null;
    }
}
