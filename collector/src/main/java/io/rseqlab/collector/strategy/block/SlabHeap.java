package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.function.LongConsumer;

/**
 * Slabs of a bin that have free blocks, the one at the lowest address first: a pairing heap through the slabs'
 * descriptors, each of which knows its first child, its next sibling, and the sibling or parent before it.
 *
 * <p>Source: Fredman, Sedgewick, Sleator and Tarjan, "The Pairing Heap" (1986); jemalloc {@code ph.h}, {@code bin.c}.
 * jemalloc compares serial numbers of mappings first, which here rise with addresses, and leaves new nodes beside the
 * root until one is wanted.
 *
 * <p>The slab is in {@link #SLAB}, the bin in {@link #BIN}; all here changes A0 to A2, T5, T8, T10, T12 and T13.
 */
final class SlabHeap {
    static final int SLAB = Reg.T11;
    static final int BIN = Reg.T7;

    // ---- a slab's descriptor
    private static final int CHILD = 0;
    /** Also links other lists of slabs, while they are not in a heap. */
    static final int NEXT = 8;

    private static final int PREVIOUS = 16;
    /** What slabs are ordered by. */
    static final int START = 24;

    private static final int FIRST = Reg.A0;
    private static final int SECOND = Reg.A1;
    private static final int SPARE = Reg.A2;
    private static final int PAIRS = Reg.T10;
    private static final int REST = Reg.T5;
    private static final int KEY = Reg.T12;
    private static final int OTHER_KEY = Reg.T8;
    private static final int LINK = Reg.T13;

    private final int root;
    private Assembler.Label remove;
    private Assembler.Label insert;

    /** @param root word of a bin that holds the first slab, 0 for none */
    SlabHeap(int root) {
        this.root = root;
    }

    /** Writes the subroutines here. */
    void emit(Assembler a) {
        remove = a.label();
        insert = a.label();
        emitInsert(a);
        emitRemove(a);
    }

    /** SLAB comes into the heap. */
    void insert(Assembler a) {
        a.call(insert, LINK);
    }

    /** SLAB leaves the heap. */
    void remove(Assembler a) {
        a.call(remove, LINK);
    }

    /** SLAB = the lowest; to {@code none} if there is no slab. */
    void lowest(Assembler a, Assembler.Label none) {
        a.ld64(SLAB, BIN, root);
        a.beqz(SLAB, none);
    }

    private void emitInsert(Assembler a) {
        Assembler.Label alone = a.label();
        a.place(insert);
        a.st64(SLAB, CHILD, Reg.ZERO);
        a.ld64(FIRST, BIN, root);
        a.mov(SECOND, SLAB);
        a.beqz(FIRST, alone);
        merge(a);
        a.st64(BIN, root, FIRST);
        a.ret(LINK);
        a.place(alone);
        a.st64(BIN, root, SLAB);
        a.ret(LINK);
    }

    /** FIRST = the lower of FIRST and SECOND, the other one is its first child. */
    private static void merge(Assembler a) {
        Assembler.Label lower = a.label();
        Assembler.Label only = a.label();
        a.ld64(KEY, FIRST, START);
        a.ld64(OTHER_KEY, SECOND, START);
        a.blt(KEY, OTHER_KEY, lower);
        a.mov(SPARE, FIRST);
        a.mov(FIRST, SECOND);
        a.mov(SECOND, SPARE);
        a.place(lower);
        a.ld64(SPARE, FIRST, CHILD);
        a.st64(SECOND, NEXT, SPARE);
        a.st64(SECOND, PREVIOUS, FIRST);
        a.st64(FIRST, CHILD, SECOND);
        a.beqz(SPARE, only);
        a.st64(SPARE, PREVIOUS, SECOND);
        a.place(only);
    }

    private void emitRemove(Assembler a) {
        Assembler.Label first = a.label();
        Assembler.Label sibling = a.label();
        Assembler.Label cut = a.label();
        Assembler.Label unlinked = a.label();
        Assembler.Label childless = a.label();
        a.place(remove);
        a.ld64(FIRST, BIN, root);
        a.beq(FIRST, SLAB, first);
        a.ld64(SECOND, SLAB, PREVIOUS);
        a.ld64(SPARE, SLAB, NEXT);
        a.ld64(KEY, SECOND, CHILD);
        a.bne(KEY, SLAB, sibling);
        a.st64(SECOND, CHILD, SPARE);
        a.jmp(cut);
        a.place(sibling);
        a.st64(SECOND, NEXT, SPARE);
        a.place(cut);
        a.beqz(SPARE, unlinked);
        a.st64(SPARE, PREVIOUS, SECOND);
        a.place(unlinked);
        pairUp(a, childless, () -> {
            a.ld64(SECOND, BIN, root);
            merge(a);
            a.st64(BIN, root, FIRST);
            a.ret(LINK);
        });
        a.place(childless);
        a.ret(LINK);
        a.place(first);
        Assembler.Label last = a.label();
        pairUp(a, last, () -> {
            a.st64(BIN, root, FIRST);
            a.ret(LINK);
        });
        a.place(last);
        a.st64(BIN, root, Reg.ZERO);
        a.ret(LINK);
    }

    /**
     * FIRST = the heap of SLAB's children: neighbours are merged from first to last, then all from last to first.
     *
     * @param none where to go if there are none
     * @param then writes what follows, and leaves
     */
    private static void pairUp(Assembler a, Assembler.Label none, Runnable then) {
        Assembler.Label odd = a.label();
        Assembler.Label paired = a.label();
        Assembler.Label done = a.label();
        Assembler.Label next = a.label();
        a.ld64(REST, SLAB, CHILD);
        a.beqz(REST, none);
        a.li(PAIRS, 0);
        a.place(next);
        a.mov(FIRST, REST);
        a.ld64(SECOND, FIRST, NEXT);
        a.beqz(SECOND, odd);
        a.ld64(REST, SECOND, NEXT);
        merge(a);
        a.place(odd);
        a.st64(FIRST, NEXT, PAIRS);
        a.mov(PAIRS, FIRST);
        a.beqz(SECOND, paired);
        a.bnez(REST, next);
        a.place(paired);
        a.ld64(PAIRS, FIRST, NEXT);
        Assembler.Label more = a.here();
        a.beqz(PAIRS, done);
        a.mov(SECOND, PAIRS);
        a.ld64(PAIRS, SECOND, NEXT);
        merge(a);
        a.jmp(more);
        a.place(done);
        then.run();
    }

    // ---- audit

    /** Visits the slabs of a bin's heap, at most so many; answers what is wrong with it, null if nothing is. */
    String walk(MemoryView memory, long bin, long most, LongConsumer visitor) {
        long[] left = {most};
        long first = memory.read64(bin + root);
        return first == 0 ? null : walk(memory, first, left, visitor);
    }

    private static String walk(MemoryView memory, long slab, long[] left, LongConsumer visitor) {
        if (left[0]-- <= 0) {
            return "more slabs than there are";
        }
        visitor.accept(slab);
        long before = slab;
        for (long child = memory.read64(slab + CHILD); child != 0; child = memory.read64(child + NEXT)) {
            if (memory.read64(child + PREVIOUS) != before) {
                return "slab 0x" + Long.toHexString(child) + " does not know the one before it";
            }
            if (memory.read64(child + START) <= memory.read64(slab + START)) {
                return "slab 0x" + Long.toHexString(child) + " is not higher than its parent";
            }
            String fault = walk(memory, child, left, visitor);
            if (fault != null) {
                return fault;
            }
            before = child;
        }
        return null;
    }
}
