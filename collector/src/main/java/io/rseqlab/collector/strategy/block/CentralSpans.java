package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * TCMalloc's central free list, to and from which pointers come in arrays: {@link SpanLists} by occupancy. What comes
 * back is looked up before the lock is taken, and the spans' descriptors are loaded, where the real one prefetches
 * them.
 *
 * <p>Subroutines: link in LINK2; they change what SpanLists change, T0 and T1.
 */
public final class CentralSpans {
    /** Most pointers that come back at once. */
    private static final int MOST = 256;

    private static final int FROM = Reg.T0;
    private static final int TO = Reg.T1;
    private static final int LEFT = SpanLists.LEFT;
    private static final int SPAN = SpanLists.SPAN;
    private static final int KEPT = Reg.T5;

    private final PageHeap pages;
    private final SpanLists spans;
    /** Where in a thread's area the address of its array of descriptors stands. */
    private final int descriptors;

    private Assembler.Label fetch;
    private Assembler.Label release;

    /** @param descriptors word of a thread's area that nobody else uses */
    public CentralSpans(Layout layout, BlockClasses classes, PageHeap pages, ThreadAreas areas, int descriptors) {
        spans = new SpanLists(layout, classes, pages, SpanQueues.BY_OCCUPANCY, 0);
        this.pages = pages;
        this.descriptors = descriptors;
        for (int thread = 0; thread < areas.threads(); thread++) {
            layout.word(areas.of(thread) + descriptors, layout.reserve(8L * MOST, 2 * Layout.LINE));
        }
    }

    /** The lists themselves. */
    public SpanLists spans() {
        return spans;
    }

    /** Writes the subroutines here. */
    public void emit(Assembler a, SpinLock locks) {
        fetch = a.label();
        release = a.label();
        emitFetch(a, locks);
        emitRelease(a, locks);
    }

    /**
     * Writes pointers into a buffer.
     *
     * @param buffer register that holds the buffer's address; kept
     * @param number register that says how many at most, and in the end how many came: at least one
     */
    void fetch(Assembler a, int buffer, int number) {
        a.mov(TO, buffer);
        a.mov(LEFT, number);
        a.call(fetch, Reg.LINK2);
        a.sub(number, TO, buffer);
        a.shri(number, number, 3);
    }

    /**
     * Takes back so many objects, at least one, whose pointers lie one behind the other; both registers are changed.
     */
    void release(Assembler a, int pointers, int number) {
        a.mov(LEFT, number);
        a.mov(FROM, pointers);
        a.call(release, Reg.LINK2);
    }

    /** Whole pages go to the system, so many bytes at least if there are; changes A0 to A2, T12 and T13. */
    public void releasePages(Assembler a, SpinLock locks, long bytes) {
        pages.release(a, locks, bytes);
    }

    private void emitFetch(Assembler a, SpinLock locks) {
        a.place(fetch);
        spans.find(a);
        locks.lock(a);
        SpanLists.Part take = b -> {
            b.st64(TO, 0, Reg.A0);
            b.addi(TO, TO, 8);
        };
        spans.take(a, locks, take, SpanLists::atMostASpan);
        locks.unlock(a);
        a.ret(Reg.LINK2);
    }

    private void emitRelease(Assembler a, SpinLock locks) {
        Assembler.Label whole = a.label();
        Assembler.Label out = a.label();
        a.place(release);
        a.ld64(TO, Reg.TLS, descriptors);
        a.mov(KEPT, LEFT);
        Assembler.Label look = a.here();
        a.ld64(Reg.A0, FROM, 0);
        spans.spanOf(a);
        a.st64(TO, 0, SPAN);
        a.ld64(SPAN, SPAN, SpanLists.ALLOCATED);
        a.addi(FROM, FROM, 8);
        a.addi(TO, TO, 8);
        a.djnz(KEPT, look);
        a.shli(KEPT, LEFT, 3);
        a.sub(FROM, FROM, KEPT);
        a.sub(TO, TO, KEPT);
        spans.find(a);
        locks.lock(a);
        spans.begin(a, LEFT);
        Assembler.Label next = a.here();
        a.ld64(Reg.A0, FROM, 0);
        a.ld64(SPAN, TO, 0);
        spans.put(a, whole);
        a.place(out);
        a.addi(FROM, FROM, 8);
        a.addi(TO, TO, 8);
        a.djnz(LEFT, next);
        locks.unlock(a);
        spans.giveBack(a, locks);
        a.ret(Reg.LINK2);
        a.place(whole);
        spans.takeOut(a);
        a.jmp(out);
    }
}
