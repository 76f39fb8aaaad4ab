package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/** mimalloc 3: what users see of it. The algorithm is in {@link MimallocV3Instance}. */
final class MimallocV3 implements AllocatorStrategy {
    static final String EXTEND = "extend";
    static final String RETAIN = "retain";
    static final String RECLAIM = "reclaim";
    static final String OWN = "own";
    static final String ANY = "any";

    /** Each kind of page is eight times as large as the one before, and the largest has eight blocks at least. */
    private static final int KIND_SHIFT = 3;
    /** The others have six, the first of which may begin so many bytes behind the page. */
    private static final int LEAST_BLOCKS = 6;

    private static final int ALIGNED_BYTES = 4096;

    @Override
    public String id() {
        return "mimalloc-v3";
    }

    @Override
    public String summary() {
        return "pages per thread and size, full ones are abandoned, who frees into an abandoned page owns it meanwhile";
    }

    @Override
    public String source() {
        return "mimalloc 3.4 alloc.c, free.c, page.c, arena.c (2026)";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameters.PAGE_PARAMETER,
                Parameters.RETIRE_PARAMETER,
                Parameter.count(EXTEND, "bytes", 4096, 32, 1 << 20, "fresh blocks linked at a time, 4 blocks at least"),
                Parameter.count(
                        RETAIN, "pages", 2, 0, 1000, "full pages of a size that a thread keeps: page_full_retain"),
                Parameter.choice(
                        RECLAIM,
                        List.of(OWN, "never", ANY),
                        "abandoned pages that who frees into them keeps: those that were its own (page_reclaim_on_free"
                                + " 0), none (-1), all (1)"));
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new MimallocV3Instance(settings, context);
    }

    /**
     * Bytes of a page with blocks of a size, of which about an eighth at most is lost at its end: the smallest, 64 KiB,
     * for blocks of up to 10 KiB, eight times as much for those of up to 84 KiB, 64 times for those of up to 512 KiB;
     * larger blocks have a page each. Source: types.h (MI_SMALL_MAX_OBJ_SIZE to MI_LARGE_MAX_OBJ_SIZE, with
     * MI_ENABLE_LARGE_PAGES, which is on by default in 3.4).
     */
    static int pageBytes(int blockBytes, int pageShift) {
        int small = 1 << pageShift;
        int medium = small << KIND_SHIFT;
        int large = medium << KIND_SHIFT;
        if (blockBytes <= (small - ALIGNED_BYTES) / LEAST_BLOCKS) {
            return small;
        }
        if (blockBytes <= (medium - ALIGNED_BYTES) / LEAST_BLOCKS) {
            return medium;
        }
        return blockBytes <= large >> KIND_SHIFT ? large : blockBytes + small - 1 & -small;
    }
}
