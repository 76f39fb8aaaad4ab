package io.rseqlab.collector.strategy;

/**
 * The four kinds of rpmalloc's pages: with 64 KiB for the smallest these are for blocks of up to 4 KiB, 1 MiB up to 32
 * KiB, 4 MiB up to 256 KiB, 16 MiB up to 2 MiB. With another smallest page all scale with it.
 *
 * <p>Source: rpmalloc 2.0 rpmalloc.c.
 */
final class RpmallocPages {
    /** Binary logarithms of how many times as large as the smallest pages those of a kind are. */
    private static final int[] PAGE_SHIFTS = {0, 4, 6, 8};
    /** The same of the largest blocks on them. */
    private static final int[] BLOCK_SHIFTS = {-4, -1, 2, 5};

    static final int KINDS = PAGE_SHIFTS.length;

    private RpmallocPages() {}

    /** The kind of page that blocks of so many bytes are on; larger ones than all kinds' are of the last. */
    static int kind(int blockBytes, int pageShift) {
        int kind = 0;
        while (kind < KINDS - 1 && blockBytes > 1 << pageShift + BLOCK_SHIFTS[kind]) {
            kind++;
        }
        return kind;
    }

    /** Bytes of a page of such blocks; what is larger than all kinds' has a mapping of its own. */
    static int bytes(int blockBytes, int pageShift) {
        int least = 1 << pageShift;
        return blockBytes > 1 << pageShift + BLOCK_SHIFTS[KINDS - 1]
                ? blockBytes + least - 1 & -least
                : 1 << pageShift + PAGE_SHIFTS[kind(blockBytes, pageShift)];
    }
}
