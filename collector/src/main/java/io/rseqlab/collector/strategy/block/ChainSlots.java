package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * The central list of each size under a spin lock: slots that take chains of exactly one batch by head and tail, and
 * {@link SpanLists} for everything else, one list of spans per size. The operation's class is in
 * {@link BlockClasses#CLASS}. What goes in singly is looked up and put on its span under the lock; what comes out
 * singly comes from spans, and a new span is made for the first block only.
 *
 * <p>Source: gperftools {@code central_freelist.cc}; at most 64 slots and 1 MiB in slots per size.
 */
public final class ChainSlots {
    /** Most slots per size. */
    public static final int MOST_SLOTS = 64;

    private static final int MOST_BATCH = 32;
    private static final int BATCH_BYTES = 64 << 10;
    private static final int SLOTS_BYTES = 1 << 20;

    // ---- what a class has behind its spans
    private static final int USED = SpanQueues.REST;
    private static final int MOST = USED + 8;
    private static final int BATCH = USED + 16;
    private static final int FIRST = USED + 64;
    private static final int SLOT_SHIFT = 4;

    private static final int SLOT = Reg.T10;
    private static final int FIRST_FREE = Reg.T12;
    /** The blocks that came so far. */
    private static final int CHAIN = Reg.T11;

    private final SpanLists spans;

    /** @param slots most slots per size */
    public ChainSlots(Layout layout, BlockClasses classes, PageHeap pages, int slots) {
        spans = new SpanLists(layout, classes, pages, 1, FIRST - USED + (MOST_SLOTS << SLOT_SHIFT));
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            long most = Math.min(slots, Math.max(1, SLOTS_BYTES / ((long) batch(bytes) * bytes)));
            layout.word(spans.of(i) + MOST, most);
            layout.word(spans.of(i) + BATCH, batch(bytes));
        }
    }

    /** Blocks of a batch: 64 KiB of them, 2 at least and 32 at most. */
    public static int batch(int blockBytes) {
        return Math.min(MOST_BATCH, Math.max(2, BATCH_BYTES / blockBytes));
    }

    /** The spans of all sizes. */
    public SpanLists spans() {
        return spans;
    }

    /** Where the head of a slot's chain lies; 0 where the slot is empty. */
    public long slot(int sizeClass, int slot) {
        return spans.of(sizeClass) + FIRST + ((long) slot << SLOT_SHIFT);
    }

    /**
     * A0 = a chain of at most so many blocks, at least one, and {@code count} its length.
     *
     * @param wanted register that says how many; kept
     * @param count register that nothing else here uses
     */
    public void remove(Assembler a, SpinLock locks, int wanted, int count) {
        Assembler.Label singly = a.label();
        Assembler.Label enough = a.label();
        Assembler.Label done = a.label();
        spans.find(a);
        locks.lock(a);
        a.ld64(count, Reg.A1, BATCH);
        a.bne(count, wanted, singly);
        a.ld64(SLOT, Reg.A1, USED);
        a.beqz(SLOT, singly);
        a.addi(SLOT, SLOT, -1);
        a.st64(Reg.A1, USED, SLOT);
        a.shli(SLOT, SLOT, SLOT_SHIFT);
        a.add(SLOT, SLOT, Reg.A1);
        a.ld64(Reg.A0, SLOT, FIRST);
        a.st64(SLOT, FIRST, Reg.ZERO);
        a.jmp(done);

        a.place(singly);
        a.li(CHAIN, 0);
        a.mov(SpanLists.LEFT, wanted);
        SpanLists.Part take = b -> {
            b.st64(Reg.A0, NodeLayout.NEXT, CHAIN);
            b.mov(CHAIN, Reg.A0);
        };
        spans.take(a, locks, take, b -> b.bnez(CHAIN, enough));
        a.place(enough);
        a.mov(Reg.A0, CHAIN);
        a.sub(count, wanted, SpanLists.LEFT);
        a.place(done);
        locks.unlock(a);
    }

    /**
     * Takes in the chain in A0, ended by 0.
     *
     * @param count register that holds its length; changed, as is the next
     * @param tail register that holds its last block
     */
    public void insert(Assembler a, SpinLock locks, int count, int tail) {
        Assembler.Label singly = a.label();
        Assembler.Label whole = a.label();
        Assembler.Label out = a.label();
        Assembler.Label done = a.label();
        spans.find(a);
        locks.lock(a);
        a.ld64(SLOT, Reg.A1, BATCH);
        a.bne(SLOT, count, singly);
        a.ld64(SLOT, Reg.A1, USED);
        a.ld64(FIRST_FREE, Reg.A1, MOST);
        a.bge(SLOT, FIRST_FREE, singly);
        a.addi(FIRST_FREE, SLOT, 1);
        a.st64(Reg.A1, USED, FIRST_FREE);
        a.shli(SLOT, SLOT, SLOT_SHIFT);
        a.add(SLOT, SLOT, Reg.A1);
        a.st64(SLOT, FIRST, Reg.A0);
        a.st64(SLOT, FIRST + 8, tail);
        locks.unlock(a);
        a.jmp(done);

        a.place(singly);
        spans.begin(a, count);
        Assembler.Label next = a.here();
        spans.spanOf(a);
        a.ld64(SpanLists.LEFT, Reg.A0, NodeLayout.NEXT);
        spans.put(a, whole);
        a.place(out);
        a.mov(Reg.A0, SpanLists.LEFT);
        a.bnez(Reg.A0, next);
        locks.unlock(a);
        spans.giveBack(a, locks);
        a.jmp(done);
        a.place(whole);
        spans.takeOut(a);
        a.jmp(out);
        a.place(done);
    }
}
