package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BitTables;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import java.util.List;

/**
 * The abandoned pages of {@link MimallocV3Instance} in which something is free: a bit per page in a map per size, and
 * how many there are. Only who owns a page sets or clears its bit, so a bit may be stale by the time it is read: who
 * found it must become the owner first, and finds then what is free.
 *
 * <p>Source: mimalloc 3 arena.c; there who looks clears the bit before it tries to become the owner, and sets it again
 * if it does not, in as many locked operations. Layers above the map, which skip empty parts of it, are left out: each
 * thread begins where it found something last.
 *
 * <p>Changes A1, A2, T0, T1, T3 to T5, T8, T10, T12 and T13; the page is in {@link MimallocV3Instance#PAGE}.
 */
final class AbandonedPages {
    /** Binary logarithm of the bytes of a run's address space. */
    private static final int REACH_SHIFT = 33;

    private static final int WORD_SHIFT = 6;
    private static final int LINE_SHIFT = 6;
    private static final int BYTE_SHIFT = 3;

    private static final int PAGE = MimallocV3Instance.PAGE;
    private static final int CLASS = Reg.T9;
    private static final int MAP = Reg.A1;
    private static final int COUNTS = Reg.A2;
    private static final int WORD = Reg.T0;
    private static final int LEFT = Reg.T1;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int AT = Reg.T8;
    private static final int END = Reg.T10;
    private static final int BITS = Reg.T12;
    private static final int BIT = Reg.T13;

    private final int classes;
    private final int mapShift;
    private final int maps;
    private final int counts;
    private final int pages;
    private final int made;
    private final BitTables bits;

    /** @param pageShift binary logarithm of the smallest page's bytes */
    AbandonedPages(Layout layout, int classes, int pageShift) {
        this.classes = classes;
        mapShift = REACH_SHIFT - pageShift - BYTE_SHIFT;
        maps = reserve(layout, (long) classes << mapShift);
        counts = reserve(layout, (long) classes << LINE_SHIFT);
        pages = reserve(layout, 8L << REACH_SHIFT - pageShift);
        made = reserve(layout, 8);
        bits = new BitTables(layout);
    }

    private static int reserve(Layout layout, long bytes) {
        return Math.toIntExact(layout.reserve(bytes, 2 * Layout.LINE));
    }

    /** A new page gets a number. */
    void number(Assembler a) {
        a.li(SCRATCH, 1);
        a.xadd(SCRATCH, Reg.ZERO, made, SCRATCH);
        a.st64(PAGE, MimallocV3Instance.NUMBER, SCRATCH);
        a.shli(SCRATCH, SCRATCH, 3);
        a.st64(SCRATCH, pages, PAGE);
    }

    private void find(Assembler a, int sizeClass) {
        a.shli(MAP, sizeClass, mapShift);
        a.addi(MAP, MAP, maps);
        a.shli(COUNTS, sizeClass, LINE_SHIFT);
        a.addi(COUNTS, COUNTS, counts);
    }

    /**
     * PAGE = a page of the size in {@link #CLASS} that was abandoned and is this thread's now, out of the map; to
     * {@code nothing} if none is found.
     *
     * @param hint offset in the thread's area of a word that says where something was found last
     * @param another where to go with a page that has become another size's meanwhile, and is this thread's
     */
    void claim(Assembler a, int hint, Assembler.Label nothing, Assembler.Label another) {
        Assembler.Label within = a.label();
        Assembler.Label some = a.label();
        find(a, CLASS);
        a.ld64(SCRATCH, COUNTS, 0);
        a.beqz(SCRATCH, nothing);
        a.ld64(END, Reg.ZERO, made);
        a.addi(END, END, Long.SIZE - 1);
        a.shri(END, END, WORD_SHIFT);
        a.mov(LEFT, END);
        a.ld64(AT, Reg.TLS, hint);
        Assembler.Label next = a.here();
        a.blt(AT, END, within);
        a.li(AT, 0);
        a.place(within);
        a.shli(WORD, AT, 3);
        a.add(WORD, WORD, MAP);
        a.ld64(BITS, WORD, 0);
        a.bnez(BITS, some);
        Assembler.Label on = a.here();
        a.addi(AT, AT, 1);
        a.djnz(LEFT, next);
        a.jmp(nothing);

        Assembler.Label lost = a.label();
        a.place(some);
        lowest(a);
        a.shli(OTHER, AT, WORD_SHIFT);
        a.add(OTHER, OTHER, BIT);
        a.shli(OTHER, OTHER, 3);
        a.ld64(PAGE, OTHER, pages);
        a.ld64(SEEN, PAGE, MimallocV3Instance.THREAD_FREE);
        a.andi(OTHER, SEEN, MimallocV3Instance.OWNED);
        a.bnez(OTHER, lost);
        a.addi(OTHER, SEEN, MimallocV3Instance.OWNED);
        a.mov(SCRATCH, SEEN);
        a.cas64(SEEN, PAGE, MimallocV3Instance.THREAD_FREE, SCRATCH, OTHER);
        Assembler.Label claimed = a.label();
        a.beq(SEEN, SCRATCH, claimed);
        a.place(lost);
        a.addi(SCRATCH, BITS, -1);
        a.and(BITS, BITS, SCRATCH);
        a.bnez(BITS, some);
        a.jmp(on);
        a.place(claimed);
        a.ld64(OTHER, PAGE, OwnedSlabs.CLASS);
        a.bne(OTHER, CLASS, another);
        a.st64(Reg.TLS, hint, AT);
        leave(a);
    }

    /** BIT = the number of BITS's lowest bit. */
    private void lowest(Assembler a) {
        BitTables.lowest(a, BIT, BITS);
        BitTables.sequence(a, OTHER);
        bits.number(a, BIT, OTHER);
    }

    /** PAGE, which this thread owns, is in the map from now on. */
    void enter(Assembler a) {
        Assembler.Label done = a.label();
        a.ld64(SCRATCH, PAGE, MimallocV3Instance.MAPPED);
        a.bnez(SCRATCH, done);
        a.li(SCRATCH, 1);
        change(a);
        a.place(done);
    }

    /** PAGE, which this thread owns, is not in the map from now on. */
    void leave(Assembler a) {
        Assembler.Label done = a.label();
        a.ld64(SCRATCH, PAGE, MimallocV3Instance.MAPPED);
        a.beqz(SCRATCH, done);
        a.li(SCRATCH, 0);
        change(a);
        a.place(done);
    }

    /** Turns the page's bit, which nobody else does, and counts: MAPPED = SCRATCH. */
    private void change(Assembler a) {
        a.st64(PAGE, MimallocV3Instance.MAPPED, SCRATCH);
        a.shli(SCRATCH, SCRATCH, 1);
        a.addi(END, SCRATCH, -1);
        a.ld64(OTHER, PAGE, OwnedSlabs.CLASS);
        find(a, OTHER);
        a.ld64(OTHER, PAGE, MimallocV3Instance.NUMBER);
        a.shri(WORD, OTHER, WORD_SHIFT);
        a.shli(WORD, WORD, 3);
        a.add(WORD, WORD, MAP);
        a.andi(BIT, OTHER, Long.SIZE - 1);
        bits.bit(a, BIT);
        a.ld64(SEEN, WORD, 0);
        Assembler.Label again = a.here();
        a.mov(SCRATCH, SEEN);
        a.xor(OTHER, SCRATCH, BIT);
        a.cas64(SEEN, WORD, 0, SCRATCH, OTHER);
        a.bne(SEEN, SCRATCH, again);
        a.xadd(SCRATCH, COUNTS, 0, END);
    }

    /** Holds the maps against what pages say. */
    void audit(Audit audit, List<Long> all) {
        long[] mapped = new long[classes];
        for (long page : all) {
            int sizeClass = (int) audit.word(page + OwnedSlabs.CLASS);
            long number = audit.word(page + MimallocV3Instance.NUMBER);
            long word = audit.word(maps + ((long) sizeClass << mapShift) + (number >> WORD_SHIFT << 3));
            long said = audit.word(page + MimallocV3Instance.MAPPED);
            audit.expect(
                    (word >>> number & 1) == said,
                    "page " + number + " of class " + sizeClass + " says " + said + " and the map of abandoned pages"
                            + " otherwise");
            mapped[sizeClass] += said;
        }
        for (int i = 0; i < classes; i++) {
            long said = audit.word(counts + ((long) i << LINE_SHIFT));
            audit.expect(
                    mapped[i] == said, mapped[i] + " pages of class " + i + " are abandoned, " + said + " are counted");
        }
    }
}
