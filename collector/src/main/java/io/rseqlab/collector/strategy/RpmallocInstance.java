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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * rpmalloc 2: a thread has a list per size, and pages of blocks of a size behind it. malloc pops from the list; an own
 * free pushes onto the page's {@code local_free}; a foreign one swaps the block onto the page's remote list, whose head
 * is one word of how many blocks it has and where the first lies. When the thread's list is empty the size's first page
 * hands over its local list as a whole; else its remote list, taken by one swap, which need not be counted; else 4 KiB
 * of fresh blocks. A page that has nothing left to hand over is full and leaves the size's queue; a foreign free to it
 * goes to a list that its owner has for all pages of that kind, and looks at once no page of a size is left. An own
 * free to a full page puts it back into the queue.
 *
 * <p>A page whose last block comes home goes to the heap's free pages ({@link RpmallocFreePages}).
 *
 * <p>Pages are found by a page map in place of the span's mask, in as many loads; a block's index counts 16 bytes,
 * where rpmalloc divides by the block's size. A foreign free that finds the page not yet full while its owner is just
 * done with it puts its block onto the remote list of a full page, where it stays until something is freed to that
 * page: as in rpmalloc. Tiers: 0 pop or push, or one swap; 1 the thread's list ran empty, or a page is full no longer
 * or empty; 2 a swap failed, or the lock of the address space was taken.
 */
final class RpmallocInstance extends Common {
    private static final int INDEX_SHIFT = 4;
    private static final int COUNT_SHIFT = 32;

    // ---- a page's words
    static final int LOCAL = OwnedSlabs.OWN_WORDS;
    static final int LOCAL_COUNT = LOCAL + 8;
    /** How many blocks others freed, and where the first lies, in one word. */
    static final int REMOTE = LOCAL + 16;
    /** Blocks that are not in the local list: live, in the thread's list, or in the remote one. */
    static final int USED = LOCAL + 24;

    static final int FULL = LOCAL + 32;
    static final int OWNER = OwnedSlabs.FAR_WORD;
    static final int NEXT = OWNER + 8;
    static final int FRESH = OWNER + 16;
    // two more words are those of the queue and of free pages

    // ---- a thread's heap: lists of what others freed to full pages, by kind; free pages; then per size its list and
    // its pages
    private static final int LISTS = 128;
    private static final int HEAP_ALIGNMENT = 256;
    static final int SELF = ThreadAreas.REST;

    static final int PAGE = Reg.T2;
    static final int HEAP = Reg.T6;
    private static final int SEEN = Reg.T3;
    static final int SCRATCH = Reg.T4;
    static final int OTHER = Reg.T5;
    static final int QUEUE = Reg.T7;
    static final int BLOCK = Reg.T8;
    static final int ENTRY = Reg.T0;
    static final int COUNT = Reg.T1;
    private static final int MADE = Reg.T10;
    static final int ROW = Reg.T11;

    final OwnedSlabs slabs;
    private final long heaps;
    private final long stride;
    private final int pages;
    final RpmallocFreePages freePages;
    private final RpmallocDeferred deferred;
    private final OrphanedHeaps orphans;
    private SpinLock locks;

    RpmallocInstance(Settings settings, StrategyContext context) {
        super(context, 8, BlockClasses.Lookup.NOTHING);
        Layout layout = context.layout();
        int pageShift = (int) settings.count(Parameters.PAGE);
        slabs = new OwnedSlabs(
                layout,
                classes,
                context.threads(),
                pageShift,
                bytes -> RpmallocPages.bytes(bytes, pageShift),
                (bytes, blocks) -> Math.max(1, (int) settings.count(Rpmalloc.EXTEND) / bytes));
        pages = LISTS + 8 * classes.count();
        stride = pages + 8L * classes.count() + HEAP_ALIGNMENT - 1 & -HEAP_ALIGNMENT;
        heaps = layout.reserve(stride * context.threads(), HEAP_ALIGNMENT);
        orphans = context.threadsEnd() ? new OrphanedHeaps(layout, stride) : null;
        for (int thread = 0; thread < context.threads(); thread++) {
            layout.word(threads.of(thread) + SELF, heaps + stride * thread);
        }
        int kinds = Math.toIntExact(layout.reserve(8L * classes.count(), Layout.LINE));
        for (int i = 0; i < classes.count(); i++) {
            layout.word(kinds + 8L * i, 8L * RpmallocPages.kind(classes.sizes().bytes(i), pageShift));
        }
        freePages = new RpmallocFreePages(settings, layout, slabs, kinds, pages);
        deferred = new RpmallocDeferred(slabs, freePages, kinds);
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = new SpinLock(a, cold);
        if (orphans != null) {
            orphans.locks(locks);
        }
        freePages.emit(a, locks);
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        a.ld64(HEAP, Reg.TLS, SELF);
        Assembler.Label again = a.here();
        if (classes.single()) {
            a.mov(QUEUE, HEAP);
        } else {
            a.shli(QUEUE, BlockClasses.CLASS, 3);
            a.add(QUEUE, QUEUE, HEAP);
        }
        a.ld64(Reg.A0, QUEUE, LISTS);
        a.beqz(Reg.A0, empty);
        pop(a);
        end(a, Mark.MALLOC);
        a.place(empty);
        a.mark(Mark.TIER, 1);
        if (orphans != null) {
            Assembler.Label has = a.label();
            orphans.take(a, has);
            a.jmp(again);
            a.place(has);
        }
        refill(a);
    }

    /** The block in A0, of the thread's list, leaves it. */
    private void pop(Assembler a) {
        a.ld64(OTHER, Reg.A0, NodeLayout.NEXT);
        pad.both(a, SCRATCH);
        a.st64(QUEUE, LISTS, OTHER);
    }

    private void refill(Assembler a) {
        Assembler.Label foreign = a.label();
        Assembler.Label fresh = a.label();
        Assembler.Label filled = a.label();
        Assembler.Label none = a.label();
        Assembler.Label make = a.label();
        Assembler.Label served = a.label();
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        slabs.row(a, ROW, BlockClasses.CLASS);
        Assembler.Label look = a.here();
        a.ld64(PAGE, QUEUE, pages);
        a.beqz(PAGE, none);
        a.ld64(Reg.A0, PAGE, LOCAL);
        a.beqz(Reg.A0, foreign);
        a.st64(PAGE, LOCAL, Reg.ZERO);
        a.ld64(COUNT, PAGE, LOCAL_COUNT);
        a.st64(PAGE, LOCAL_COUNT, Reg.ZERO);
        a.place(filled);
        a.ld64(SCRATCH, PAGE, USED);
        a.add(SCRATCH, SCRATCH, COUNT);
        a.st64(PAGE, USED, SCRATCH);
        a.place(served);
        a.mark(Mark.CHAIN, Mark.COUNT_REFILL_OBJECTS, Reg.A0);
        retire(a);
        pop(a);
        end(a, Mark.MALLOC);

        a.place(foreign);
        adopt(a, fresh);
        a.jmp(served);
        a.place(fresh);
        RpmallocPages.extend(a);
        a.jmp(filled);
        a.place(none);
        deferred.take(a, make);
        a.jmp(look);
        a.place(make);
        freePages.take(a, look);
        slabs.make(a, locks, HEAP, MADE, ROW);
        a.st64(MADE, OWNER, HEAP);
        a.st64(QUEUE, pages, MADE);
        a.jmp(look);
    }

    /** A0 = what others have freed into the page, taken whole; to {@code nothing} if there is none. */
    private void adopt(Assembler a, Assembler.Label nothing) {
        Assembler.Label again = a.label();
        a.ld64(SEEN, PAGE, REMOTE);
        a.place(again);
        a.beqz(SEEN, nothing);
        a.mov(OTHER, SEEN);
        a.cas64(SEEN, PAGE, REMOTE, OTHER, Reg.ZERO);
        a.bne(SEEN, OTHER, again);
        block(a, Reg.A0, OTHER, SCRATCH);
    }

    /** rd = the first block of a remote list that is not empty. */
    private static void block(Assembler a, int rd, int remote, int temporary) {
        a.shli(rd, remote, COUNT_SHIFT);
        a.shri(rd, rd, COUNT_SHIFT - INDEX_SHIFT);
        a.ld64(temporary, PAGE, OwnedSlabs.START);
        a.add(rd, rd, temporary);
    }

    /** A page that has handed over all it had leaves the queue, unless others have freed into it meanwhile. */
    private void retire(Assembler a) {
        Assembler.Label more = a.label();
        a.ld64(SCRATCH, PAGE, USED);
        a.ld64(OTHER, ROW, OwnedSlabs.BLOCKS);
        a.bne(SCRATCH, OTHER, more);
        a.ld64(SCRATCH, PAGE, REMOTE);
        a.bnez(SCRATCH, more);
        a.ld64(OTHER, PAGE, NEXT);
        a.st64(QUEUE, pages, OTHER);
        a.li(SCRATCH, 1);
        a.st64(PAGE, FULL, SCRATCH);
        a.place(more);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label foreign = a.label();
        Assembler.Label full = a.label();
        Assembler.Label empty = a.label();
        slabs.entry(a, ENTRY, Reg.A0);
        slabs.metadata(a, PAGE, ENTRY);
        a.ld64(OTHER, PAGE, OWNER);
        a.ld64(HEAP, Reg.TLS, SELF);
        a.bne(OTHER, HEAP, foreign);
        pad.both(a, SCRATCH);
        freePages.pushLocal(a, empty, full);
        end(a, Mark.FREE);
        a.place(full);
        a.mark(Mark.TIER, 1);
        freePages.available(a);
        end(a, Mark.FREE);
        a.place(empty);
        a.mark(Mark.TIER, 1);
        freePages.give(a);
        end(a, Mark.FREE);
        a.place(foreign);
        freeForeign(a, cold);
    }

    private void freeForeign(Assembler a, Cold cold) {
        Assembler.Label again = a.label();
        Assembler.Label failed = a.label();
        Assembler.Label first = a.label();
        Assembler.Label linked = a.label();
        Assembler.Label full = a.label();
        a.ld64(SCRATCH, PAGE, FULL);
        a.bnez(SCRATCH, full);
        a.ld64(SEEN, PAGE, REMOTE);
        a.ld64(BLOCK, PAGE, OwnedSlabs.START);
        a.sub(BLOCK, Reg.A0, BLOCK);
        a.shri(BLOCK, BLOCK, INDEX_SHIFT);
        a.place(again);
        a.mov(OTHER, SEEN);
        a.beqz(OTHER, first);
        block(a, SCRATCH, OTHER, COUNT);
        a.st64(Reg.A0, NodeLayout.NEXT, SCRATCH);
        a.place(linked);
        a.shri(SCRATCH, OTHER, COUNT_SHIFT);
        a.addi(SCRATCH, SCRATCH, 1);
        a.shli(SCRATCH, SCRATCH, COUNT_SHIFT);
        a.or(SCRATCH, SCRATCH, BLOCK);
        a.cas64(SEEN, PAGE, REMOTE, OTHER, SCRATCH);
        a.bne(SEEN, OTHER, failed);
        end(a, Mark.FREE);
        a.place(first);
        a.st64(Reg.A0, NodeLayout.NEXT, Reg.ZERO);
        a.jmp(linked);
        a.place(full);
        deferred.defer(a, cold);
        cold.later(() -> {
            a.place(failed);
            a.mark(Mark.TIER, 2);
            a.jmp(again);
        });
    }

    @Override
    void threadEnd(Assembler a, Cold cold) {
        orphans.leave(a);
    }

    // ---- audit

    @Override
    long ownBlocks(MemoryView memory) {
        return slabs.mostBlocks(memory);
    }

    @Override
    public int sizeClass(MemoryView memory, long block) {
        return slabs.classIn(memory, block);
    }

    @Override
    void audit(Audit audit) {
        Map<Long, Place> places = OrphanedHeaps.places(audit, context, threads);
        Set<Long> idle = new HashSet<>();
        for (long heap = heaps; heap < heaps + stride * context.threads(); heap += stride) {
            idle.addAll(freePages.audit(audit, heap, places.getOrDefault(heap, OrphanedHeaps.NOBODY)));
        }
        List<Long> all = slabs.all(audit::word);
        all.removeAll(idle);
        for (long page : all) {
            // a page that is just being made has no owner yet
            Place place = places.getOrDefault(Math.max(heaps, audit.word(page + OWNER)), OrphanedHeaps.NOBODY);
            audit.listOfLength(page + LOCAL, page + LOCAL_COUNT, place);
            freePages.auditUsed(audit, page, place);
            long remote = audit.word(page + REMOTE);
            long first = audit.word(page + OwnedSlabs.START) + ((remote & 0xffff_ffffL) << INDEX_SHIFT);
            long length = audit.chain(remote == 0 ? 0 : first, place.as("returned to " + place));
            audit.expect(
                    length == remote >>> COUNT_SHIFT,
                    place + ": " + length + " blocks were returned, " + (remote >>> COUNT_SHIFT) + " are counted");
        }
        for (long heap = heaps; heap < heaps + stride * context.threads(); heap += stride) {
            Place place = places.getOrDefault(heap, OrphanedHeaps.NOBODY);
            for (int kind = 0; kind <= RpmallocPages.KINDS; kind++) {
                audit.list(heap + RpmallocDeferred.LISTS + 8L * kind, place.as("deferred for " + place));
            }
            for (int i = 0; i < classes.count(); i++) {
                audit.list(heap + LISTS + 8L * i, place);
            }
        }
    }
}
