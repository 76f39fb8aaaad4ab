package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.Static;

/**
 * How many bytes each thread's cache may hold, in steps of 64 KiB out of a total: gperftools' way of giving much to
 * threads that need much. Source: gperftools {@code thread_cache.cc}.
 */
final class CacheLimits {
    /** Offset of a cache's limit. */
    static final int LIMIT = 8;

    private static final int STEP_BYTES = 64 << 10;
    private static final int VICTIMS = 10;

    private static final int CACHE = Reg.T0;
    private static final int NODE = Reg.T2;
    private static final int COUNT = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T6;
    private static final int RELEASED = Reg.T8;

    private final long caches;
    private final long stride;
    private final int threads;
    private final Bytes bytes;
    private final long unclaimed;

    /**
     * Limits in bytes.
     *
     * @param least what a cache may hold at first
     * @param most the most that one may ever hold
     * @param total what all may hold together
     */
    record Bytes(long least, long most, long total) {}

    /** The caches lie {@code stride} bytes apart. */
    CacheLimits(Layout layout, long caches, long stride, int threads, Bytes bytes) {
        this.caches = caches;
        this.stride = stride;
        this.threads = threads;
        this.bytes = bytes;
        unclaimed = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        layout.word(unclaimed + 8, bytes.total() - bytes.least() * threads);
    }

    /** The limit is the least again; what it had grown by is claimed by nobody. */
    void giveUp(Assembler a, SpinLock locks) {
        a.li(Reg.A1, unclaimed);
        locks.lock(a);
        a.ld64(COUNT, CACHE, LIMIT);
        Static.load(a, SCRATCH, unclaimed + 8);
        a.add(SCRATCH, SCRATCH, COUNT);
        a.li(COUNT, bytes.least());
        a.sub(SCRATCH, SCRATCH, COUNT);
        Static.store(a, unclaimed + 8, SCRATCH);
        a.st64(CACHE, LIMIT, COUNT);
        locks.unlock(a);
    }

    /** 64 KiB from what nobody has claimed, or from one of the next threads that has more than the least. */
    void raise(Assembler a, SpinLock locks) {
        Assembler.Label done = a.label();
        Assembler.Label steal = a.label();
        Assembler.Label unlock = a.label();
        Assembler.Label next = a.label();
        Assembler.Label wrapped = a.label();
        Assembler.Label granted = a.label();
        a.ld64(COUNT, CACHE, LIMIT);
        a.li(SCRATCH, bytes.most());
        a.bge(COUNT, SCRATCH, done);
        a.li(Reg.A1, unclaimed);
        locks.lock(a);
        Static.load(a, SCRATCH, unclaimed + 8);
        a.bge(Reg.ZERO, SCRATCH, steal);
        a.addi(SCRATCH, SCRATCH, -STEP_BYTES);
        Static.store(a, unclaimed + 8, SCRATCH);
        a.jmp(granted);
        a.place(steal);
        a.li(RELEASED, Math.min(VICTIMS, threads - 1) + 1L);
        a.mov(NODE, CACHE);
        a.place(next);
        a.addi(RELEASED, RELEASED, -1);
        a.beqz(RELEASED, unlock);
        a.addi(NODE, NODE, Math.toIntExact(stride));
        a.li(SCRATCH, caches + stride * threads);
        a.bne(NODE, SCRATCH, wrapped);
        a.li(NODE, caches);
        a.place(wrapped);
        a.ld64(SCRATCH, NODE, LIMIT);
        a.li(OTHER, bytes.least() + STEP_BYTES);
        a.blt(SCRATCH, OTHER, next);
        a.addi(SCRATCH, SCRATCH, -STEP_BYTES);
        a.st64(NODE, LIMIT, SCRATCH);
        a.place(granted);
        a.ld64(COUNT, CACHE, LIMIT);
        a.addi(COUNT, COUNT, STEP_BYTES);
        a.st64(CACHE, LIMIT, COUNT);
        a.place(unlock);
        locks.unlock(a);
        a.place(done);
    }
}
