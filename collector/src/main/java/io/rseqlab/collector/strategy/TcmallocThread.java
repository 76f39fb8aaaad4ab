package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.ChainSlots;
import java.util.List;

/**
 * A cache per thread, as gperftools has it and TCMalloc in per-thread mode: what users see of it. The cache itself is
 * in {@link TcmallocThreadInstance}, the central list in {@link ChainSlots}.
 */
final class TcmallocThread implements AllocatorStrategy {
    static final String LEAST = "thread_least";
    static final String MOST = "thread_most";
    static final String TOTAL = "total";
    static final String SLOTS = "slots";
    static final String RELEASE_RATE = "release_rate";

    @Override
    public String id() {
        return "tcmalloc-thread";
    }

    @Override
    public String summary() {
        return "list per thread with slow start, batches by way of central slots, caches that steal limits";
    }

    @Override
    public String source() {
        return "gperftools thread_cache, central_freelist (2026); TCMalloc where it cannot register rseq";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.count(LEAST, "bytes", 512 << 10, 1024, 1 << 30, "what a thread's cache may hold at first"),
                Parameter.count(MOST, "bytes", 4 << 20, 1024, 1 << 30, "most that it may ever hold"),
                Parameter.count(TOTAL, "bytes", 32 << 20, 1024, 1L << 40, "what all caches together may hold"),
                Parameter.count(SLOTS, "batches", 64, 0, ChainSlots.MOST_SLOTS, "whole batches in the central list"),
                Parameters.SPANS_PARAMETER,
                Parameter.number(
                        RELEASE_RATE,
                        "",
                        1,
                        0,
                        1000,
                        "gperftools' TCMALLOC_RELEASE_RATE: a page goes to the system for each 1000/release_rate that"
                                + " come back to the page heap; 0 for none"),
                Parameters.PAGE_SHIFT_PARAMETER);
    }

    @Override
    public void check(Settings settings) {
        settings.requireAtMost(LEAST, MOST);
        settings.requireAtMost(MOST, TOTAL);
    }

    static int wait(Settings settings) {
        double rate = settings.number(RELEASE_RATE);
        return rate == 0 ? 0 : (int) Math.round(1000 / rate);
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new TcmallocThreadInstance(settings, context);
    }
}
