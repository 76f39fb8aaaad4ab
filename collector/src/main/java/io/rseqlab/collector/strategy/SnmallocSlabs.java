package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * When a slab of {@link SnmallocInstance} changes its state. Each slab counts how many blocks must still come back
 * until it does. One whose free blocks malloc has taken is asleep, and wakes when a few are back; then malloc may take
 * it from a list of the thread's slabs of the size, and it counts on until all its blocks are back. Of such unused
 * slabs a size keeps some; when there are more, and more than a quarter of those awake, all go back to the thread's
 * pages, for any size. With {@code keep=0}, as in 2019, each goes at once.
 *
 * <p>Source: snmalloc 0.7 {@code metadata.h} (set_sleeping, set_not_sleeping), {@code corealloc.h}
 * (dealloc_local_object_slow, dealloc_local_slabs); 2019: small_dealloc_offseted_slow in {@code alloc.h}.
 */
final class SnmallocSlabs {
    /** Free queue's first block and address of its last link. */
    private static final int HEAD = OwnedSlabs.OWN_WORDS;

    static final int TAIL = HEAD + 8;
    /** Blocks that must come back until the slab changes its state. */
    static final int NEEDED = HEAD + 16;

    private static final int NEXT = HEAD + 24;
    /** Where the word lies that points to this slab, 0 while it is asleep. */
    private static final int POINTER = HEAD + 32;

    /** Word of the thread's area: what it has per size. */
    private static final int SIZES = ThreadAreas.REST + 8;

    // ---- per size: the first slab that is awake, how many of them are unused, how many there are
    private static final int FIRST = 0;
    private static final int UNUSED = 8;
    private static final int LENGTH = 16;
    private static final int SHIFT = 5;

    private static final int META = SnmallocRemote.META;
    private static final int ROW = Reg.T0;
    private static final int SIZE = Reg.T1;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int AT = Reg.T6;
    private static final int AFTER = Reg.T10;
    private static final int LINK = Reg.T7;
    /** A1 meanwhile: locks are for threads' heaps only, which have none. */
    private static final int SAVED = Reg.T13;

    private final StrategyContext context;
    private final BlockClasses classes;
    private final OwnedSlabs slabs;
    private final int keep;
    private final long sizes;
    private final long stride;
    private Assembler.Label changes;

    /** @param keep unused slabs that a size keeps in any case; 0: each goes back at once */
    SnmallocSlabs(StrategyContext context, BlockClasses classes, ThreadAreas threads, OwnedSlabs slabs, int keep) {
        this.context = context;
        this.classes = classes;
        this.slabs = slabs;
        this.keep = keep;
        Layout layout = context.layout();
        stride = ((long) classes.count() << SHIFT) + 127 & -128;
        sizes = layout.reserve(stride * context.threads(), 2 * Layout.LINE);
        for (int thread = 0; thread < context.threads(); thread++) {
            layout.word(threads.of(thread) + SIZES, sizes + stride * thread);
        }
    }

    /** SIZE = what this thread has of the size in a register. */
    private static void find(Assembler a, int sizeClass) {
        a.ld64(OTHER, Reg.TLS, SIZES);
        a.shli(SIZE, sizeClass, SHIFT);
        a.add(SIZE, SIZE, OTHER);
    }

    /** A0 = the free blocks of a slab that is awake, which falls asleep; to {@code none} if there is none. */
    void take(Assembler a, Assembler.Label none) {
        Assembler.Label used = a.label();
        Assembler.Label last = a.label();
        find(a, BlockClasses.CLASS);
        a.ld64(META, SIZE, FIRST);
        a.beqz(META, none);
        a.ld64(OTHER, META, NEXT);
        a.st64(SIZE, FIRST, OTHER);
        a.st64(META, POINTER, Reg.ZERO);
        a.beqz(OTHER, last);
        a.st64(OTHER, POINTER, SIZE);
        a.place(last);
        a.ld64(OTHER, SIZE, LENGTH);
        a.addi(OTHER, OTHER, -1);
        a.st64(SIZE, LENGTH, OTHER);
        if (keep > 0) {
            a.ld64(OTHER, META, NEEDED);
            a.bnez(OTHER, used);
            a.ld64(OTHER, SIZE, UNUSED);
            a.addi(OTHER, OTHER, -1);
            a.st64(SIZE, UNUSED, OTHER);
            a.place(used);
        }
        a.ld64(Reg.A0, META, HEAD);
        a.ld64(OTHER, META, TAIL);
        a.st64(OTHER, NodeLayout.NEXT, Reg.ZERO);
        slabs.row(a, SCRATCH, BlockClasses.CLASS);
        sleep(a, META, SCRATCH);
    }

    /** All free blocks of a slab have been taken. */
    static void sleep(Assembler a, int meta, int row) {
        a.st64(meta, TAIL, meta);
        a.ld64(OTHER, row, OwnedSlabs.EXTRA);
        a.st64(meta, NEEDED, OTHER);
    }

    /** Writes the subroutine. */
    void emit(Assembler a, SpinLock locks) {
        changes = a.here();
        a.mov(SAVED, Reg.A1);
        Assembler.Label unused = a.label();
        Assembler.Label first = a.label();
        Assembler.Label done = a.label();
        a.ld64(SCRATCH, META, OwnedSlabs.CLASS);
        find(a, SCRATCH);
        a.ld64(OTHER, META, POINTER);
        a.bnez(OTHER, unused);
        slabs.row(a, ROW, SCRATCH);
        a.ld64(SCRATCH, META, NEEDED);
        a.ld64(OTHER, ROW, OwnedSlabs.BLOCKS);
        a.add(SCRATCH, SCRATCH, OTHER);
        a.ld64(OTHER, ROW, OwnedSlabs.EXTRA);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.st64(META, NEEDED, SCRATCH);
        a.ld64(OTHER, SIZE, FIRST);
        a.st64(META, NEXT, OTHER);
        a.st64(META, POINTER, SIZE);
        a.st64(SIZE, FIRST, META);
        a.beqz(OTHER, first);
        a.addi(AT, META, NEXT);
        a.st64(OTHER, POINTER, AT);
        a.place(first);
        a.ld64(OTHER, SIZE, LENGTH);
        a.addi(OTHER, OTHER, 1);
        a.st64(SIZE, LENGTH, OTHER);
        a.bnez(SCRATCH, done);

        a.place(unused);
        if (keep == 0) {
            giveBack(a, locks, META);
        } else {
            a.ld64(SCRATCH, SIZE, UNUSED);
            a.addi(SCRATCH, SCRATCH, 1);
            a.st64(SIZE, UNUSED, SCRATCH);
            a.li(OTHER, keep);
            a.bge(OTHER, SCRATCH, done);
            a.ld64(OTHER, SIZE, LENGTH);
            a.shri(OTHER, OTHER, 2);
            a.bge(OTHER, SCRATCH, done);
            giveAllBack(a, locks);
        }
        a.place(done);
        a.mov(Reg.A1, SAVED);
        a.ret(LINK);
    }

    /**
     * As many blocks have come back to META as it needed: it wakes, or is unused. Changes T0, T1, T4 to T7, T10, T13.
     */
    void change(Assembler a) {
        a.call(changes, LINK);
    }

    private void giveAllBack(Assembler a, SpinLock locks) {
        Assembler.Label used = a.label();
        Assembler.Label end = a.label();
        a.st64(SIZE, UNUSED, Reg.ZERO);
        a.ld64(AT, SIZE, FIRST);
        Assembler.Label next = a.here();
        a.beqz(AT, end);
        a.ld64(AFTER, AT, NEXT);
        a.ld64(OTHER, AT, NEEDED);
        a.bnez(OTHER, used);
        giveBack(a, locks, AT);
        a.place(used);
        a.mov(AT, AFTER);
        a.jmp(next);
        a.place(end);
    }

    /** An unused slab leaves its list, and its pages go back. */
    private void giveBack(Assembler a, SpinLock locks, int meta) {
        Assembler.Label last = a.label();
        a.ld64(OTHER, meta, NEXT);
        a.ld64(SCRATCH, meta, POINTER);
        a.st64(SCRATCH, 0, OTHER);
        a.beqz(OTHER, last);
        a.st64(OTHER, POINTER, SCRATCH);
        a.place(last);
        a.ld64(OTHER, SIZE, LENGTH);
        a.addi(OTHER, OTHER, -1);
        a.st64(SIZE, LENGTH, OTHER);
        a.st64(meta, POINTER, Reg.ZERO);
        a.st64(meta, TAIL, meta);
        slabs.give(a, locks, meta);
    }

    // ---- audit

    /**
     * Visits the free queues, and holds what slabs and sizes count against what a walk finds.
     *
     * @param remote says whose a slab is
     */
    void audit(Audit audit, SnmallocRemote remote) {
        Set<Long> awake = new HashSet<>();
        Map<Long, Long> free = new HashMap<>();
        for (long meta : slabs.all(audit::word)) {
            Place holder = remote.holder(audit, meta);
            // a queue's last link is written when it is taken
            free.put(
                    meta,
                    audit.word(meta + TAIL) == meta
                            ? 0
                            : audit.chainTo(audit.word(meta + HEAD), audit.word(meta + TAIL), holder));
            if (audit.word(meta + POINTER) != 0) {
                awake.add(meta);
            }
        }
        for (int thread = 0; thread < context.threads(); thread++) {
            for (int i = 0; i < classes.count(); i++) {
                auditSize(audit, sizes + stride * thread + ((long) i << SHIFT), i, awake, free);
            }
        }
        audit.expect(awake.isEmpty(), awake.size() + " slabs say that they are awake and are on no list");
        free.forEach((meta, blocks) -> auditSleeper(audit, meta, blocks));
    }

    private void auditSize(Audit audit, long size, int sizeClass, Set<Long> awake, Map<Long, Long> free) {
        long length = 0;
        long unused = 0;
        long blocks = slabs.blocks(audit::word, sizeClass);
        for (long meta = audit.word(size + FIRST); meta != 0 && awake.remove(meta); meta = audit.word(meta + NEXT)) {
            long needed = audit.word(meta + NEEDED);
            long here = free.remove(meta);
            audit.expect(
                    here + needed == blocks,
                    "slab 0x" + Long.toHexString(meta) + " has " + here + " of " + blocks + " blocks and waits for "
                            + needed);
            length++;
            unused += needed == 0 ? 1 : 0;
        }
        audit.expect(
                length == audit.word(size + LENGTH) && (unused == audit.word(size + UNUSED)),
                length + " slabs are awake, " + unused + " of them unused; " + audit.word(size + LENGTH) + " and "
                        + audit.word(size + UNUSED) + " are counted");
        audit.expect(keep > 0 || unused == 0, unused + " of " + length + " slabs are unused and stay");
    }

    private void auditSleeper(Audit audit, long meta, long here) {
        long needed = audit.word(meta + NEEDED);
        long wakes = slabs.extra(audit::word, (int) audit.word(meta + OwnedSlabs.CLASS));
        audit.expect(
                here + needed == wakes,
                "slab 0x" + Long.toHexString(meta) + " has " + here + " blocks, wakes with " + wakes
                        + ", and waits for " + needed);
    }
}
