package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * mimalloc 2: pages of blocks of a size that belong to a thread, each with three lists. malloc pops from {@code free}
 * of the size's current page; an own free pushes onto {@code local_free}; a foreign one swaps the block onto the page's
 * {@code thread_free}, so that contention is spread over pages. When {@code free} is empty, local_free becomes free;
 * else thread_free is taken whole by one swap and counted; else the page's list is extended by 4 KiB of fresh blocks, 4
 * at least; else the page is full: it leaves the size's queue and asks, by a bit in thread_free, that the next foreign
 * free tell its owner. That one clears the bit and swaps its block onto the thread's delayed list instead, which the
 * owner looks at every 100th time that a page ran empty. An own free to a full page puts it back into the queue.
 *
 * <p>What becomes of the pages of a thread that ends: {@link OrphanedPages}.
 *
 * <p>With {@code delayed=off} full pages stay in their queues: {@link PageRing}. Pages that are empty linger and go
 * back: {@link RetiredPages}.
 *
 * <p>A thread's segments are a host service ({@link OwnedSlabs}), pieces of 2 MiB in place of 32. Left out: that a
 * segment's unused pages go to the system after 10 ms; the search for the fullest of some pages. Pages are found by a
 * page map in place of the segment's mask, in as many loads. Tiers: 0 pop or push, or one swap onto the page; 1 a page
 * ran empty, or went back; 2 a swap failed, or the lock of the address space was taken.
 */
final class MimallocInstance extends Common {
    private static final int LEAST_EXTENSION = 4;

    // ---- a page's words
    static final int FREE = OwnedSlabs.OWN_WORDS;
    static final int LOCAL = FREE + 8;
    static final int THREAD_FREE = FREE + 16;
    static final int USED = FREE + 24;
    /** Next page of the size's queue; {@link #FULL} of a page that is in none. */
    static final int NEXT = FREE + 32;

    static final int FRESH = OwnedSlabs.FAR_WORD;
    static final int FULL = 1;
    /** Bit of THREAD_FREE: the owner wants to be told. */
    static final int WANTED = 1;

    // ---- a thread's heap: delayed list, calls since it was looked at, current page per size
    static final int DELAYED = 0;
    static final int CALLS = 128;
    static final int PAGES = 192;
    private static final int HEAP_ALIGNMENT = 256;
    private static final int SELF = ThreadAreas.REST;

    private static final int ENTRY = Reg.T0;
    private static final int OWNER = Reg.T1;
    static final int PAGE = Reg.T2;
    static final int HEAP = Reg.T6;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    static final int QUEUE = Reg.T7;
    static final int BLOCK = Reg.T8;
    private static final int MADE = Reg.T10;
    private static final int ROW = Reg.T11;

    final OwnedSlabs slabs;
    private final long heaps;
    private final long stride;
    private final long none;
    private final int delayedEvery;
    /** Null where threads do not end. */
    private final OrphanedPages abandoned;

    private SpinLock locks;
    private final PageQueue queues;
    private final RetiredPages retired;
    private final int looks;
    private final DelayedFrees delayedFrees;
    /** Null with the delayed list. */
    private final PageRing ring;

    MimallocInstance(Settings settings, StrategyContext context) {
        super(context, 8, BlockClasses.Lookup.NOTHING);
        Layout layout = context.layout();
        delayedEvery = (int) settings.count(Mimalloc.DELAYED_EVERY);
        int pageShift = (int) settings.count(Parameters.PAGE);
        slabs = new OwnedSlabs(
                layout,
                classes,
                context.threads(),
                pageShift,
                bytes -> Mimalloc.pageBytes(bytes, pageShift),
                (bytes, blocks) -> Math.max(LEAST_EXTENSION, (int) settings.count(Mimalloc.EXTEND) / bytes));
        abandoned = context.threadsEnd() ? new OrphanedPages(layout, classes, slabs) : null;
        none = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        stride = PAGES + 8L * classes.count() + HEAP_ALIGNMENT - 1 & -HEAP_ALIGNMENT;
        ring = settings.chooses(Mimalloc.DELAYED, Mimalloc.LIST) ? null : new PageRing(none);
        queues = new PageQueue(slabs, abandoned, none, classes.count(), ring != null);
        retired = new RetiredPages(
                slabs, PageQueue.WORDS, queues, classes.count(), (int) settings.count(Parameters.RETIRE));
        looks = (int) Math.max(1, settings.count(Mimalloc.COLLECT_EVERY) / delayedEvery);
        delayedFrees = new DelayedFrees(slabs, none, abandoned, retired);
        heaps = layout.reserve(stride * context.threads(), HEAP_ALIGNMENT);
        for (int thread = 0; thread < context.threads(); thread++) {
            layout.word(threads.of(thread) + SELF, heaps + stride * thread);
            retired.layOut(layout, heaps + stride * thread);
            for (int i = 0; i < classes.count(); i++) {
                layout.word(heaps + stride * thread + PAGES + 8L * i, none);
            }
        }
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = new SpinLock(a, cold);
        delayedFrees.emit(a);
        queues.locks(locks);
        retired.emit(a);
        if (abandoned != null) {
            abandoned.emit(a, locks);
        }
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        a.ld64(HEAP, Reg.TLS, SELF);
        if (classes.single()) {
            a.mov(QUEUE, HEAP);
        } else {
            a.shli(QUEUE, BlockClasses.CLASS, 3);
            a.add(QUEUE, QUEUE, HEAP);
        }
        a.ld64(PAGE, QUEUE, PAGES);
        a.ld64(Reg.A0, PAGE, FREE);
        a.beqz(Reg.A0, empty);
        pop(a);
        end(a, Mark.MALLOC);
        a.place(empty);
        generic(a, cold);
    }

    /** The block in A0 leaves the page's free list. */
    private void pop(Assembler a) {
        a.ld64(OTHER, Reg.A0, NodeLayout.NEXT);
        pad.both(a, SCRATCH);
        a.st64(PAGE, FREE, OTHER);
        a.ld64(OTHER, PAGE, USED);
        a.addi(OTHER, OTHER, 1);
        a.st64(PAGE, USED, OTHER);
    }

    private void generic(Assembler a, Cold cold) {
        Assembler.Label look = a.label();
        Assembler.Label round = a.label();
        Assembler.Label foreign = a.label();
        Assembler.Label extend = a.label();
        Assembler.Label found = a.label();
        Assembler.Label delayed = a.label();
        Assembler.Label make = a.label();
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        if (ring == null) {
            a.ld64(SCRATCH, HEAP, CALLS);
            a.addi(SCRATCH, SCRATCH, 1);
            a.st64(HEAP, CALLS, SCRATCH);
            a.li(OTHER, delayedEvery);
            a.bge(SCRATCH, OTHER, delayed);
        }
        a.place(look);
        a.ld64(PAGE, QUEUE, PAGES);
        a.li(SCRATCH, none);
        a.beq(PAGE, SCRATCH, make);
        ifRing(() -> ring.begin(a));
        a.place(round);
        a.ld64(Reg.A0, PAGE, FREE);
        a.bnez(Reg.A0, found);
        a.ld64(Reg.A0, PAGE, LOCAL);
        a.beqz(Reg.A0, foreign);
        a.st64(PAGE, LOCAL, Reg.ZERO);
        a.place(found);
        ifRing(() -> ring.found(a));
        a.mark(Mark.CHAIN, Mark.COUNT_REFILL_OBJECTS, Reg.A0);
        retired.used(a);
        pop(a);
        end(a, Mark.MALLOC);

        a.place(foreign);
        collect(a, extend);
        a.jmp(found);
        a.place(extend);
        slabs.row(a, ROW, BlockClasses.CLASS);
        extend(a, ring == null ? look : round, make);
        a.jmp(found);

        a.place(make);
        makePage(a, look);
        a.jmp(extend);
        if (ring == null) {
            cold.later(() -> {
                a.place(delayed);
                delayedFrees.take(a);
                if (retired.happens()) {
                    queues.collectAll(a, looks);
                }
                a.jmp(look);
            });
        }
    }

    /** PAGE = a new page, the current one of its queue; or to {@code adopted} with one that was abandoned. */
    private void makePage(Assembler a, Assembler.Label adopted) {
        if (abandoned != null) {
            abandoned.adopt(a, adopted, this::enter);
        }
        retired.collect(a);
        slabs.make(a, locks, HEAP, MADE, ROW);
        a.mov(PAGE, MADE);
        if (abandoned != null) {
            abandoned.made(a);
        }
        if (ring == null) {
            a.st64(QUEUE, PAGES, PAGE);
        } else {
            ring.enter(a);
        }
    }

    private void ifRing(Runnable code) {
        if (ring != null) {
            code.run();
        }
    }

    /** An adopted page becomes the current one of its queue, which has no other without the ring. */
    private void enter(Assembler a) {
        if (ring != null) {
            ring.enter(a);
            return;
        }
        a.st64(PAGE, NEXT, Reg.ZERO);
        a.st64(PAGE, PageQueue.PREVIOUS, Reg.ZERO);
        a.st64(QUEUE, PAGES, PAGE);
    }

    /** A0 = what others have freed into the page, taken whole and counted; to {@code nothing} if there is none. */
    private void collect(Assembler a, Assembler.Label nothing) {
        Assembler.Label again = a.label();
        a.ld64(SEEN, PAGE, THREAD_FREE);
        a.place(again);
        a.beqz(SEEN, nothing);
        a.mov(OTHER, SEEN);
        a.cas64(SEEN, PAGE, THREAD_FREE, OTHER, Reg.ZERO);
        a.bne(SEEN, OTHER, again);
        a.mov(Reg.A0, OTHER);
        a.ld64(SCRATCH, PAGE, USED);
        Assembler.Label count = a.here();
        a.addi(SCRATCH, SCRATCH, -1);
        a.ld64(OTHER, OTHER, NodeLayout.NEXT);
        a.bnez(OTHER, count);
        a.st64(PAGE, USED, SCRATCH);
    }

    /** A0 = fresh blocks of the page; if there are none the page is full, and {@code look} or {@code make} is next. */
    private void extend(Assembler a, Assembler.Label look, Assembler.Label make) {
        Assembler.Label some = a.label();
        a.ld64(OTHER, PAGE, FRESH);
        a.ld64(SCRATCH, ROW, OwnedSlabs.BLOCKS);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.bnez(SCRATCH, some);
        if (ring == null) {
            full(a, look);
        } else {
            ring.next(a, look);
            a.jmp(make);
        }
        a.place(some);
        OwnedSlabs.extend(a, PAGE, FRESH, ROW, OWNER);
    }

    /** The page leaves its queue and wants word. */
    private void full(Assembler a, Assembler.Label look) {
        Assembler.Label last = a.label();
        Assembler.Label first = a.label();
        // but if somebody freed into it just now, it is looked at again
        a.li(OTHER, WANTED);
        a.cas64(SEEN, PAGE, THREAD_FREE, Reg.ZERO, OTHER);
        a.bnez(SEEN, look);
        a.ld64(SCRATCH, PAGE, NEXT);
        a.st64(PAGE, NEXT, OTHER);
        a.beqz(SCRATCH, last);
        a.st64(SCRATCH, PageQueue.PREVIOUS, Reg.ZERO);
        a.jmp(first);
        a.place(last);
        a.li(SCRATCH, none);
        a.place(first);
        a.st64(QUEUE, PAGES, SCRATCH);
        a.jmp(look);
    }

    // ---- the end of a thread

    @Override
    void threadEnd(Assembler a, Cold cold) {
        a.ld64(HEAP, Reg.TLS, SELF);
        if (ring == null) {
            abandoned.wantNoWord(a);
            delayedFrees.take(a);
        }
        abandoned.abandon(a, retired.happens() ? queues : null);
        a.li(SCRATCH, classes.count());
        a.li(OTHER, none);
        a.mov(QUEUE, HEAP);
        Assembler.Label queue = a.here();
        a.st64(QUEUE, PAGES, OTHER);
        a.addi(QUEUE, QUEUE, 8);
        a.djnz(SCRATCH, queue);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label foreign = a.label();
        Assembler.Label full = a.label();
        Assembler.Label empty = a.label();
        slabs.entry(a, ENTRY, Reg.A0);
        slabs.owner(a, OWNER, ENTRY);
        slabs.metadata(a, PAGE, ENTRY);
        a.andi(OWNER, OWNER, -1 - OwnedSlabs.CLASS_MASK);
        a.ld64(HEAP, Reg.TLS, SELF);
        a.bne(OWNER, HEAP, foreign);
        pad.both(a, SCRATCH);
        DelayedFrees.pushLocal(a, retired.happens() ? empty : null);
        a.bnez(SCRATCH, full);
        end(a, Mark.FREE);
        if (retired.happens()) {
            a.place(empty);
            a.mark(Mark.TIER, 1);
            retired.retire(a);
            end(a, Mark.FREE);
        }
        a.place(full);
        a.mark(Mark.TIER, 1);
        delayedFrees.callUnfull(a);
        end(a, Mark.FREE);
        a.place(foreign);
        delayedFrees.freeForeign(a, cold, ring == null);
    }

    // ---- audit

    @Override
    long ownBlocks(MemoryView memory) {
        return slabs.mostBlocks(memory);
    }

    @Override
    public int sizeClass(MemoryView memory, long block) {
        return slabs.classOf(memory, block);
    }

    @Override
    void audit(Audit audit) {
        for (long page : slabs.all(audit::word)) {
            long owner = slabs.ownerOf(audit::word, audit.word(page + OwnedSlabs.START));
            Place place = abandoned != null && abandoned.isNobody(owner)
                    ? Place.pool("abandoned page")
                    : Place.thread((int) ((owner - heaps) / stride));
            long free = audit.list(page + FREE, place) + audit.list(page + LOCAL, place);
            retired.audit(audit, page, audit.word(page + FRESH), free, place);
            audit.chain(audit.word(page + THREAD_FREE) & ~(long) WANTED, place.as("returned to " + place));
        }
        for (int thread = 0; thread < context.threads(); thread++) {
            Place place = Place.thread(thread);
            audit.list(heaps + stride * thread + DELAYED, place.as("delayed for " + place));
        }
        if (abandoned != null) {
            abandoned.audit(audit);
        }
    }
}
