package io.rseqlab.collector.strategy.block;

/**
 * How large jemalloc's slabs are: the fewest pages of which nothing is left over, or 16. A large block has an extent
 * for itself, with a page more, for it begins anywhere in the first one.
 *
 * <p>Source: jemalloc {@code sc.c} (slab_size), opt_cache_oblivious.
 */
public final class SlabShape {
    private static final int MOST_PAGES = 16;
    /** SC_SMALL_MAXCLASS, above which blocks are large. */
    private static final int MOST_SMALL_BYTES = 14336;

    private SlabShape() {}

    /** Bytes of a slab with blocks of so many bytes. */
    public static int bytes(int block) {
        int page = BlockClasses.PAGE_BYTES;
        if (block > MOST_SMALL_BYTES) {
            return (block + page - 1 & -page) + page;
        }
        int pages = 1;
        while (pages < MOST_PAGES && pages * page % block != 0) {
            pages++;
        }
        return pages * page;
    }

    /** How many blocks it has. */
    public static int blocks(int block) {
        return block > MOST_SMALL_BYTES ? 1 : Math.min(SlabBits.MOST, bytes(block) / block);
    }
}
