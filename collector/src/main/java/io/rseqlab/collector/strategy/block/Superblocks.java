package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * Heaps of superblocks, each heap under one lock, and a global heap behind them. A superblock has blocks of one size
 * and belongs to a heap; a heap keeps those of a size in groups by how full they are and takes blocks from the fullest
 * that has one. When less than all but a part of what a heap holds of a size is in use, and more than two superblocks
 * are unused, its emptiest goes to the global heap, where heaps look before they take memory. So a superblock's heap
 * may change, and who has locked a block's heap looks again whether it is still the one.
 *
 * <p>Source: Berger et al., Hoard (ASPLOS 2000); the condition in numbers of blocks is hoardmanager.h's. A superblock's
 * own lock is left out, as are large objects apart; a superblock begins with two lines of its own words, found by
 * masking a block's address. What becomes of empty ones is in {@link EmptySuperblocks}.
 */
public final class Superblocks implements Arenas {
    // ---- a superblock's words
    static final int HEAP = 0;
    private static final int USED = SuperblockBooks.USED;
    static final int FREE = 16;
    static final int FRESH = 24;
    // the next three words are the groups'
    private static final int BEFORE = 56;
    static final int CLASS = 64;
    static final int OWN_BYTES = 2 * Layout.LINE;

    // ---- what a heap has per size: behind the lock of the heap blocks in use, and blocks in all
    private static final int SHIFT = 8;
    private static final int IN_USE = SuperblockBooks.IN_USE;
    private static final int HELD = SuperblockBooks.HELD;
    // the heads of groups lie between
    private static final int CAPACITY = SuperblockBooks.CAPACITY;
    private static final int BLOCK = 208;
    private static final int BYTES = 224;
    static final int PAGES = 232;

    /** Most groups, that of the full ones not counted. */
    public static final int MOST_GROUPS = 16;

    // superblocks of a span of memory
    private static final int PER_SPAN = 4;
    // ---- of all heaps together
    private static final int NEXT_FRESH = 0;
    private static final int END = 8;
    private static final int LATEST = 16;
    private static final int EMPTY = 24;

    private static final int BEGIN = Reg.T0;
    private static final int COUNT = Reg.T1;
    private static final int READ = Reg.T2;
    private static final int WRITE = Reg.T3;
    private static final int LEFT = Reg.T4;
    private static final int OBJECT = Reg.T5;
    private static final int GLOBAL_BIN = Reg.T5;
    private static final int NUMBER = Reg.T6;
    private static final int BIN = Reg.T7;
    private static final int SCRATCH = Reg.T8;
    private static final int OTHER = Reg.T10;
    private static final int BLOCKS = SuperblockGroups.BLOCKS;
    private static final int SPARE = Reg.A0;
    private static final int ADDRESS = Reg.A2;

    final BlockClasses classes;
    final int heaps;
    private final int bytes;
    final int groups;
    private final int heapShift;
    private final long base;
    private final long shared;
    /** Null where empty superblocks keep their size. */
    final EmptySuperblocks empty;

    private final boolean someLarge;

    /**
     * @param heaps how many there are beside the global one
     * @param bytes of a superblock, a power of two; larger blocks have superblocks of their own
     * @param groups by how full superblocks are; their number is also what part of its blocks a heap may leave unused
     * @param anySize an empty superblock of the global heap serves any size, else its own
     */
    public Superblocks(Layout layout, BlockClasses classes, int heaps, int bytes, int groups, boolean anySize) {
        this.classes = classes;
        this.heaps = heaps;
        this.bytes = bytes;
        this.groups = groups;
        heapShift = SHIFT + Integer.SIZE - Integer.numberOfLeadingZeros(classes.count() - 1);
        base = layout.reserve((heaps + 1L) << heapShift, 1 << SHIFT);
        shared = layout.reserve(OWN_BYTES, OWN_BYTES);
        empty = anySize ? new EmptySuperblocks(classes, shared + EMPTY, bytes) : null;
        someLarge = capacity(classes.count() - 1) == 1;
        for (int heap = 0; heap <= heaps; heap++) {
            for (int i = 0; i < classes.count(); i++) {
                int blockBytes = classes.sizes().bytes(i);
                int capacity = capacity(i);
                int all = Math.max(bytes, OWN_BYTES + blockBytes + bytes - 1 & -bytes);
                layout.word(bin(heap, i) + BLOCK, blockBytes);
                layout.word(bin(heap, i) + CAPACITY, capacity);
                layout.word(
                        bin(heap, i) + SuperblockBooks.STEP,
                        (((long) groups << SuperblockBooks.STEP_SHIFT) + capacity - 1) / capacity);
                layout.word(bin(heap, i) + BYTES, capacity > 1 ? bytes : all);
                layout.word(bin(heap, i) + PAGES, (capacity > 1 ? bytes : all) / BlockClasses.PAGE_BYTES);
            }
        }
    }

    /** Blocks of a superblock of a class, which are in ascending order of their bytes. */
    int capacity(int sizeClass) {
        return Math.max(1, (bytes - OWN_BYTES) / classes.sizes().bytes(sizeClass));
    }

    /** What a heap has of a size; heap 0 is the global one. */
    long bin(int heap, int sizeClass) {
        return base + ((long) heap << heapShift) + ((long) sizeClass << SHIFT);
    }

    @Override
    public int of(int thread) {
        return 1 + thread % heaps;
    }

    private void lock(Assembler a, WordLock lock) {
        a.shli(BIN, NUMBER, heapShift);
        a.addi(BIN, BIN, Math.toIntExact(base));
        a.mov(Reg.A1, BIN);
        a.shli(SCRATCH, BlockClasses.CLASS, SHIFT);
        a.add(BIN, BIN, SCRATCH);
        lock.lock(a);
    }

    private void unlock(Assembler a, WordLock lock) {
        a.shli(Reg.A1, NUMBER, heapShift);
        a.addi(Reg.A1, Reg.A1, Math.toIntExact(base));
        lock.unlock(a);
    }

    private void lockGlobal(Assembler a, WordLock lock) {
        lock.lock(a, base);
        a.shli(GLOBAL_BIN, BlockClasses.CLASS, SHIFT);
        a.addi(GLOBAL_BIN, GLOBAL_BIN, Math.toIntExact(base));
    }

    // ---- taking

    @Override
    public Assembler.Label emitTake(Assembler a, WordLock lock) {
        Assembler.Label fetch = a.label();
        Assembler.Label found = a.label();
        Assembler.Label fresh = a.label();
        Assembler.Label got = a.label();
        Assembler.Label start = a.here();
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        lock(a, lock);
        Assembler.Label next = a.here();
        SuperblockGroups.fullest(a, BIN, groups, found);
        a.jmp(fetch);
        a.place(found);
        a.ld64(OBJECT, BLOCKS, FREE);
        a.beqz(OBJECT, fresh);
        a.ld64(SCRATCH, OBJECT, NodeLayout.NEXT);
        a.st64(BLOCKS, FREE, SCRATCH);
        a.place(got);
        SuperblockBooks.count(a, BIN, 1);
        a.st64(WRITE, 0, OBJECT);
        a.addi(WRITE, WRITE, 8);
        a.djnz(LEFT, next);
        unlock(a, lock);
        a.sub(COUNT, WRITE, BEGIN);
        a.shri(COUNT, COUNT, 3);
        a.ret(Reg.LINK2);

        a.place(fresh);
        a.ld64(OBJECT, BLOCKS, FRESH);
        a.ld64(SCRATCH, BIN, BLOCK);
        a.add(SCRATCH, SCRATCH, OBJECT);
        a.st64(BLOCKS, FRESH, SCRATCH);
        a.jmp(got);
        a.place(fetch);
        fetch(a, lock);
        a.jmp(next);
        return start;
    }

    /** A superblock of the global heap, or a new one, becomes the heap's. */
    private void fetch(Assembler a, WordLock lock) {
        Assembler.Label found = a.label();
        Assembler.Label have = a.label();
        lockGlobal(a, lock);
        SuperblockGroups.fullest(a, GLOBAL_BIN, groups, found);
        if (empty != null) {
            Assembler.Label none = a.label();
            ifLarge(a, none);
            empty.take(a, BIN, none);
            a.jmp(have);
            a.place(none);
        }
        make(a);
        a.jmp(have);
        a.place(found);
        SuperblockGroups.unlink(a);
        SuperblockBooks.hold(a, GLOBAL_BIN, -1);
        a.place(have);
        a.st64(BLOCKS, HEAP, NUMBER);
        lock.unlock(a, base);
        SuperblockBooks.hold(a, BIN, 1);
        a.ld64(SCRATCH, BLOCKS, SuperblockGroups.GROUP);
        SuperblockGroups.link(a, BIN);
    }

    /** BLOCKS = a new superblock, empty. */
    private void make(Assembler a) {
        Assembler.Label fits = a.label();
        a.li(OTHER, shared);
        Assembler.Label cut = a.here();
        a.ld64(BLOCKS, OTHER, NEXT_FRESH);
        a.ld64(SCRATCH, BIN, BYTES);
        a.add(SCRATCH, SCRATCH, BLOCKS);
        a.ld64(ADDRESS, OTHER, END);
        a.bge(ADDRESS, SCRATCH, fits);
        a.ld64(SPARE, BIN, BYTES);
        a.addi(SPARE, SPARE, PER_SPAN * bytes);
        a.mov(ADDRESS, SPARE);
        a.host(HostCall.HOST_SPAN);
        a.ld64(SCRATCH, OTHER, END);
        a.add(ADDRESS, ADDRESS, SPARE);
        a.st64(OTHER, END, ADDRESS);
        a.beq(SCRATCH, SPARE, cut);
        a.addi(SPARE, SPARE, bytes - 1);
        a.andi(SPARE, SPARE, -bytes);
        a.st64(OTHER, NEXT_FRESH, SPARE);
        a.jmp(cut);
        a.place(fits);
        a.st64(OTHER, NEXT_FRESH, SCRATCH);
        a.ld64(SCRATCH, OTHER, LATEST);
        a.st64(BLOCKS, BEFORE, SCRATCH);
        a.st64(BLOCKS, CLASS, BlockClasses.CLASS);
        a.addi(SCRATCH, BLOCKS, OWN_BYTES);
        a.st64(BLOCKS, FRESH, SCRATCH);
        a.st64(OTHER, LATEST, BLOCKS);
        a.ld64(SCRATCH, BIN, PAGES);
        classes.map(a, BLOCKS, SCRATCH, SPARE, OTHER);
    }

    // ---- giving

    @Override
    public Assembler.Label emitGive(Assembler a, WordLock lock) {
        Assembler.Label other = a.label();
        Assembler.Label seen = a.label();
        Assembler.Label surplus = a.label();
        Assembler.Label global = a.label();
        Assembler.Label start = a.here();
        a.ld64(OBJECT, BEGIN, 0);
        a.andi(BLOCKS, OBJECT, -bytes);
        a.ld64(NUMBER, BLOCKS, HEAP);
        lock(a, lock);
        a.mov(READ, BEGIN);
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        Assembler.Label next = a.here();
        a.ld64(OBJECT, READ, 0);
        a.addi(READ, READ, 8);
        a.andi(BLOCKS, OBJECT, -bytes);
        a.ld64(OTHER, BLOCKS, HEAP);
        a.bne(OTHER, NUMBER, other);
        a.ld64(SCRATCH, BLOCKS, FREE);
        a.st64(OBJECT, NodeLayout.NEXT, SCRATCH);
        a.st64(BLOCKS, FREE, OBJECT);
        SuperblockBooks.count(a, BIN, -1);
        a.beqz(NUMBER, empty == null ? seen : global);
        testSurplus(a, seen, surplus);
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
        a.place(surplus);
        release(a, lock);
        a.jmp(seen);
        if (empty != null) {
            a.place(global);
            ifUsedOrLarge(a, seen);
            SuperblockGroups.unlink(a);
            SuperblockBooks.hold(a, BIN, -1);
            empty.put(a);
            a.jmp(seen);
        }
        return start;
    }

    /** Goes to a label if blocks of BIN's size are so large that each has a superblock of its own. */
    private void ifLarge(Assembler a, Assembler.Label large) {
        if (someLarge) {
            a.ld64(SCRATCH, BIN, CAPACITY);
            a.addi(SCRATCH, SCRATCH, -1);
            a.beqz(SCRATCH, large);
        }
    }

    private void ifUsedOrLarge(Assembler a, Assembler.Label used) {
        a.ld64(SCRATCH, BLOCKS, USED);
        a.bnez(SCRATCH, used);
        ifLarge(a, used);
    }

    /** To {@code enough} if the heap uses enough of what it has, else to {@code surplus}. */
    private void testSurplus(Assembler a, Assembler.Label enough, Assembler.Label surplus) {
        a.ld64(SCRATCH, BIN, IN_USE);
        a.ld64(OTHER, BIN, HELD);
        a.ld64(SPARE, BIN, CAPACITY);
        a.shli(SPARE, SPARE, 1);
        a.sub(SPARE, OTHER, SPARE);
        a.bge(SCRATCH, SPARE, enough);
        a.li(SPARE, groups);
        a.mul(SCRATCH, SCRATCH, SPARE);
        a.mul(SPARE, OTHER, SPARE);
        a.sub(SPARE, SPARE, OTHER);
        a.blt(SCRATCH, SPARE, surplus);
    }

    /** The emptiest superblock goes to the global heap. */
    private void release(Assembler a, WordLock lock) {
        SuperblockGroups.emptiest(a, BIN, groups);
        SuperblockGroups.unlink(a);
        SuperblockBooks.hold(a, BIN, -1);
        Assembler.Label used = a.label();
        Assembler.Label put = a.label();
        lockGlobal(a, lock);
        a.st64(BLOCKS, HEAP, Reg.ZERO);
        if (empty != null) {
            ifUsedOrLarge(a, used);
            empty.put(a);
            a.jmp(put);
            a.place(used);
        }
        SuperblockBooks.hold(a, GLOBAL_BIN, 1);
        a.ld64(SCRATCH, BLOCKS, SuperblockGroups.GROUP);
        SuperblockGroups.link(a, GLOBAL_BIN);
        a.place(put);
        lock.unlock(a, base);
    }

    // ---- audit

    List<Long> all(MemoryView memory) {
        List<Long> found = new ArrayList<>();
        for (long one = memory.read64(shared + LATEST); one != 0; one = memory.read64(one + BEFORE)) {
            found.add(one);
        }
        return found;
    }

    @Override
    public long mostBlocks(MemoryView memory) {
        return all(memory).stream()
                .mapToLong(one -> memory.read64(bin(0, (int) memory.read64(one + CLASS)) + CAPACITY))
                .sum();
    }

    @Override
    public void lists(MemoryView memory, ListVisitor visitor) {
        for (long one : all(memory)) {
            long heap = memory.read64(one + HEAP);
            visitor.visit(one + FREE, heap == 0 ? "global heap" : "heap " + heap);
        }
    }

    @Override
    public String fault(MemoryView memory) {
        return new SuperblockAudit(memory, this).fault();
    }
}
