package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;

/**
 * Doubly linked lists of spans, for each size one, or eight by how many blocks of a span are elsewhere: the list is
 * that of this number's binary digits, the fullest spans first. A word has a bit for each list that is not empty. Where
 * real allocators have an instruction for the lowest bit and one for the number of digits, there is a table here.
 *
 * <p>Source: TCMalloc {@code central_freelist.h} (IndexFor), {@code hinted_tracker_lists.h}; gperftools
 * {@code span.cc}. All of it is under the class's lock; it changes A2, T12 and T13.
 */
final class SpanQueues {
    /** Lists of TCMalloc's spans of a size. */
    static final int BY_OCCUPANCY = 8;

    // ---- a span; a list begins like one, with its first and last span, and behind these its bit
    static final int NEXT = 0;
    private static final int PREVIOUS = 8;
    private static final int BIT = 16;
    private static final int LIST = 16;
    /** First word of a span that is no list's. */
    static final int SPAN_REST = 24;

    // ---- a class: its lock, two words that are not this one's, the bits of lists; others; the lists
    private static final int NONEMPTY = 24;
    /** First word that is no list's. */
    static final int CLASS_REST = 32;

    private static final int LISTS = 64;
    private static final int LIST_BYTES = 32;
    /** First word of a class that its user has. */
    static final int REST = LISTS + BY_OCCUPANCY * LIST_BYTES;

    /** So many blocks elsewhere, or more, mean the first list. */
    private static final int MANY = 1 << BY_OCCUPANCY - 1;

    private static final int SPAN = Reg.T2;
    private static final int KEPT = Reg.T5;
    private static final int D = Reg.T12;
    private static final int E = Reg.T13;
    private static final int F = Reg.A2;

    private final int lists;
    private final int shift;
    private final long base;
    private final int listOf;
    private final int lowest;

    /**
     * @param lists of each class: one, or {@link #BY_OCCUPANCY}
     * @param extra bytes of each class behind {@link #REST}
     */
    SpanQueues(Layout layout, int classes, int lists, int extra) {
        this.lists = lists;
        shift = 32 - Integer.numberOfLeadingZeros(REST + extra - 1);
        base = layout.reserve((long) classes << shift, 1 << shift);
        for (int i = 0; i < classes; i++) {
            for (int list = 0; list < lists; list++) {
                layout.word(list(i, list) + NEXT, list(i, list));
                layout.word(list(i, list) + PREVIOUS, list(i, list));
                layout.word(list(i, list) + BIT, 1L << list);
            }
        }
        listOf = lists == 1 ? 0 : table(layout, MANY + 1, SpanQueues::list);
        lowest = lists == 1 ? 0 : table(layout, 1 << BY_OCCUPANCY, Integer::numberOfTrailingZeros);
    }

    /** The list of spans of which so many blocks are elsewhere, where there are several lists. */
    private static int list(int allocated) {
        int digits = 32 - Integer.numberOfLeadingZeros(allocated);
        return BY_OCCUPANCY - Math.max(1, Math.min(digits, BY_OCCUPANCY));
    }

    /** Address of a table with 16 bits for each number: where in a class the list lies that a function names. */
    private static int table(Layout layout, int entries, IntUnaryOperator list) {
        int table = Math.toIntExact(layout.reserve(2L * entries + 6 & -8L, 2 * Layout.LINE));
        for (int i = 0; i < entries; i += 4) {
            long word = 0;
            for (int j = i; j < Math.min(i + 4, entries); j++) {
                long offset = LISTS + (long) LIST_BYTES * (list.applyAsInt(j) & BY_OCCUPANCY - 1);
                word |= offset << 16 * (j - i);
            }
            layout.word(table + 2L * i, word);
        }
        return table;
    }

    /** Where what a class has lies. */
    long of(int sizeClass) {
        return base + ((long) sizeClass << shift);
    }

    private long list(int sizeClass, int list) {
        return of(sizeClass) + LISTS + (long) list * LIST_BYTES;
    }

    /** A1 = what the class has. */
    void find(Assembler a) {
        a.shli(Reg.A1, BlockClasses.CLASS, shift);
        a.addi(Reg.A1, Reg.A1, Math.toIntExact(base));
    }

    /** SPAN = the one that blocks come from; to {@code none} if no span has a free one. */
    void first(Assembler a, Assembler.Label none) {
        if (lists == 1) {
            a.addi(D, Reg.A1, LISTS);
            a.ld64(SPAN, D, NEXT);
            a.beq(SPAN, D, none);
            return;
        }
        a.ld64(D, Reg.A1, NONEMPTY);
        a.beqz(D, none);
        a.shli(D, D, 1);
        a.ld16(D, D, lowest);
        a.add(D, D, Reg.A1);
        a.ld64(SPAN, D, NEXT);
    }

    /** SPAN leaves its list. */
    void unlist(Assembler a) {
        Assembler.Label others = a.label();
        a.ld64(D, SPAN, NEXT);
        a.ld64(E, SPAN, PREVIOUS);
        a.st64(E, NEXT, D);
        a.st64(D, PREVIOUS, E);
        if (lists > 1) {
            a.bne(D, E, others); // both are the list where it was the only one
            flip(a);
            a.place(others);
        }
    }

    /** SPAN becomes the first of list D. */
    void enlist(Assembler a) {
        Assembler.Label others = a.label();
        a.ld64(E, D, NEXT);
        a.st64(SPAN, NEXT, E);
        a.st64(SPAN, PREVIOUS, D);
        a.st64(SPAN, LIST, D);
        a.st64(D, NEXT, SPAN);
        a.st64(E, PREVIOUS, SPAN);
        if (lists > 1) {
            a.bne(D, E, others);
            flip(a);
            a.place(others);
        }
    }

    /** List D has become empty, or is no longer. */
    private static void flip(Assembler a) {
        a.ld64(E, D, BIT);
        a.ld64(F, Reg.A1, NONEMPTY);
        a.xor(F, F, E);
        a.st64(Reg.A1, NONEMPTY, F);
    }

    /** D = the list for a span of which so many blocks are elsewhere. */
    void listFor(Assembler a, int allocated) {
        if (lists == 1) {
            a.addi(D, Reg.A1, LISTS);
            return;
        }
        Assembler.Label few = a.label();
        a.mov(D, allocated);
        a.li(E, MANY);
        a.bge(E, D, few);
        a.mov(D, E);
        a.place(few);
        a.shli(D, D, 1);
        a.ld16(D, D, listOf);
        a.add(D, D, Reg.A1);
    }

    /** SPAN, of which so many blocks are elsewhere now, goes to the list for that many; changes KEPT. */
    void move(Assembler a, int allocated) {
        if (lists == 1) {
            return;
        }
        Assembler.Label same = a.label();
        listFor(a, allocated);
        a.ld64(E, SPAN, LIST);
        a.beq(D, E, same);
        a.mov(KEPT, D);
        unlist(a);
        a.mov(D, KEPT);
        enlist(a);
        a.place(same);
    }

    /** Visits all spans of a class that are on lists; at most so many. */
    void each(MemoryView memory, int sizeClass, long most, LongConsumer visitor) {
        long left = most;
        for (int i = 0; i < lists; i++) {
            long list = list(sizeClass, i);
            for (long span = memory.read64(list + NEXT);
                    span != list && left-- > 0;
                    span = memory.read64(span + NEXT)) {
                visitor.accept(span);
            }
        }
    }

    /** What is wrong with where a listed span is, of which so many blocks are elsewhere; null if nothing is. */
    String fault(MemoryView memory, int sizeClass, long span, long allocated) {
        long should = list(sizeClass, lists == 1 ? 0 : list((int) allocated));
        long is = memory.read64(span + LIST);
        boolean bit = lists == 1 || (memory.read64(of(sizeClass) + NONEMPTY) & memory.read64(is + BIT)) != 0;
        return is == should && bit
                ? null
                : "with " + allocated + " blocks elsewhere it is on list " + (is - list(sizeClass, 0)) / LIST_BYTES
                        + (bit ? "" : ", which says that it is empty");
    }
}
