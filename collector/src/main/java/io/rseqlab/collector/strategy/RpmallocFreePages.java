package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of pages of {@link RpmallocInstance} none of whose blocks is used: the heap has a list of them by kind,
 * from which any of its sizes of that kind takes the one that came last. When there are many, the system gets what lies
 * in all but the last few, their first 4 KiB excepted; who takes such a page finds new memory. No page leaves its heap,
 * which goes as a whole to the next thread. Blocks that are larger than those of all kinds have pages of their own,
 * which go back to the thread's address space.
 *
 * <p>The lists are micro-operations; that pages are idle, and what the system takes, is told to a host service that
 * costs what it declares ({@link HostCall#HOST_IDLE}, {@link HostCall#HOST_IDLE_DISCARD},
 * {@link HostCall#HOST_IDLE_USE}).
 *
 * <p>Source: rpmalloc 2.0 rpmalloc.c: page_available_to_free, page_full_to_available, heap_page_free_decommit,
 * heap_make_free_page_available, heap_get_page_generic, global_page_free_overflow, global_page_free_retain.
 */
final class RpmallocFreePages {
    /** Binary logarithms of how much fewer free pages of a kind than of the smallest are too many. */
    private static final int[] OVERFLOW_SHIFTS = {0, 1, 3};

    private static final int RETAINED_SHIFT = 2;
    /** Where a page's header lies. */
    private static final int SYSTEM_PAGE = 4096;

    // ---- a page's words: the one before it in its queue; 1 where the system has what lies in it
    private static final int PREVIOUS = RpmallocInstance.FRESH + 8;
    static final int DISCARDED = RpmallocInstance.FRESH + 16;

    // ---- of a heap, by kind: the first free page, and how many of them the system does not have
    static final int FREE = 8 * (RpmallocPages.KINDS + 1);
    static final int HERE = 2 * FREE;

    private static final int PAGE = RpmallocInstance.PAGE;
    private static final int HEAP = RpmallocInstance.HEAP;
    private static final int QUEUE = RpmallocInstance.QUEUE;
    private static final int ROW = RpmallocInstance.ROW;
    private static final int LIST = Reg.T0;
    private static final int KIND = Reg.T1;
    private static final int LINK = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int AFTER = Reg.T10;

    private final OwnedSlabs slabs;
    private final int kinds;
    private final int pages;
    private final boolean returned;
    private final int overflow;
    private final int retained;
    private Assembler.Label give;

    /**
     * @param kinds address of a table that says eight times which kind of pages each class has
     * @param pages where from its heap each class's queue begins
     */
    RpmallocFreePages(Settings settings, Layout layout, OwnedSlabs slabs, int kinds, int pages) {
        this.slabs = slabs;
        this.kinds = kinds;
        this.pages = pages;
        returned = settings.chooses(Rpmalloc.FREE_PAGES, Parameters.RETURNED);
        long most = settings.count(Rpmalloc.DISCARD_AT);
        overflow = Math.toIntExact(layout.reserve(8L * RpmallocPages.KINDS, Layout.LINE));
        retained = Math.toIntExact(layout.reserve(8L * RpmallocPages.KINDS, Layout.LINE));
        for (int kind = 0; kind < RpmallocPages.KINDS; kind++) {
            long ofKind = kind < OVERFLOW_SHIFTS.length ? Math.max(1, most >> OVERFLOW_SHIFTS[kind]) : 0;
            layout.word(overflow + 8L * kind, most == 0 ? Long.MAX_VALUE : ofKind);
            layout.word(retained + 8L * kind, kind < OVERFLOW_SHIFTS.length ? most >> RETAINED_SHIFT + kind : 0);
        }
    }

    /** Writes the subroutine. */
    void emit(Assembler a, SpinLock locks) {
        give = a.here();
        if (returned) {
            emitGive(a, locks);
        }
    }

    /**
     * The block in A0 goes to the page's local list; to {@code empty} afterwards if it was the last one in use, to
     * {@code full} if the page was full.
     */
    void pushLocal(Assembler a, Assembler.Label empty, Assembler.Label full) {
        a.ld64(OTHER, PAGE, RpmallocInstance.LOCAL);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.st64(PAGE, RpmallocInstance.LOCAL, Reg.A0);
        a.ld64(OTHER, PAGE, RpmallocInstance.LOCAL_COUNT);
        a.addi(OTHER, OTHER, 1);
        a.st64(PAGE, RpmallocInstance.LOCAL_COUNT, OTHER);
        a.ld64(OTHER, PAGE, RpmallocInstance.USED);
        a.addi(OTHER, OTHER, -1);
        a.st64(PAGE, RpmallocInstance.USED, OTHER);
        if (returned) {
            a.beqz(OTHER, empty);
        }
        a.ld64(SCRATCH, PAGE, RpmallocInstance.FULL);
        a.bnez(SCRATCH, full);
    }

    /** PAGE, full so far, is the first of its size's queue from now on. */
    void available(Assembler a) {
        Assembler.Label alone = a.label();
        a.st64(PAGE, RpmallocInstance.FULL, Reg.ZERO);
        a.ld64(OTHER, PAGE, OwnedSlabs.CLASS);
        a.shli(OTHER, OTHER, 3);
        a.add(OTHER, OTHER, HEAP);
        a.ld64(SCRATCH, OTHER, pages);
        a.st64(PAGE, RpmallocInstance.NEXT, SCRATCH);
        if (returned) {
            a.beqz(SCRATCH, alone);
            a.st64(SCRATCH, PREVIOUS, PAGE);
            a.place(alone);
        }
        a.st64(OTHER, pages, PAGE);
    }

    /** PAGE, in use no more, is free. Keeps T2, T6 to T9 and T11. */
    void give(Assembler a) {
        if (returned) {
            a.call(give, LINK);
        }
    }

    private void emitGive(Assembler a, SpinLock locks) {
        Assembler.Label own = a.label();
        Assembler.Label many = a.label();
        a.ld64(OTHER, PAGE, OwnedSlabs.CLASS);
        leaveQueue(a);
        a.shli(KIND, OTHER, 3);
        a.ld64(KIND, KIND, kinds);
        a.li(SCRATCH, 8L * RpmallocPages.KINDS);
        a.beq(KIND, SCRATCH, own);
        a.add(LIST, KIND, HEAP);
        a.ld64(SCRATCH, LIST, FREE);
        a.st64(PAGE, RpmallocInstance.NEXT, SCRATCH);
        a.st64(LIST, FREE, PAGE);
        a.ld64(Reg.A0, PAGE, OwnedSlabs.START);
        slabs.row(a, Reg.A1, OTHER);
        slabs.slabBytes(a, Reg.A1, Reg.A1);
        a.host(HostCall.HOST_IDLE);
        a.ld64(SCRATCH, LIST, HERE);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(LIST, HERE, SCRATCH);
        a.ld64(OTHER, KIND, overflow);
        a.bge(SCRATCH, OTHER, many);
        a.ret(LINK);
        a.place(many);
        discard(a);
        a.ret(LINK);
        a.place(own);
        clear(a);
        slabs.give(a, locks, PAGE);
        a.ret(LINK);
    }

    /** PAGE, of the class in OTHER, leaves its queue, if it is in one. */
    private void leaveQueue(Assembler a) {
        Assembler.Label full = a.label();
        Assembler.Label behind = a.label();
        Assembler.Label done = a.label();
        a.ld64(SCRATCH, PAGE, RpmallocInstance.FULL);
        a.bnez(SCRATCH, full);
        a.shli(LIST, OTHER, 3);
        a.add(LIST, LIST, HEAP);
        a.ld64(AFTER, PAGE, RpmallocInstance.NEXT);
        a.ld64(SCRATCH, LIST, pages);
        a.bne(SCRATCH, PAGE, behind);
        a.st64(LIST, pages, AFTER);
        a.jmp(done);
        a.place(behind);
        a.ld64(SCRATCH, PAGE, PREVIOUS);
        a.st64(SCRATCH, RpmallocInstance.NEXT, AFTER);
        a.beqz(AFTER, done);
        a.st64(AFTER, PREVIOUS, SCRATCH);
        a.jmp(done);
        a.place(full);
        a.st64(PAGE, RpmallocInstance.FULL, Reg.ZERO);
        a.place(done);
    }

    /** The system gets what lies in the pages of LIST behind the last few; A1 holds the bytes of one. */
    private void discard(Assembler a) {
        Assembler.Label some = a.label();
        Assembler.Label next = a.label();
        Assembler.Label done = a.label();
        a.ld64(OTHER, KIND, retained);
        a.mov(AFTER, PAGE);
        Assembler.Label skip = a.here();
        a.beqz(OTHER, some);
        a.addi(OTHER, OTHER, -1);
        a.ld64(AFTER, AFTER, RpmallocInstance.NEXT);
        a.bnez(AFTER, skip);
        a.jmp(done);
        a.place(some);
        a.addi(Reg.A1, Reg.A1, -SYSTEM_PAGE);
        a.place(next);
        a.ld64(SCRATCH, AFTER, DISCARDED);
        a.bnez(SCRATCH, done);
        a.ld64(Reg.A0, AFTER, OwnedSlabs.START);
        a.addi(Reg.A0, Reg.A0, SYSTEM_PAGE);
        a.host(HostCall.HOST_IDLE_DISCARD);
        a.li(SCRATCH, 1);
        a.st64(AFTER, DISCARDED, SCRATCH);
        a.ld64(SCRATCH, LIST, HERE);
        a.addi(SCRATCH, SCRATCH, -1);
        a.st64(LIST, HERE, SCRATCH);
        a.ld64(AFTER, AFTER, RpmallocInstance.NEXT);
        a.bnez(AFTER, next);
        a.place(done);
    }

    private static void clear(Assembler a) {
        a.st64(PAGE, RpmallocInstance.LOCAL, Reg.ZERO);
        a.st64(PAGE, RpmallocInstance.LOCAL_COUNT, Reg.ZERO);
        a.st64(PAGE, RpmallocInstance.REMOTE, Reg.ZERO);
        a.st64(PAGE, RpmallocInstance.FRESH, Reg.ZERO);
        a.st64(PAGE, RpmallocInstance.NEXT, Reg.ZERO);
    }

    /** If the heap has a free page of the kind, it is the only one of QUEUE, and on at {@code look}. */
    void take(Assembler a, Assembler.Label look) {
        if (!returned) {
            return;
        }
        Assembler.Label none = a.label();
        Assembler.Label gone = a.label();
        Assembler.Label counted = a.label();
        a.shli(LIST, BlockClasses.CLASS, 3);
        a.ld64(LIST, LIST, kinds);
        a.add(LIST, LIST, HEAP);
        a.ld64(PAGE, LIST, FREE);
        a.beqz(PAGE, none);
        a.ld64(SCRATCH, PAGE, RpmallocInstance.NEXT);
        a.st64(LIST, FREE, SCRATCH);
        a.ld64(SCRATCH, PAGE, DISCARDED);
        a.bnez(SCRATCH, gone);
        a.ld64(SCRATCH, LIST, HERE);
        a.addi(SCRATCH, SCRATCH, -1);
        a.st64(LIST, HERE, SCRATCH);
        a.place(counted);
        a.st64(PAGE, OwnedSlabs.CLASS, BlockClasses.CLASS);
        clear(a);
        a.ld64(Reg.A0, PAGE, OwnedSlabs.START);
        slabs.slabBytes(a, Reg.A1, ROW);
        a.host(HostCall.HOST_IDLE_USE);
        a.st64(QUEUE, pages, PAGE);
        a.jmp(look);
        a.place(gone);
        a.st64(PAGE, DISCARDED, Reg.ZERO);
        a.jmp(counted);
        a.place(none);
    }

    // ---- audit

    /** The free pages of a heap, of which as many as are counted are not the system's, and none is used or full. */
    List<Long> audit(Audit audit, long heap, Place place) {
        List<Long> found = new ArrayList<>();
        for (int kind = 0; kind < RpmallocPages.KINDS; kind++) {
            long here = 0;
            long page = audit.word(heap + FREE + 8L * kind);
            while (page != 0 && !found.contains(page)) {
                found.add(page);
                here += 1 - audit.word(page + DISCARDED);
                audit.expect(
                        audit.word(page + RpmallocInstance.USED) == 0,
                        place + ": page 0x" + Long.toHexString(page) + " is among the free ones, and used");
                page = audit.word(page + RpmallocInstance.NEXT);
            }
            audit.expect(page == 0, place + ": the free pages of kind " + kind + " run in a circle");
            long said = audit.word(heap + HERE + 8L * kind);
            audit.expect(
                    here == said,
                    place + ": " + here + " free pages of kind " + kind + " are here, " + said + " are counted");
        }
        return found;
    }

    /** A page that is not free counts its blocks rightly, and is used. */
    void auditUsed(Audit audit, long page, Place place) {
        long used = audit.word(page + RpmallocInstance.USED);
        long local = audit.word(page + RpmallocInstance.LOCAL_COUNT);
        long cut = audit.word(page + RpmallocInstance.FRESH);
        audit.expect(
                used + local == cut,
                place + ": of the " + cut + " blocks of page 0x" + Long.toHexString(page) + " " + local
                        + " are free, and " + used + " are counted as used");
        audit.expect(
                !returned || used > 0, place + ": page 0x" + Long.toHexString(page) + " is empty and no free page");
    }
}
