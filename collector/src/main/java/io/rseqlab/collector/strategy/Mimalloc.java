package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/** mimalloc 2: what users see of it. The algorithm is in {@link MimallocInstance}. */
final class Mimalloc implements AllocatorStrategy {
    static final String DELAYED_EVERY = "delayed_every";
    static final String EXTEND = "extend";

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
                Parameter.count(
                        DELAYED_EVERY, "times", 100, 1, 1_000_000, "a page runs empty between looks at delayed blocks"),
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
}
