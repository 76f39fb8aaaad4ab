package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/** rpmalloc 2: what users see of it. The algorithm is in {@link RpmallocInstance}. */
final class Rpmalloc implements AllocatorStrategy {
    static final String EXTEND = "extend";
    static final String FREE_PAGES = "free_pages";
    static final String DISCARD_AT = "discard_at";

    @Override
    public String id() {
        return "rpmalloc";
    }

    @Override
    public String summary() {
        return "lists per thread and size before pages, foreign blocks are swapped onto their page's count and index";
    }

    @Override
    public String source() {
        return "rpmalloc 2.0 rpmalloc.c (2026)";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameters.PAGE_PARAMETER,
                Parameter.count(
                        EXTEND, "bytes", 4096, 32, 1 << 20, "fresh blocks linked at a time, one block at least"),
                Parameter.choice(
                        FREE_PAGES,
                        List.of(Parameters.RETURNED, "kept"),
                        "what becomes of a page all of whose blocks are free: its heap's other sizes may have it, or it"
                                + " stays with its size"),
                Parameter.count(
                        DISCARD_AT,
                        "pages",
                        16,
                        0,
                        1 << 20,
                        "free pages of the smallest kind of a heap, at which the system gets what lies in all but the"
                                + " quarter of them that came last; half as many of the second kind, an eighth of the"
                                + " third; the fourth kind's go at once; 0: none goes"));
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new RpmallocInstance(settings, context);
    }
}
