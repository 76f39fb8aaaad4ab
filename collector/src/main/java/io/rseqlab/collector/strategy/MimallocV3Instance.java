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
 * mimalloc 3: pages with the three lists of {@link MimallocInstance}, and an owner that may change. A bit in
 * {@code thread_free} says that somebody owns the page. malloc pops from {@code free} of the size's first page; when
 * that is empty the size's queue is walked for a page that has something in local_free, thread_free or fresh blocks,
 * which comes to the front. Full pages on the way stay as long as there are no more than {@code retain}; others are
 * abandoned: they leave the queue, have no thread and lose the bit. A foreign free swaps its block onto thread_free and
 * sets the bit with it. Who finds that it was not set has become the owner: it collects what was freed, takes the page
 * into its own queue if it may ({@code reclaim}), or else enters the page in {@link AbandonedPages}, where all threads
 * look before they make a page, and clears the bit. There is no list of delayed blocks.
 *
 * <p>A page none of whose blocks is used goes back, a size's only one after a while ({@link RetiredPages}), an
 * abandoned one when who frees its last block owns it. Pages are a host service behind one lock ({@link OwnedSlabs}),
 * where the real one claims bits of a map.
 *
 * <p>Left out: the collect of every 10 000th time; the search for the fullest of some pages; the page map has one
 * level. A page that is taken in goes behind the first of its size, not to the end. Tiers: 0 pop or push, or one swap
 * onto an owned page; 1 a page ran empty, or an abandoned one was freed into; 2 a swap failed, or the lock of the
 * address space was taken.
 */
final class MimallocV3Instance extends Common {
    private static final int LEAST_EXTENSION = 4;

    // ---- a page's words
    static final int FREE = OwnedSlabs.OWN_WORDS;
    static final int LOCAL = FREE + 8;
    static final int THREAD_FREE = FREE + 16;
    static final int USED = FREE + 24;
    /** The thread's heap, 0 of an abandoned page. */
    static final int OWNER = FREE + 32;

    static final int NEXT = OwnedSlabs.FAR_WORD;
    static final int FRESH = NEXT + 8;
    /** The heap that the page was in last. */
    static final int HOME = NEXT + 16;

    static final int NUMBER = NEXT + 24;
    /** 1 if the page is in the map of abandoned pages; changed by owners only. */
    static final int MAPPED = NEXT + 32;

    /** Bit of THREAD_FREE: somebody owns the page. */
    static final int OWNED = 1;

    // ---- a thread's heap: first page per size
    static final int PAGES = 64;
    private static final int HEAP_ALIGNMENT = 256;
    private static final int SELF = ThreadAreas.REST;
    private static final int HINT = ThreadAreas.REST + 8;

    private static final int ENTRY = Reg.T0;
    static final int LINK = Reg.T1;
    static final int PAGE = Reg.T2;
    static final int HEAP = Reg.T6;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    static final int QUEUE = Reg.T7;
    private static final int LEFT = Reg.T8;
    private static final int MADE = Reg.T10;
    private static final int ROW = Reg.T11;

    final OwnedSlabs slabs;
    private final AbandonedPages abandoned;
    private final PageLinks links;
    private final RetiredPages retired;
    private final long heaps;
    private final long stride;
    private final long none;
    private final int retain;
    private final String reclaim;
    private SpinLock locks;

    MimallocV3Instance(Settings settings, StrategyContext context) {
        super(context, 16, BlockClasses.Lookup.NOTHING);
        Layout layout = context.layout();
        retain = (int) settings.count(MimallocV3.RETAIN);
        reclaim = settings.choice(MimallocV3.RECLAIM);
        int pageShift = (int) settings.count(Parameters.PAGE);
        slabs = new OwnedSlabs(
                layout,
                classes,
                0,
                pageShift,
                bytes -> MimallocV3.pageBytes(bytes, pageShift),
                (bytes, blocks) -> Math.max(LEAST_EXTENSION, (int) settings.count(MimallocV3.EXTEND) / bytes));
        abandoned = new AbandonedPages(layout, classes.count(), pageShift);
        none = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        links = new PageLinks(slabs, abandoned, none);
        retired = new RetiredPages(
                slabs, PageLinks.WORDS, links, classes.count(), (int) settings.count(Parameters.RETIRE));
        stride = PAGES + 8L * classes.count() + HEAP_ALIGNMENT - 1 & -HEAP_ALIGNMENT;
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
        links.locks(locks);
        retired.emit(a);
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        a.ld64(HEAP, Reg.TLS, SELF);
        queue(a, BlockClasses.CLASS);
        a.ld64(PAGE, QUEUE, PAGES);
        a.ld64(Reg.A0, PAGE, FREE);
        a.beqz(Reg.A0, empty);
        pop(a);
        end(a, Mark.MALLOC);
        a.place(empty);
        generic(a);
    }

    /** QUEUE = where the queue of the class in a register lies, less PAGES. */
    private void queue(Assembler a, int sizeClass) {
        if (classes.single()) {
            a.mov(QUEUE, HEAP);
        } else {
            a.shli(QUEUE, sizeClass, 3);
            a.add(QUEUE, QUEUE, HEAP);
        }
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

    private void generic(Assembler a) {
        Assembler.Label walk = a.label();
        Assembler.Label kept = a.label();
        Assembler.Label found = a.label();
        Assembler.Label fetched = a.label();
        Assembler.Label fetch = a.label();
        Assembler.Label full = a.label();
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        slabs.row(a, ROW, BlockClasses.CLASS);
        a.li(LEFT, retain + 1);
        a.addi(LINK, QUEUE, PAGES);
        a.place(walk);
        a.ld64(PAGE, LINK, 0);
        a.li(SCRATCH, none);
        a.beq(PAGE, SCRATCH, fetch);
        a.place(fetched);
        available(a, full);
        a.place(found);
        links.toFront(a);
        retired.used(a);
        a.mark(Mark.CHAIN, Mark.COUNT_REFILL_OBJECTS, Reg.A0);
        pop(a);
        end(a, Mark.MALLOC);

        a.place(full);
        a.djnz(LEFT, kept);
        a.li(LEFT, 1);
        links.abandon(a, walk);
        a.jmp(walk);
        a.place(kept);
        a.addi(LINK, PAGE, NEXT);
        a.jmp(walk);

        a.place(fetch);
        fetch(a);
        // malloc goes on with this page, whatever others have freed into the queue's pages meanwhile
        a.li(LEFT, retain + 1);
        links.link(a);
        a.jmp(fetched);
    }

    /** A0 = the first of the page's free blocks, which no list needs to have but free; to {@code full} if none. */
    private void available(Assembler a, Assembler.Label full) {
        Assembler.Label some = a.label();
        Assembler.Label foreign = a.label();
        Assembler.Label extend = a.label();
        a.ld64(Reg.A0, PAGE, FREE);
        a.bnez(Reg.A0, some);
        a.ld64(Reg.A0, PAGE, LOCAL);
        a.beqz(Reg.A0, foreign);
        a.st64(PAGE, LOCAL, Reg.ZERO);
        a.jmp(some);
        a.place(foreign);
        ThreadFree.collect(a, extend);
        a.jmp(some);
        a.place(extend);
        extend(a, full);
        a.place(some);
    }

    /** A0 = fresh blocks of the page; to {@code full} if there are none. */
    private static void extend(Assembler a, Assembler.Label full) {
        a.ld64(OTHER, PAGE, FRESH);
        a.ld64(SCRATCH, ROW, OwnedSlabs.BLOCKS);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.beqz(SCRATCH, full);
        OwnedSlabs.extend(a, PAGE, FRESH, ROW, SEEN);
    }

    /** The size's queue has one page more: an abandoned one in which something is free, or a new one. */
    private void fetch(Assembler a) {
        Assembler.Label make = a.label();
        Assembler.Label another = a.label();
        Assembler.Label numbered = a.label();
        Assembler.Label adopted = a.label();
        abandoned.claim(a, HINT, make, another);
        a.jmp(adopted);
        a.place(another);
        release(a);
        a.place(make);
        retired.collect(a);
        slabs.make(a, locks, HEAP, MADE, ROW);
        a.mov(PAGE, MADE);
        a.li(SCRATCH, OWNED);
        a.st64(PAGE, THREAD_FREE, SCRATCH);
        a.ld64(SCRATCH, PAGE, NUMBER);
        a.bnez(SCRATCH, numbered);
        abandoned.number(a);
        a.place(numbered);
        a.place(adopted);
        links.adopt(a);
    }

    /** PAGE, which this thread owns and nobody has, can be found by all and is nobody's. */
    private void release(Assembler a) {
        Assembler.Label taken = a.label();
        Assembler.Label again = a.here();
        ThreadFree.collect(a, taken);
        ThreadFree.toFree(a);
        a.place(taken);
        abandoned.enter(a);
        a.li(OTHER, OWNED);
        a.cas64(SEEN, PAGE, THREAD_FREE, OTHER, Reg.ZERO);
        a.bne(SEEN, OTHER, again);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label foreign = a.label();
        Assembler.Label again = a.label();
        Assembler.Label failed = a.label();
        Assembler.Label ours = a.label();
        Assembler.Label empty = a.label();
        slabs.entry(a, ENTRY, Reg.A0);
        slabs.metadata(a, PAGE, ENTRY);
        a.ld64(OTHER, PAGE, OWNER);
        a.ld64(HEAP, Reg.TLS, SELF);
        a.bne(OTHER, HEAP, foreign);
        pad.both(a, SCRATCH);
        a.ld64(OTHER, PAGE, LOCAL);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.st64(PAGE, LOCAL, Reg.A0);
        a.ld64(OTHER, PAGE, USED);
        a.addi(OTHER, OTHER, -1);
        a.st64(PAGE, USED, OTHER);
        if (retired.happens()) {
            a.beqz(OTHER, empty);
            end(a, Mark.FREE);
            a.place(empty);
            a.mark(Mark.TIER, 1);
            retired.retire(a);
        }
        end(a, Mark.FREE);

        a.place(foreign);
        a.ld64(OTHER, PAGE, THREAD_FREE);
        a.place(again);
        a.andi(SCRATCH, OTHER, -1 - OWNED);
        a.st64(Reg.A0, NodeLayout.NEXT, SCRATCH);
        a.addi(SCRATCH, Reg.A0, OWNED);
        a.cas64(SEEN, PAGE, THREAD_FREE, OTHER, SCRATCH);
        a.bne(SEEN, OTHER, failed);
        a.andi(SCRATCH, SEEN, OWNED);
        a.beqz(SCRATCH, ours);
        end(a, Mark.FREE);
        a.place(ours);
        settle(a);
        end(a, Mark.FREE);
        cold.later(() -> {
            a.place(failed);
            a.mark(Mark.TIER, 2);
            a.mov(OTHER, SEEN);
            a.jmp(again);
        });
    }

    /** PAGE was abandoned and is this thread's since the free: it goes back, is taken in, or all may find it. */
    private void settle(Assembler a) {
        Assembler.Label collected = a.label();
        Assembler.Label used = a.label();
        Assembler.Label enter = a.label();
        Assembler.Label done = a.label();
        a.mark(Mark.TIER, 1);
        ThreadFree.collect(a, collected);
        ThreadFree.toFree(a);
        a.place(collected);
        if (retired.happens()) {
            a.ld64(OTHER, PAGE, USED);
            a.bnez(OTHER, used);
            links.giveAbandoned(a);
            a.jmp(done);
            a.place(used);
        }
        if (!reclaim.equals("never")) {
            if (reclaim.equals(MimallocV3.OWN)) {
                a.ld64(OTHER, PAGE, HOME);
                a.bne(OTHER, HEAP, enter);
            }
            abandoned.leave(a);
            a.ld64(SCRATCH, PAGE, OwnedSlabs.CLASS);
            queue(a, SCRATCH);
            links.adopt(a);
            a.jmp(done);
        }
        a.place(enter);
        release(a);
        a.place(done);
    }

    @Override
    void threadEnd(Assembler a, Cold cold) {
        a.ld64(HEAP, Reg.TLS, SELF);
        a.st64(Reg.TLS, HINT, Reg.ZERO);
        new EndedHeap(slabs, abandoned, none, classes.count(), retired.happens() ? links : null).abandon(a);
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
            long owner = audit.word(page + OWNER);
            Place place = owner == 0 ? Place.pool("abandoned page") : Place.thread((int) ((owner - heaps) / stride));
            long free = audit.list(page + FREE, place) + audit.list(page + LOCAL, place);
            if (owner != 0) {
                retired.audit(audit, page, audit.word(page + FRESH), free, place);
            }
            audit.chain(audit.word(page + THREAD_FREE) & ~(long) OWNED, place.as("returned to " + place));
            audit.expect(
                    owner == 0 == ((audit.word(page + THREAD_FREE) & OWNED) == 0),
                    "page at 0x" + Long.toHexString(page) + ": a thread has it, but nobody owns it, or the reverse");
            audit.expect(
                    owner != 0 || audit.word(page + FREE) == 0 || audit.word(page + MAPPED) == 1,
                    "page at 0x" + Long.toHexString(page) + " has free blocks, and nobody can find it");
        }
        abandoned.audit(audit, slabs.all(audit::word));
    }
}
