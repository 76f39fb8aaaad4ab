package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * jemalloc's arenas: a bin per arena and size with slabs of its own. A slab is an extent of the fewest pages of which
 * nothing is left over, and its descriptor has a bit for each free block. Blocks come from the bin's current slab, the
 * lowest first; then from the lowest of the slabs that have free blocks; then from a new one, which is made without the
 * bin's lock. Full slabs are on no list. What comes back sets a bit of the slab it was cut from; a slab that has its
 * first free block again becomes the current one if it is lower than that, or waits; one whose blocks are all there
 * leaves the bin and goes to the arena's extents ({@link ArenaExtents}), where any size of the arena finds it. So
 * blocks are not touched here, and what is live gathers at low addresses.
 *
 * <p>Source: jemalloc {@code arena.c} (arena_cache_bin_fill_small), {@code bin.c}, {@code tcache.c}
 * (tcache_bin_flush_impl, which looks all blocks up before it locks). Large blocks are slabs of one block here
 * ({@link SlabShape}), and pass through their bin's lock. Left out: shards of bins, a thread's own cache of
 * descriptors, statistics.
 */
public final class ArenaSlabs implements Arenas {
    // ---- a bin: its lock, then
    private static final int SHIFT = 8;
    private static final int CURRENT = FutexMutex.BYTES;
    private static final int NONFULL = CURRENT + 8;
    private static final int SLABS = CURRENT + 16;
    // ---- words that nobody writes, on a line of their own
    private static final int BLOCKS = SlabBits.BLOCKS;
    private static final int BYTES = SlabBits.BIN_REST;
    private static final int EXTENTS = BYTES + 8;
    private static final int LOCK = BYTES + 16;

    // ---- a slab's descriptor, behind the heap's words
    private static final int START = SlabHeap.START;
    private static final int FREE = SlabBits.FREE;
    /** The bin's address, 0 of no slab. */
    private static final int OWNER = 40;

    private static final int BEGIN = Reg.T0;
    private static final int COUNT = Reg.T1;
    private static final int READ = Reg.T2;
    private static final int WRITE = Reg.T3;
    private static final int LEFT = Reg.T4;
    private static final int OBJECT = Reg.T5;
    private static final int ARENA = Reg.T6;
    private static final int BIN = SlabHeap.BIN;
    private static final int SCRATCH = Reg.T8;
    private static final int OTHER = Reg.T10;
    private static final int SLAB = SlabHeap.SLAB;
    /** While blocks are taken: a slab that was made. */
    private static final int NEW = Reg.T6;
    /** While blocks are given: slabs that have all of theirs. */
    private static final int WHOLE = Reg.T6;

    private final BlockClasses classes;
    private final int arenas;
    private final boolean lockPerSize;
    private final boolean takesBack;
    private final int behind;
    private final long decayCycles;
    private final int arenaShift;
    private final long base;
    private final SlabBits bits;
    private final ArenaExtents extents;
    private final SlabHeap heap = new SlabHeap(NONFULL);

    /**
     * @param lockPerSize a lock per arena and size; else one per arena
     * @param takesBack slabs whose blocks are all free go back
     * @param behind how far behind an array of blocks one of as many words begins, for the slabs of these
     * @param decayCycles within so many unused pages go to the system; 0 for at once
     */
    public ArenaSlabs(
            Layout layout,
            BlockClasses classes,
            int arenas,
            boolean lockPerSize,
            boolean takesBack,
            int behind,
            long decayCycles) {
        this.classes = classes;
        this.arenas = arenas;
        this.lockPerSize = lockPerSize;
        this.takesBack = takesBack;
        this.behind = behind;
        this.decayCycles = decayCycles;
        arenaShift = SHIFT + 32 - Integer.numberOfLeadingZeros(classes.count() - 1);
        base = layout.reserve((long) arenas << arenaShift, 1 << SHIFT);
        bits = new SlabBits(layout);
        extents = new ArenaExtents(layout, arenas);
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < classes.count(); i++) {
                layOut(layout, arena, i);
            }
        }
    }

    private void layOut(Layout layout, int arena, int sizeClass) {
        long bin = bin(arena, sizeClass);
        int block = classes.sizes().bytes(sizeClass);
        SlabBits.layOut(layout, bin, block, SlabShape.blocks(block));
        layout.word(bin + BYTES, SlabShape.bytes(block));
        layout.word(bin + EXTENTS, extents.of(arena));
        layout.word(bin + LOCK, lockPerSize ? bin : bin(arena, 0));
    }

    private long bin(int arena, int sizeClass) {
        return base + ((long) arena << arenaShift) + ((long) sizeClass << SHIFT);
    }

    @Override
    public int of(int thread) {
        return thread % arenas;
    }

    /** Writes: what an arena's extents have had unused for too long goes to the system; T6 is its number. */
    public void decay(Assembler a, WordLock lock) {
        extents.find(a, ARENA);
        extents.decay(a, lock, decayCycles);
    }

    private static void lock(Assembler a, WordLock lock) {
        a.ld64(Reg.A1, BIN, LOCK);
        lock.lock(a);
    }

    private static void unlock(Assembler a, WordLock lock) {
        a.ld64(Reg.A1, BIN, LOCK);
        lock.unlock(a);
    }

    // ---- taking

    @Override
    public Assembler.Label emitTake(Assembler a, WordLock lock) {
        Assembler.Label none = a.label();
        Assembler.Label fresh = a.label();
        Assembler.Label some = a.label();
        Assembler.Label make = a.label();
        Assembler.Label out = a.label();
        heap.emit(a);
        Assembler.Label start = a.here();
        a.shli(BIN, ARENA, arenaShift);
        a.addi(BIN, BIN, Math.toIntExact(base));
        a.shli(SCRATCH, BlockClasses.CLASS, SHIFT);
        a.add(BIN, BIN, SCRATCH);
        a.mov(LEFT, COUNT);
        a.li(NEW, 0);
        lock(a, lock);
        Assembler.Label again = a.here();
        a.ld64(SLAB, BIN, CURRENT);
        a.beqz(SLAB, none);
        a.ld64(SCRATCH, SLAB, FREE);
        a.bnez(SCRATCH, some);
        a.place(none);
        heap.lowest(a, fresh);
        heap.remove(a);
        a.st64(BIN, CURRENT, SLAB);
        a.ld64(SCRATCH, SLAB, FREE);
        a.place(some);
        bits.take(a);
        a.bnez(LEFT, again);
        unlock(a, lock);
        a.beqz(NEW, out);
        a.st64(NEW, SlabHeap.NEXT, Reg.ZERO);
        extents.give(a, lock, NEW, BIN, EXTENTS, BYTES);
        a.place(out);
        a.ret(Reg.LINK2);

        a.place(fresh);
        a.beqz(NEW, make);
        a.mov(SLAB, NEW);
        a.li(NEW, 0);
        a.st64(SLAB, OWNER, BIN);
        a.st64(BIN, CURRENT, SLAB);
        a.ld64(SCRATCH, BIN, SLABS);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(BIN, SLABS, SCRATCH);
        a.ld64(SCRATCH, SLAB, FREE);
        a.jmp(some);
        a.place(make);
        unlock(a, lock);
        make(a, lock);
        lock(a, lock);
        a.jmp(again);
        return start;
    }

    /** NEW = a slab with all its blocks free, whose pages are the size's. */
    private void make(Assembler a, WordLock lock) {
        extents.take(a, lock, NEW, BIN, EXTENTS, BYTES);
        a.ld64(SCRATCH, BIN, BYTES);
        a.shri(SCRATCH, SCRATCH, Integer.numberOfTrailingZeros(BlockClasses.PAGE_BYTES));
        classes.map(a, Reg.A0, SCRATCH, OTHER, OBJECT);
        bits.fill(a, NEW);
    }

    // ---- giving

    @Override
    public Assembler.Label emitGive(Assembler a, WordLock lock) {
        Assembler.Label other = a.label();
        Assembler.Label seen = a.label();
        Assembler.Label whole = a.label();
        Assembler.Label first = a.label();
        Assembler.Label allSeen = a.label();
        Assembler.Label start = a.here();
        lookUp(a);
        Assembler.Label round = a.here();
        a.ld64(SLAB, BEGIN, behind);
        a.ld64(BIN, SLAB, OWNER);
        lock(a, lock);
        a.mov(READ, BEGIN);
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        a.li(WHOLE, 0);
        Assembler.Label next = a.here();
        a.ld64(OBJECT, READ, 0);
        a.ld64(SLAB, READ, behind);
        a.addi(READ, READ, 8);
        a.ld64(OTHER, SLAB, OWNER);
        a.bne(OTHER, BIN, other);
        bits.set(a);
        if (takesBack) {
            a.ld64(OTHER, BIN, BLOCKS);
            a.beq(SCRATCH, OTHER, whole);
        }
        a.li(OTHER, 1);
        a.beq(SCRATCH, OTHER, first);
        a.place(seen);
        a.djnz(LEFT, next);
        unlock(a, lock);
        if (takesBack) {
            a.beqz(WHOLE, allSeen);
            extents.give(a, lock, WHOLE, BIN, EXTENTS, BYTES);
            if (decayCycles == 0) {
                extents.decay(a, lock, 0);
            }
        }
        a.place(allSeen);
        a.sub(COUNT, WRITE, BEGIN);
        a.shri(COUNT, COUNT, 3);
        a.bnez(COUNT, round);
        a.ret(Reg.LINK2);

        a.place(other);
        a.st64(WRITE, 0, OBJECT);
        a.st64(WRITE, behind, SLAB);
        a.addi(WRITE, WRITE, 8);
        a.jmp(seen);
        a.place(first);
        takeIn(a, seen);
        if (takesBack) {
            a.place(whole);
            takeOut(a, seen);
        }
        return start;
    }

    /** The slabs of all blocks are looked up, and their descriptors loaded, where the real one prefetches them. */
    private void lookUp(Assembler a) {
        a.mov(READ, BEGIN);
        a.mov(LEFT, COUNT);
        Assembler.Label next = a.here();
        a.ld64(OBJECT, READ, 0);
        extents.map().descriptorOf(a, SLAB, OBJECT);
        a.st64(READ, behind, SLAB);
        a.ld64(SCRATCH, SLAB, FREE);
        a.addi(READ, READ, 8);
        a.djnz(LEFT, next);
    }

    /** SLAB has a free block again: it becomes the current one if it is lower, or waits in the heap. */
    private void takeIn(Assembler a, Assembler.Label done) {
        Assembler.Label waits = a.label();
        Assembler.Label current = a.label();
        a.ld64(OTHER, BIN, CURRENT);
        a.beq(OTHER, SLAB, done);
        a.beqz(OTHER, waits);
        a.ld64(SCRATCH, OTHER, START);
        a.ld64(OBJECT, SLAB, START);
        a.blt(SCRATCH, OBJECT, waits);
        a.st64(BIN, CURRENT, SLAB);
        a.mov(SLAB, OTHER);
        a.ld64(SCRATCH, SLAB, FREE);
        a.beqz(SCRATCH, current);
        a.place(waits);
        heap.insert(a);
        a.place(current);
        a.jmp(done);
    }

    /** All blocks of SLAB are free: it leaves the bin. */
    private void takeOut(Assembler a, Assembler.Label done) {
        Assembler.Label waited = a.label();
        Assembler.Label out = a.label();
        a.ld64(OTHER, BIN, CURRENT);
        a.bne(OTHER, SLAB, waited);
        a.st64(BIN, CURRENT, Reg.ZERO);
        a.jmp(out);
        a.place(waited);
        a.ld64(OTHER, BIN, BLOCKS);
        a.addi(OTHER, OTHER, -1);
        a.beqz(OTHER, out);
        heap.remove(a);
        a.place(out);
        a.ld64(SCRATCH, BIN, SLABS);
        a.addi(SCRATCH, SCRATCH, -1);
        a.st64(BIN, SLABS, SCRATCH);
        a.st64(SLAB, OWNER, Reg.ZERO);
        a.st64(SLAB, SlabHeap.NEXT, WHOLE);
        a.mov(WHOLE, SLAB);
        a.jmp(done);
    }

    // ---- audit

    @Override
    public long mostBlocks(MemoryView memory) {
        long blocks = 0;
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < classes.count(); i++) {
                blocks += memory.read64(bin(arena, i) + SLABS) * memory.read64(bin(arena, i) + BLOCKS);
            }
        }
        return blocks;
    }

    @Override
    public void lists(MemoryView memory, ListVisitor visitor) {}

    @Override
    public void slabs(MemoryView memory, SlabVisitor visitor) {
        for (long slab : extents.descriptors(memory)) {
            long bin = memory.read64(slab + OWNER);
            if (bin != 0) {
                visitor.visit(SlabBits.free(memory, slab, bin), "arena " + (bin - base >> arenaShift));
            }
        }
    }

    @Override
    public long homeOf(MemoryView memory, long block) {
        long slab = extents.map().descriptor(memory, block);
        return slab != 0 && memory.read64(slab + OWNER) != 0 ? slab : 0;
    }

    @Override
    public long elsewhere(MemoryView memory, long slab) {
        return memory.read64(memory.read64(slab + OWNER) + BLOCKS) - memory.read64(slab + FREE);
    }

    @Override
    public String fault(MemoryView memory) {
        Set<Long> waiting = new HashSet<>();
        List<Long> all = extents.descriptors(memory);
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < classes.count(); i++) {
                String fault = heap.walk(memory, bin(arena, i), all.size(), waiting::add);
                if (fault != null) {
                    return "arena " + arena + ", class " + i + ": " + fault;
                }
            }
        }
        for (long slab : all) {
            String fault = fault(memory, slab, waiting.remove(slab));
            if (fault != null) {
                return "slab 0x" + Long.toHexString(slab) + " " + fault;
            }
        }
        return waiting.isEmpty() ? null : "a bin has a slab that is none";
    }

    private String fault(MemoryView memory, long slab, boolean waits) {
        long bin = memory.read64(slab + OWNER);
        if (bin == 0) {
            return waits ? "waits, and is no bin's" : null;
        }
        long free = memory.read64(slab + FREE);
        int found = SlabBits.free(memory, slab, bin).size();
        if (free != found) {
            return "counts " + free + " free blocks of " + found;
        }
        if (takesBack && free == memory.read64(bin + BLOCKS)) {
            return "has all its blocks and stays";
        }
        boolean current = memory.read64(bin + CURRENT) == slab;
        boolean should = free > 0 && !current;
        return waits == should ? null : "with " + free + " free blocks " + (waits ? "waits" : "does not wait");
    }
}
