package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/** mimalloc 2: what users see of it. The algorithm is in {@link MimallocInstance}. */
final class Mimalloc implements AllocatorStrategy {
    static final String DELAYED_EVERY = "delayed_every";
    static final String EXTEND = "extend";
    static final String DELAYED = "delayed";
    static final String LIST = "list";
    static final String COLLECT_EVERY = "collect_every";

    /** A block takes an eighth of its page at most, where there are such pages: of the two smallest kinds. */
    private static final int BLOCKS_SHIFT = 3;

    @Override
    public String id() {
        return "mimalloc";
    }

    @Override
    public String summary() {
        return "pages per thread and size with three lists, foreign blocks are swapped onto their page's";
    }

    @Override
    public String source() {
        return "mimalloc 2.4 alloc.c, free.c, page.c (2026); Leijen et al., APLAS 2019";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameters.PAGE_PARAMETER,
                Parameter.choice(
                        DELAYED,
                        List.of(LIST, "off"),
                        "full pages leave their queue, and the first foreign free into one tells the owner by its list"
                                + " of delayed blocks; or they stay there, and searches go round"),
                Parameter.count(
                        DELAYED_EVERY, "times", 100, 1, 1_000_000, "a page runs empty between looks at delayed blocks"),
                Parameters.RETIRE_PARAMETER,
                Parameter.count(
                        COLLECT_EVERY,
                        "times",
                        10_000,
                        1,
                        1_000_000_000,
                        "a page runs empty between looks for pages that others have emptied; with delayed=list"),
                Parameter.count(
                        EXTEND, "bytes", 4096, 32, 1 << 20, "fresh blocks linked at a time, 4 blocks at least"));
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new MimallocInstance(settings, context);
    }

    /**
     * Bytes of a page with blocks of a size: the smallest for blocks of up to an eighth of it, eight times as much for
     * those of up to a whole one; larger blocks have a page each.
     */
    static int pageBytes(int blockBytes, int pageShift) {
        int least = 1 << pageShift;
        if (blockBytes > least) {
            return blockBytes + least - 1 & -least;
        }
        return blockBytes <= least >> BLOCKS_SHIFT ? least : least << BLOCKS_SHIFT;
    }
}
