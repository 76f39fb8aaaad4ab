package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.MemoryView;
import java.util.List;

/**
 * What caches per thread are filled from and flushed to: heaps, each under locks of its own, which own the blocks that
 * they have cut. Blocks come and go through arrays of pointers. The size is in {@link BlockClasses#CLASS}; subroutines
 * change T0 to T8, T10 to T13 and A0 to A2 unless said otherwise.
 */
public interface Arenas {
    /** The number of the arena that a thread takes blocks from. */
    int of(int thread);

    /**
     * Writes a subroutine, link in LINK2: puts blocks of an arena into an array. T6 is the arena's number, T0 the
     * array, T1 how many are wanted, at least one; T1 is how many came.
     */
    Assembler.Label emitTake(Assembler a, WordLock lock);

    /**
     * Writes a subroutine, link in LINK2: gives the T1 blocks of an array at T0, at least one, back to the arenas that
     * they belong to, and locks each of these once. The array is used up.
     */
    Assembler.Label emitGive(Assembler a, WordLock lock);

    // ---- audit

    /** Most blocks there can be. */
    long mostBlocks(MemoryView memory);

    /** Visits all lists of free blocks. */
    void lists(MemoryView memory, ListVisitor visitor);

    /** Visits the free blocks of all slabs, where they are not on lists. */
    default void slabs(MemoryView memory, SlabVisitor visitor) {}

    /** Names the slab that a block lies in: not 0; 0 where there is none. */
    default long homeOf(MemoryView memory, long block) {
        return 1;
    }

    /** Blocks of a slab that are not free in it, as it says itself. */
    default long elsewhere(MemoryView memory, long slab) {
        return Long.MAX_VALUE;
    }

    /** What is wrong with the arenas' own books, in words; null if nothing is. No thread may be inside. */
    String fault(MemoryView memory);

    /** Where a list of free blocks lies. */
    @FunctionalInterface
    interface ListVisitor {
        /**
         * @param head address of the word with the list's first block
         * @param arena what to call the arena
         */
        void visit(long head, String arena);
    }

    /** Which free blocks lie in a slab. */
    @FunctionalInterface
    interface SlabVisitor {
        /**
         * @param blocks the free ones
         * @param arena what to call the arena
         */
        void visit(List<Long> blocks, String arena);
    }
}
