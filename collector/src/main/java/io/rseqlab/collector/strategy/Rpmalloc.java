package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/** rpmalloc 2: what users see of it. The algorithm is in {@link RpmallocInstance}. */
final class Rpmalloc implements AllocatorStrategy {
    static final String EXTEND = "extend";

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
                        EXTEND, "bytes", 4096, 32, 1 << 20, "fresh blocks linked at a time, one block at least"));
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
