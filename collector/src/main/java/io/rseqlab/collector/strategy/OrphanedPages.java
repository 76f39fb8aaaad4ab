package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.SpinLock;
import java.util.function.Consumer;

/**
 * Pages of threads that have ended, as mimalloc 2 has them. A thread that ends asks no page to tell it of foreign frees
 * any more, takes in what was told it, and abandons all its pages: they belong to nobody, and everybody's frees go onto
 * their {@code thread_free}. A thread that would make a page adopts an abandoned one of the size first.
 *
 * <p>Foreign frees that are under way while a page changes hands may tell a heap that no longer has it. What a thread
 * is told of others' pages it frees as a foreign block; what nobody was told, the next one to adopt a page.
 *
 * <p>Source: mi_heap_collect_ex with MI_ABANDON in heap.c, _mi_page_abandon in page.c and the reclaiming of abandoned
 * segments in segment.c of mimalloc 2. One list per size under one lock stands for its list of segments, of which a
 * reclaiming thread takes all pages at once.
 */
final class OrphanedPages {
    /** In a heap: the first of all its pages. */
    private static final int ALL = 136;
    /** In a page: the next of all pages of its heap, or of the abandoned ones of its size. */
    private static final int NEXT_OF_ALL = OwnedSlabs.SECOND_FAR_WORD;
    /** The one before it of all pages of its heap. */
    private static final int PREVIOUS_OF_ALL = OwnedSlabs.SECOND_FAR_WORD + 24;

    // ---- the nobody that abandoned pages belong to: what it was told, a lock, first pages by size
    private static final int LOCK = 128;
    private static final int FIRST = 192;
    private static final int ALIGNMENT = 256;

    private static final int ENTRY = Reg.T0;
    private static final int OWNER = Reg.T1;
    private static final int PAGE = MimallocInstance.PAGE;
    private static final int SEEN = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int OTHER = Reg.T5;
    private static final int HEAP = MimallocInstance.HEAP;
    private static final int BLOCK = MimallocInstance.BLOCK;
    private static final int NOBODYS = Reg.T11;

    private final OwnedSlabs slabs;
    private final long nobody;
    private SpinLock locks;
    private Assembler.Label give;

    OrphanedPages(Layout layout, BlockClasses classes, OwnedSlabs slabs) {
        this.slabs = slabs;
        nobody = layout.reserve(FIRST + 8L * classes.count() + ALIGNMENT - 1 & -ALIGNMENT, ALIGNMENT);
    }

    /** Writes the subroutine. */
    void emit(Assembler a, SpinLock newLocks) {
        locks = newLocks;
        give = a.label();
        emitGive(a);
    }

    /** The page becomes one of the heap's. */
    void made(Assembler a) {
        Assembler.Label first = a.label();
        a.ld64(OTHER, HEAP, ALL);
        a.st64(PAGE, NEXT_OF_ALL, OTHER);
        a.st64(PAGE, PREVIOUS_OF_ALL, Reg.ZERO);
        a.beqz(OTHER, first);
        a.st64(OTHER, PREVIOUS_OF_ALL, PAGE);
        a.place(first);
        a.st64(HEAP, ALL, PAGE);
    }

    /** The page is none of the heap's any more. Changes SCRATCH and OTHER. */
    void leave(Assembler a) {
        Assembler.Label last = a.label();
        Assembler.Label first = a.label();
        Assembler.Label done = a.label();
        a.ld64(OTHER, PAGE, NEXT_OF_ALL);
        a.ld64(SCRATCH, PAGE, PREVIOUS_OF_ALL);
        a.beqz(OTHER, last);
        a.st64(OTHER, PREVIOUS_OF_ALL, SCRATCH);
        a.place(last);
        a.beqz(SCRATCH, first);
        a.st64(SCRATCH, NEXT_OF_ALL, OTHER);
        a.jmp(done);
        a.place(first);
        a.st64(HEAP, ALL, OTHER);
        a.place(done);
    }

    /**
     * At {@code adopted} with a page of the class as the queue's current one; behind this where there is none.
     *
     * @param enter writes how PAGE becomes that
     */
    void adopt(Assembler a, Assembler.Label adopted, Consumer<Assembler> enter) {
        Assembler.Label none = a.label();
        Assembler.Label raced = a.label();
        Assembler.Label told = a.label();
        Assembler.Label next = a.label();
        a.shli(SCRATCH, BlockClasses.CLASS, 3);
        a.ld64(OTHER, SCRATCH, Math.toIntExact(nobody + FIRST));
        a.beqz(OTHER, none);
        a.li(NOBODYS, nobody);
        a.ld64(OTHER, NOBODYS, MimallocInstance.DELAYED);
        a.beqz(OTHER, told);
        a.xchg(BLOCK, NOBODYS, MimallocInstance.DELAYED, Reg.ZERO);
        a.beqz(BLOCK, told);
        a.place(next);
        a.mov(Reg.A0, BLOCK);
        a.ld64(BLOCK, Reg.A0, NodeLayout.NEXT);
        giveBack(a);
        a.bnez(BLOCK, next);
        a.place(told);
        a.shli(SCRATCH, BlockClasses.CLASS, 3);
        a.addi(Reg.A1, NOBODYS, LOCK);
        locks.lock(a);
        a.ld64(PAGE, SCRATCH, Math.toIntExact(nobody + FIRST));
        a.beqz(PAGE, raced);
        a.ld64(OTHER, PAGE, NEXT_OF_ALL);
        a.st64(SCRATCH, Math.toIntExact(nobody + FIRST), OTHER);
        locks.unlock(a);
        slabs.handOver(a, PAGE, HEAP);
        made(a);
        enter.accept(a);
        a.jmp(adopted);
        a.place(raced);
        locks.unlock(a);
        a.place(none);
    }

    /** From now on no foreign free tells HEAP of its pages. */
    void wantNoWord(Assembler a) {
        Assembler.Label done = a.label();
        Assembler.Label next = a.label();
        Assembler.Label unwanted = a.label();
        a.ld64(PAGE, HEAP, ALL);
        a.place(next);
        a.beqz(PAGE, done);
        a.ld64(OTHER, PAGE, MimallocInstance.THREAD_FREE);
        Assembler.Label again = a.here();
        a.andi(SCRATCH, OTHER, MimallocInstance.WANTED);
        a.beqz(SCRATCH, unwanted);
        a.addi(SCRATCH, OTHER, -MimallocInstance.WANTED);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, SCRATCH);
        a.beq(SEEN, OTHER, unwanted);
        a.mov(OTHER, SEEN);
        a.jmp(again);
        a.place(unwanted);
        a.ld64(PAGE, PAGE, NEXT_OF_ALL);
        a.jmp(next);
        a.place(done);
    }

    /**
     * All pages of HEAP are nobody's.
     *
     * @param emptied takes those that are empty, null if these are nobody's too
     */
    void abandon(Assembler a, PageQueue emptied) {
        Assembler.Label done = a.label();
        Assembler.Label used = a.label();
        a.li(NOBODYS, nobody);
        a.ld64(BLOCK, HEAP, ALL);
        a.st64(HEAP, ALL, Reg.ZERO);
        Assembler.Label next = a.here();
        a.beqz(BLOCK, done);
        a.mov(PAGE, BLOCK);
        a.ld64(BLOCK, PAGE, NEXT_OF_ALL);
        if (emptied != null) {
            a.ld64(SCRATCH, PAGE, MimallocInstance.USED);
            a.bnez(SCRATCH, used);
            emptied.clearAndGive(a);
            a.jmp(next);
            a.place(used);
        }
        slabs.handOver(a, PAGE, NOBODYS);
        a.ld64(SCRATCH, PAGE, OwnedSlabs.CLASS);
        a.shli(SCRATCH, SCRATCH, 3);
        a.addi(Reg.A1, NOBODYS, LOCK);
        locks.lock(a);
        a.ld64(OTHER, SCRATCH, Math.toIntExact(nobody + FIRST));
        a.st64(PAGE, NEXT_OF_ALL, OTHER);
        a.st64(SCRATCH, Math.toIntExact(nobody + FIRST), PAGE);
        locks.unlock(a);
        a.jmp(next);
        a.place(done);
    }

    /** The block in A0 goes to its page as a foreign one. Changes ENTRY, OWNER, PAGE, SEEN, SCRATCH and OTHER. */
    void giveBack(Assembler a) {
        slabs.entry(a, ENTRY, Reg.A0);
        slabs.owner(a, OWNER, ENTRY);
        slabs.metadata(a, PAGE, ENTRY);
        a.andi(OWNER, OWNER, -1 - OwnedSlabs.CLASS_MASK);
        a.call(give, Reg.LINK2);
    }

    /** To {@code foreign} if the block in A0, whose entry is in ENTRY, is not of HEAP's. */
    void testOwner(Assembler a, Assembler.Label foreign) {
        slabs.owner(a, OWNER, ENTRY);
        a.andi(OWNER, OWNER, -1 - OwnedSlabs.CLASS_MASK);
        a.bne(OWNER, HEAP, foreign);
    }

    private void emitGive(Assembler a) {
        Assembler.Label again = a.label();
        Assembler.Label failed = a.label();
        Assembler.Label tell = a.label();
        Assembler.Label push = a.label();
        Assembler.Label taken = a.label();
        a.place(give);
        a.ld64(OTHER, PAGE, MimallocInstance.THREAD_FREE);
        a.place(again);
        a.andi(SCRATCH, OTHER, MimallocInstance.WANTED);
        a.bnez(SCRATCH, tell);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, Reg.A0);
        a.bne(SEEN, OTHER, failed);
        a.ret(Reg.LINK2);
        a.place(tell);
        a.addi(SCRATCH, OTHER, -MimallocInstance.WANTED);
        a.cas64(SEEN, PAGE, MimallocInstance.THREAD_FREE, OTHER, SCRATCH);
        a.bne(SEEN, OTHER, failed);
        a.ld64(OTHER, OWNER, MimallocInstance.DELAYED);
        a.place(push);
        a.st64(Reg.A0, NodeLayout.NEXT, OTHER);
        a.cas64(SEEN, OWNER, MimallocInstance.DELAYED, OTHER, Reg.A0);
        a.bne(SEEN, OTHER, taken);
        a.ret(Reg.LINK2);
        a.place(failed);
        a.mov(OTHER, SEEN);
        a.jmp(again);
        a.place(taken);
        a.mov(OTHER, SEEN);
        a.jmp(push);
    }

    /** True if that owner is nobody. */
    boolean isNobody(long owner) {
        return owner == nobody;
    }

    /** Blocks that nobody was told of. */
    void audit(Audit audit) {
        audit.list(nobody + MimallocInstance.DELAYED, Place.pool("delayed for nobody"));
    }
}
