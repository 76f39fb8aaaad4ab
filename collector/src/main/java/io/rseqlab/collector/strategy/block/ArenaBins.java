package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;

/**
 * Arenas: each has a list of free blocks per size and spans of its own, under one lock or one per size. A block belongs
 * to the arena that took its span, as a page map says.
 *
 * <p>Source: arenas of P.-H. Kamp's and J. Evans's malloc ("A Scalable Concurrent malloc(3) Implementation for
 * FreeBSD", 2006) and of W. Gloger's ptmalloc; slabs and their headers are left out, free blocks are linked.
 */
public final class ArenaBins implements Arenas {
    /** Bytes asked of the host when a size has run out, unless a block is larger. */
    private static final int SPAN_BYTES = 128 << 10;

    private static final int SHIFT = 7;
    private static final int HEAD = 40;
    private static final int SPANS = 48;
    private static final int FRESH = 56;
    private static final int END = 64;
    private static final int BLOCK = 72;
    private static final int SPAN = 80;
    private static final int USED = 88;
    private static final int PAGES = 96;

    private static final int PAGE_SHIFT = 12;
    private static final long REACH_BYTES = 8L << 30;

    private static final int BEGIN = Reg.T0;
    private static final int COUNT = Reg.T1;
    private static final int READ = Reg.T2;
    private static final int WRITE = Reg.T3;
    private static final int LEFT = Reg.T4;
    private static final int OBJECT = Reg.T5;
    private static final int ARENA = Reg.T6;
    private static final int BIN = Reg.T7;
    private static final int SCRATCH = Reg.T8;
    private static final int OTHER = Reg.T10;

    private final BlockClasses classes;
    private final int arenas;
    private final boolean lockPerSize;
    private final boolean freshOnlyIfNone;
    private final int arenaShift;
    private final long base;
    private final int owners;

    /**
     * @param lockPerSize a lock per arena and size; else one per arena
     * @param freshOnlyIfNone what was freed before is taken as far as it goes, and one fresh block only if there is
     *     none
     */
    public ArenaBins(Layout layout, BlockClasses classes, int arenas, boolean lockPerSize, boolean freshOnlyIfNone) {
        this.classes = classes;
        this.arenas = arenas;
        this.lockPerSize = lockPerSize;
        this.freshOnlyIfNone = freshOnlyIfNone;
        arenaShift = SHIFT + 32 - Integer.numberOfLeadingZeros(classes.count() - 1);
        base = layout.reserve((long) arenas << arenaShift, 1 << SHIFT);
        owners = Math.toIntExact(layout.reserve(REACH_BYTES >> PAGE_SHIFT - 1, 2 * Layout.LINE));
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < classes.count(); i++) {
                long bin = bin(arena, i);
                layout.word(bin + BLOCK, classes.sizes().bytes(i));
                layout.word(bin + SPAN, spanBytes(i));
                layout.word(
                        bin + USED, (long) blocksPerSpan(i) * classes.sizes().bytes(i));
                layout.word(bin + PAGES, spanBytes(i) / BlockClasses.PAGE_BYTES);
            }
        }
    }

    private long bin(int arena, int sizeClass) {
        return base + ((long) arena << arenaShift) + ((long) sizeClass << SHIFT);
    }

    private int spanBytes(int sizeClass) {
        int rounded = classes.sizes().bytes(sizeClass) + BlockClasses.PAGE_BYTES - 1 & -BlockClasses.PAGE_BYTES;
        return Math.max(SPAN_BYTES, rounded);
    }

    @Override
    public int of(int thread) {
        return thread % arenas;
    }

    /** Blocks of a span of a size. */
    private int blocksPerSpan(int sizeClass) {
        return spanBytes(sizeClass) / classes.sizes().bytes(sizeClass);
    }

    private void find(Assembler a) {
        a.shli(BIN, ARENA, arenaShift);
        a.addi(BIN, BIN, Math.toIntExact(base));
        if (!lockPerSize) {
            a.mov(Reg.A1, BIN);
        }
        a.shli(SCRATCH, BlockClasses.CLASS, SHIFT);
        a.add(BIN, BIN, SCRATCH);
        if (lockPerSize) {
            a.mov(Reg.A1, BIN);
        }
    }

    private void lock(Assembler a, WordLock lock) {
        find(a);
        lock.lock(a);
    }

    private void unlock(Assembler a, WordLock lock) {
        find(a);
        lock.unlock(a);
    }

    /** rd = the arena that a block belongs to: shift, shift, load. */
    private void owner(Assembler a, int rd, int block) {
        a.shri(rd, block, PAGE_SHIFT);
        a.shli(rd, rd, 1);
        a.ld16(rd, rd, owners);
    }

    @Override
    public Assembler.Label emitTake(Assembler a, WordLock lock) {
        Assembler.Label fresh = a.label();
        Assembler.Label kept = a.label();
        Assembler.Label got = a.label();
        Assembler.Label done = a.label();
        Assembler.Label start = a.here();
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        lock(a, lock);
        Assembler.Label next = a.here();
        a.ld64(OBJECT, BIN, HEAD);
        a.beqz(OBJECT, fresh);
        a.ld64(SCRATCH, OBJECT, NodeLayout.NEXT);
        a.st64(BIN, HEAD, SCRATCH);
        a.place(got);
        a.st64(WRITE, 0, OBJECT);
        a.addi(WRITE, WRITE, 8);
        a.djnz(LEFT, next);
        a.place(done);
        unlock(a, lock);
        a.sub(COUNT, WRITE, BEGIN);
        a.shri(COUNT, COUNT, 3);
        a.ret(Reg.LINK2);

        a.place(fresh);
        if (freshOnlyIfNone) {
            a.bne(WRITE, BEGIN, done);
            a.li(LEFT, 1);
        }
        Assembler.Label carve = a.here();
        a.ld64(OBJECT, BIN, FRESH);
        a.ld64(SCRATCH, BIN, END);
        a.bne(OBJECT, SCRATCH, kept);
        span(a);
        a.jmp(carve);
        a.place(kept);
        a.ld64(SCRATCH, BIN, BLOCK);
        a.add(SCRATCH, SCRATCH, OBJECT);
        a.st64(BIN, FRESH, SCRATCH);
        a.jmp(got);
        return start;
    }

    /** A span of the bin's own, whose pages are the size's and the arena's from now on. */
    private void span(Assembler a) {
        a.ld64(Reg.A0, BIN, SPAN);
        a.host(HostCall.HOST_SPAN);
        a.st64(BIN, FRESH, Reg.A0);
        a.ld64(SCRATCH, BIN, USED);
        a.add(SCRATCH, SCRATCH, Reg.A0);
        a.st64(BIN, END, SCRATCH);
        a.ld64(SCRATCH, BIN, SPANS);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(BIN, SPANS, SCRATCH);
        a.ld64(SCRATCH, BIN, PAGES);
        classes.map(a, Reg.A0, SCRATCH, READ, OTHER);
        a.ld64(SCRATCH, BIN, PAGES);
        a.shri(READ, Reg.A0, PAGE_SHIFT);
        a.shli(READ, READ, 1);
        Assembler.Label page = a.here();
        a.st16(READ, owners, ARENA);
        a.addi(READ, READ, 2);
        a.djnz(SCRATCH, page);
    }

    @Override
    public Assembler.Label emitGive(Assembler a, WordLock lock) {
        Assembler.Label start = a.here();
        a.ld64(OBJECT, BEGIN, 0);
        owner(a, ARENA, OBJECT);
        lock(a, lock);
        a.mov(READ, BEGIN);
        a.mov(WRITE, BEGIN);
        a.mov(LEFT, COUNT);
        Assembler.Label other = a.label();
        Assembler.Label seen = a.label();
        Assembler.Label next = a.here();
        a.ld64(OBJECT, READ, 0);
        a.addi(READ, READ, 8);
        owner(a, OTHER, OBJECT);
        a.bne(OTHER, ARENA, other);
        a.ld64(SCRATCH, BIN, HEAD);
        a.st64(OBJECT, NodeLayout.NEXT, SCRATCH);
        a.st64(BIN, HEAD, OBJECT);
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

    // ---- audit

    @Override
    public long mostBlocks(MemoryView memory) {
        long blocks = 0;
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < classes.count(); i++) {
                blocks += memory.read64(bin(arena, i) + SPANS) * blocksPerSpan(i);
            }
        }
        return blocks;
    }

    @Override
    public void lists(MemoryView memory, ListVisitor visitor) {
        for (int arena = 0; arena < arenas; arena++) {
            for (int i = 0; i < classes.count(); i++) {
                visitor.visit(bin(arena, i) + HEAD, "arena " + arena);
            }
        }
    }

    @Override
    public String fault(MemoryView memory) {
        return null;
    }
}
