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
}
