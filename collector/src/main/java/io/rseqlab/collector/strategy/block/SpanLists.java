package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * The central free list of each size as TCMalloc and gperftools have it: free blocks lie on a list of the span that
 * they were cut from, spans with free blocks on lists of the size, all behind one spin lock per size. A span knows how
 * many of its blocks are elsewhere; when the last one is back it leaves the size and goes to the {@link PageHeap},
 * where any size finds it. With eight lists a span is on that of the binary digits of its blocks elsewhere, and blocks
 * come from a span of which most are elsewhere, so that others may become whole; with one list from the span that came
 * onto it last.
 *
 * <p>Source: TCMalloc {@code central_freelist.h} (eight lists, kNumLists; RemoveRange, InsertRange), {@code span.h};
 * gperftools {@code central_freelist.cc} (one list; FetchFromOneSpans, ReleaseToSpans). Pages of a span by gperftools'
 * rule ({@code common.cc}), which also gives what TCMalloc's table has for its sizes, but for those of 4 and 8 KiB, of
 * which it takes one page.
 *
 * <p>Counted are: the look-up of each block's span, its descriptor's words, the moves between lists, the page map's
 * writes. The descriptor is a line; the position of the lowest bit, and the number of digits, come from tables where
 * the real ones have an instruction. Blocks of a new span are not linked before they are handed out, and free ones are
 * linked by addresses: TCMalloc has 16-bit indices, many in one free block, or a bitmap in the descriptor, so that it
 * touches fewer lines of blocks; gperftools links all at once. What one call gives back to the page heap goes there
 * together, when the size's lock is free again. Left out: the way past the lists for spans of one block; what becomes
 * of pages in the page heap by hugepages.
 *
 * <p>Everything here changes A0 to A2, T2 to T5 and T10 to T13; the class is in {@link BlockClasses#CLASS}.
 */
public final class SpanLists {
    // ---- a span's descriptor, behind the words of its list: the first of its free blocks
    static final int HEAD = SpanQueues.SPAN_REST;
    /** Blocks that are elsewhere. */
    public static final int ALLOCATED = 32;

    static final int FRESH = 40;
    static final int END = 48;
    /** One more than the class's number, 0 of a span that no class has. */
    public static final int OWNER = 56;

    // ---- a class: the lock, then
    /** Free blocks in the lists, fresh ones included. */
    static final int FREE = 8;

    static final int SPANS = 16;
    private static final int BYTES = SpanQueues.CLASS_REST;
    private static final int SPAN_BYTES = 40;
    private static final int PER_SPAN = 48;
    /** Bytes of a span that blocks take. */
    private static final int USED = 56;

    private static final int PAGE_SHIFT = 12;

    /** A span's descriptor. */
    static final int SPAN = Reg.T2;

    private static final int COUNT = Reg.T3;
    private static final int FIRST = Reg.T4;
    private static final int KEPT = Reg.T5;
    /** How many blocks are still wanted. */
    static final int LEFT = Reg.T10;
    /** Spans that have become whole. */
    private static final int WHOLE = Reg.T11;
    // ---- changed by locks
    private static final int D = Reg.T12;
    private static final int E = Reg.T13;

    private final BlockClasses classes;
    private final PageHeap pages;
    private final SpanQueues queues;

    /**
     * @param lists of each size: one, or {@link SpanQueues#BY_OCCUPANCY}
     * @param extra bytes of each class behind {@link SpanQueues#REST}
     */
    SpanLists(Layout layout, BlockClasses classes, PageHeap pages, int lists, int extra) {
        this.classes = classes;
        this.pages = pages;
        queues = new SpanQueues(layout, classes.count(), lists, extra);
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            long spanBytes = spanBytes(bytes, 1L << pages.pageShift());
            layout.word(of(i) + BYTES, bytes);
            layout.word(of(i) + SPAN_BYTES, spanBytes);
            layout.word(of(i) + PER_SPAN, spanBytes / bytes);
            layout.word(of(i) + USED, spanBytes / bytes * bytes);
        }
    }

    /**
     * Bytes of a span: as few pages as leave less than an eighth of it unused and have as many blocks as a quarter of a
     * batch.
     */
    public static long spanBytes(int blockBytes, long pageBytes) {
        long bytes = pageBytes;
        while (bytes < blockBytes
                || bytes % blockBytes > bytes >> 3
                || bytes / blockBytes < ChainSlots.batch(blockBytes) / 4) {
            bytes += pageBytes;
        }
        return bytes;
    }

    /** Where what a class has lies. */
    long of(int sizeClass) {
        return queues.of(sizeClass);
    }

    /** A1 = what the class has: its lock is its first word. */
    void find(Assembler a) {
        queues.find(a);
    }

    // ---- blocks that are asked for

    /** Writes something; keeps all registers but D, E and F. */
    @FunctionalInterface
    interface Part {
        void emit(Assembler a);
    }

    /**
     * Takes LEFT blocks, at least one, under the lock, which is given back and taken again where a new span is made.
     *
     * @param take writes what is done with the block in A0
     * @param beforeNewSpan writes what is done where no block is free; it may leave, or change LEFT
     */
    void take(Assembler a, SpinLock locks, Part take, Part beforeNewSpan) {
        Assembler.Label none = a.label();
        Assembler.Label chosen = a.label();
        Assembler.Label done = a.label();
        Assembler.Label again = a.here();
        queues.first(a, none);
        a.place(chosen);
        takeFromSpan(a, take);
        a.bnez(LEFT, again);
        a.jmp(done);
        a.place(none);
        beforeNewSpan.emit(a);
        newSpan(a, locks);
        a.jmp(chosen);
        a.place(done);
    }

    /** LEFT = no more than a new span has. */
    static void atMostASpan(Assembler a) {
        Assembler.Label fewer = a.label();
        a.ld64(D, Reg.A1, PER_SPAN);
        a.bge(D, LEFT, fewer);
        a.mov(LEFT, D);
        a.place(fewer);
    }

    private void newSpan(Assembler a, SpinLock locks) {
        a.ld64(KEPT, Reg.A1, SPAN_BYTES);
        a.ld64(FIRST, Reg.A1, USED);
        locks.unlock(a);
        pages.take(a, locks, KEPT, SPAN);
        a.st64(SPAN, HEAD, Reg.ZERO);
        a.st64(SPAN, ALLOCATED, Reg.ZERO);
        a.st64(SPAN, FRESH, Reg.A0);
        a.add(FIRST, FIRST, Reg.A0);
        a.st64(SPAN, END, FIRST);
        a.addi(D, BlockClasses.CLASS, 1);
        a.st64(SPAN, OWNER, D);
        a.shri(FIRST, KEPT, PAGE_SHIFT);
        classes.map(a, Reg.A0, FIRST, E, D);
        pages.map().put(a, Reg.A0, SPAN, KEPT, D, E);
        find(a);
        locks.lock(a);
        Static.bump(a, Reg.A1, SPANS, D);
        a.ld64(D, Reg.A1, FREE);
        a.ld64(E, Reg.A1, PER_SPAN);
        a.add(D, D, E);
        a.st64(Reg.A1, FREE, D);
        queues.listFor(a, LEFT); // on which it will stay if it has so many
        queues.enlist(a);
    }

    private void takeFromSpan(Assembler a, Part take) {
        Assembler.Label fresh = a.label();
        Assembler.Label taken = a.label();
        Assembler.Label enough = a.label();
        Assembler.Label some = a.label();
        Assembler.Label out = a.label();
        a.ld64(COUNT, SPAN, ALLOCATED);
        a.ld64(FIRST, SPAN, HEAD);
        Assembler.Label next = a.here();
        a.beqz(FIRST, fresh);
        a.mov(Reg.A0, FIRST);
        a.ld64(FIRST, Reg.A0, NodeLayout.NEXT);
        a.place(taken);
        take.emit(a);
        a.addi(COUNT, COUNT, 1);
        a.djnz(LEFT, next);
        a.jmp(enough);
        a.place(fresh);
        a.ld64(Reg.A0, SPAN, FRESH);
        a.ld64(D, SPAN, END);
        a.beq(Reg.A0, D, enough);
        a.ld64(D, Reg.A1, BYTES);
        a.add(D, D, Reg.A0);
        a.st64(SPAN, FRESH, D);
        a.jmp(taken);

        a.place(enough);
        a.st64(SPAN, HEAD, FIRST);
        a.ld64(D, SPAN, ALLOCATED);
        a.st64(SPAN, ALLOCATED, COUNT);
        a.sub(D, COUNT, D);
        a.ld64(E, Reg.A1, FREE);
        a.sub(E, E, D);
        a.st64(Reg.A1, FREE, E);
        a.bnez(FIRST, some);
        a.ld64(D, SPAN, FRESH);
        a.ld64(E, SPAN, END);
        a.bne(D, E, some);
        queues.unlist(a);
        a.jmp(out);
        a.place(some);
        queues.move(a, COUNT);
        a.place(out);
    }

    // ---- blocks that come back

    /**
     * Puts the block in A0 onto SPAN's list, under the lock; goes on behind itself, or at {@code whole} where all other
     * blocks of the span are free too.
     */
    void put(Assembler a, Assembler.Label whole) {
        Assembler.Label listed = a.label();
        a.ld64(FIRST, SPAN, HEAD);
        a.ld64(COUNT, SPAN, ALLOCATED);
        a.bnez(FIRST, listed);
        a.ld64(D, SPAN, FRESH);
        a.ld64(E, SPAN, END);
        a.bne(D, E, listed);
        queues.listFor(a, COUNT);
        queues.enlist(a);
        a.place(listed);
        a.addi(COUNT, COUNT, -1);
        if (pages.takesBack()) {
            a.beqz(COUNT, whole);
        }
        a.st64(Reg.A0, NodeLayout.NEXT, FIRST);
        a.st64(SPAN, HEAD, Reg.A0);
        a.st64(SPAN, ALLOCATED, COUNT);
        queues.move(a, COUNT);
    }

    /** At {@code whole}, which {@link #put} leaves for: SPAN leaves the class, and will go to the page heap. */
    void takeOut(Assembler a) {
        queues.unlist(a);
        a.ld64(D, Reg.A1, FREE);
        a.ld64(E, Reg.A1, PER_SPAN);
        a.sub(D, D, E);
        a.st64(Reg.A1, FREE, D);
        a.ld64(D, Reg.A1, SPANS);
        a.addi(D, D, -1);
        a.st64(Reg.A1, SPANS, D);
        a.st64(SPAN, HEAD, Reg.ZERO);
        a.st64(SPAN, ALLOCATED, Reg.ZERO);
        a.st64(SPAN, OWNER, Reg.ZERO);
        a.st64(SPAN, SpanQueues.NEXT, WHOLE);
        a.mov(WHOLE, SPAN);
    }

    /** Under the lock: so many blocks will be put, and no span is whole yet. */
    void begin(Assembler a, int blocks) {
        a.ld64(D, Reg.A1, FREE);
        a.add(D, D, blocks);
        a.st64(Reg.A1, FREE, D);
        a.li(WHOLE, 0);
    }

    /** Behind the lock: whole spans go to the page heap. */
    void giveBack(Assembler a, SpinLock locks) {
        if (!pages.takesBack()) {
            return;
        }
        Assembler.Label none = a.label();
        a.beqz(WHOLE, none);
        a.ld64(FIRST, Reg.A1, USED);
        a.ld64(KEPT, Reg.A1, SPAN_BYTES);
        pages.lock(a, locks);
        Assembler.Label next = a.here();
        a.ld64(COUNT, WHOLE, SpanQueues.NEXT);
        a.ld64(Reg.A0, WHOLE, END);
        a.sub(Reg.A0, Reg.A0, FIRST);
        pages.give(a, KEPT, WHOLE);
        a.mov(WHOLE, COUNT);
        a.bnez(WHOLE, next);
        pages.unlock(a, locks);
        a.place(none);
    }

    /** SPAN = the one in which the block in A0 lies. */
    void spanOf(Assembler a) {
        pages.map().descriptorOf(a, SPAN, Reg.A0);
    }

    // ---- audit

    /** Hears what a span's list holds. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * A span.
         *
         * @param span its descriptor; 0 for all of the class together
         * @param blocks its free blocks that were handed out before
         * @param fault what is wrong, null if nothing is
         */
        void span(long span, List<Long> blocks, String fault);
    }

    /** Blocks of all spans that a class has, at most: fresh ones too. */
    public long blocks(MemoryView memory, int sizeClass) {
        return memory.read64(of(sizeClass) + SPANS) * memory.read64(of(sizeClass) + PER_SPAN);
    }

    /** Spans that a class has. */
    public long spans(MemoryView memory, int sizeClass) {
        return memory.read64(of(sizeClass) + SPANS);
    }

    /** The descriptor of the span in which a block lies, if the class has it; else 0. */
    public long spanOf(MemoryView memory, long block, int sizeClass) {
        long span = pages.map().descriptor(memory, block);
        return span != 0 && memory.read64(span + OWNER) == sizeClass + 1 && block < memory.read64(span + FRESH)
                ? span
                : 0;
    }

    /** Blocks of a span that are elsewhere, as it says itself. */
    public long allocated(MemoryView memory, long span) {
        return memory.read64(span + ALLOCATED);
    }

    /** Visits all spans of a class that have free blocks, and holds what they say against what a walk finds. */
    public void walk(MemoryView memory, int sizeClass, Visitor visitor) {
        long[] free = new long[1];
        queues.each(memory, sizeClass, memory.read64(of(sizeClass) + SPANS), span -> {
            List<Long> blocks = new ArrayList<>();
            String fault = list(memory, sizeClass, span, blocks);
            long perSpan = memory.read64(of(sizeClass) + PER_SPAN);
            long fresh =
                    (memory.read64(span + END) - memory.read64(span + FRESH)) / memory.read64(of(sizeClass) + BYTES);
            long allocated = allocated(memory, span);
            long here = blocks.size() + fresh;
            free[0] += here;
            if (here + allocated != perSpan) {
                fault = "it has " + here + " blocks, and says that " + allocated + " of " + perSpan + " are elsewhere";
            } else if (here == 0 || here == perSpan && pages.takesBack()) {
                fault = "it is on a list with " + here + " of " + perSpan + " blocks";
            } else if (fault == null) {
                fault = queues.fault(memory, sizeClass, span, allocated);
            }
            visitor.span(span, blocks, fault == null ? null : "span 0x" + Long.toHexString(span) + ": " + fault);
        });
        long said = memory.read64(of(sizeClass) + FREE);
        visitor.span(
                0,
                List.of(),
                said == free[0] ? null : "spans have " + free[0] + " free blocks, " + said + " are counted");
    }

    /** The blocks on a span's list; answers what is wrong with them. */
    private String list(MemoryView memory, int sizeClass, long span, List<Long> blocks) {
        long bytes = memory.read64(of(sizeClass) + BYTES);
        long begin = memory.read64(span + END) - memory.read64(of(sizeClass) + USED);
        long end = memory.read64(span + FRESH);
        long most = (end - begin) / bytes;
        long block = memory.read64(span + HEAD);
        while (block >= begin && block < end && (block - begin) % bytes == 0 && blocks.size() < most) {
            blocks.add(block);
            block = memory.read64(block + NodeLayout.NEXT);
        }
        return block == 0 ? null : "its list comes to 0x" + Long.toHexString(block);
    }
}
