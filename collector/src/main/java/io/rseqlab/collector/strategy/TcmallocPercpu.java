package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * TCMalloc in its per-CPU mode: what users see of it. The slab and its sections are in {@link CpuSlabs}, what happens
 * on a miss in {@link TcmallocPercpuInstance}.
 */
final class TcmallocPercpu implements AllocatorStrategy {
    static final String SHIFT = "shift";
    static final String SHIFT_LEAST = "shift_least";
    static final String SHIFT_MOST = "shift_most";
    static final String BUDGET = "cpu_budget";
    static final String CAPACITY = "capacity";
    static final String FIRST_CAPACITY = "first_capacity";
    static final String TRANSFER = "transfer";
    static final String TRANSFER_MOST = "transfer_most";
    static final String TRANSFER_BY = "transfer_by";
    static final String L3 = "l3";
    static final String BACKGROUND = "background_us";
    static final String RELEASE = "release";

    private static final Parameter RELEASE_PARAMETER = Parameter.count(
            RELEASE,
            "bytes",
            0,
            0,
            1L << 40,
            "whole pages that the background thread gives to the system each of its seconds; TCMalloc's background"
                    + " release rate, which applications set");

    @Override
    public String id() {
        return "tcmalloc-percpu";
    }

    @Override
    public String summary() {
        return "pointers in arrays per CPU, restartable sections, capacity that grows by misses, transfer cache";
    }

    @Override
    public String source() {
        return "TCMalloc percpu_tcmalloc.h, cpu_cache.h, transfer_cache_internals.h (2026)";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.count(
                        SHIFT,
                        "bits",
                        18,
                        12,
                        18,
                        "a CPU's slab has 2^shift bytes at first; TCMalloc's begin with 14, and are as large in a"
                                + " process that has run for minutes as its misses asked for"),
                Parameter.count(
                        SHIFT_LEAST,
                        "bits",
                        14,
                        12,
                        18,
                        "to which the background thread makes slabs smaller where overflows are rare among misses"),
                Parameter.count(
                        SHIFT_MOST,
                        "bits",
                        18,
                        12,
                        18,
                        "to which it makes them larger where overflows are as frequent as underflows"),
                Parameter.count(BUDGET, "bytes", 1_572_864, 1024, 1 << 30, "what the arrays of a CPU may hold"),
                Parameter.count(
                        FIRST_CAPACITY,
                        "objects",
                        2000,
                        4,
                        4000,
                        "most in an array of the first ten sizes in a slab of 256 KiB, until the background thread"
                                + " changes it"),
                Parameter.count(CAPACITY, "objects", 144, 4, 4000, "most in an array of any other size, likewise"),
                Parameter.count(TRANSFER, "batches", 16, 0, 64, "most in the transfer cache of a size, and 1 MiB"),
                Parameter.count(
                        TRANSFER_MOST,
                        "batches",
                        64,
                        0,
                        64,
                        "to which the background thread lets it grow by misses, at the expense of others; not with"
                                + " transfer_by=l3"),
                Parameter.choice(
                        TRANSFER_BY,
                        List.of("all", L3),
                        "a transfer cache of each size for all CPUs, or for each third-level cache where there are"
                                + " three or more"),
                Parameter.count(
                        BACKGROUND,
                        "us",
                        0,
                        0,
                        1_000_000_000,
                        "simulated time that stands for a second of the background thread, which resizes arrays and"
                                + " transfer caches every 2nd, shuffles budgets and plunders transfer caches every 5th,"
                                + " changes arrays' largest lengths and slabs' size every 29th and drains idle CPUs"
                                + " every 30th; 0: the application has not started it"),
                Parameters.SPANS_PARAMETER,
                RELEASE_PARAMETER,
                Parameters.PAGE_SHIFT_PARAMETER,
                Parameters.INDEX_PARAMETER);
    }

    @Override
    public boolean usesRseq() {
        return true;
    }

    @Override
    public String fallback() {
        return "tcmalloc-thread";
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return context.rseq()
                ? new TcmallocPercpuInstance(settings, context)
                : Strategies.withDefaults(fallback(), context);
    }
}
