package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.CACHED_BLOCKS;
import static io.rseqlab.trace.CounterName.CACHED_BYTES;
import static io.rseqlab.trace.CounterName.FOOTPRINT_BYTES;
import static io.rseqlab.trace.CounterName.FREE_PAGE_BYTES;
import static io.rseqlab.trace.CounterName.PEAK_LIVE_BLOCKS;
import static io.rseqlab.trace.CounterName.PEAK_LIVE_BYTES;
import static io.rseqlab.trace.CounterName.POOL_BLOCKS;
import static io.rseqlab.trace.CounterName.POOL_BYTES;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a strategy keeps: free memory that only one CPU or thread can get at, and all memory over what is needed. */
final class StrandedMetrics {
    private static final String BYTES = "bytes";

    private StrandedMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.total(CACHED_BLOCKS, "blocks"),
                MetricInfo.ofCounters(
                        "cached_bytes",
                        BYTES,
                        "free memory stranded with a CPU or thread at the end of the window: all, the mean over CPUs"
                                + " and over threads, the largest single one",
                        EnumSet.of(CACHED_BLOCKS, CACHED_BYTES),
                        EnumSet.of(Dimension.CPU, Dimension.THREAD),
                        StrandedMetrics::cachedBytes),
                MetricInfo.ofCounters(
                        "cached_over_peak_live",
                        "",
                        "blocks stranded at the end of the window over the most blocks live at once",
                        EnumSet.of(CACHED_BLOCKS, PEAK_LIVE_BLOCKS),
                        Set.of(),
                        (tally, scope) -> MetricValue.ratio(
                                tally.sum(CACHED_BLOCKS), tally.max(PEAK_LIVE_BLOCKS, key -> true), 1, "")),
                MetricInfo.ofCounters(
                        "pool_bytes",
                        BYTES,
                        "free memory in the central pool at the end of the window, in reach of all",
                        EnumSet.of(POOL_BLOCKS, POOL_BYTES),
                        Set.of(),
                        (tally, scope) -> scope.blockBytes() == 0
                                ? known(tally.sum(POOL_BLOCKS), tally.sum(POOL_BYTES))
                                : bytes(tally.sum(POOL_BLOCKS) * scope.blockBytes())),
                MetricInfo.ofCounters(
                        "free_page_bytes",
                        BYTES,
                        "whole pages in a page heap at the end of the window, for blocks of any size",
                        EnumSet.of(FREE_PAGE_BYTES),
                        Set.of(),
                        (tally, scope) -> tally.has(FREE_PAGE_BYTES)
                                ? bytes(tally.sum(FREE_PAGE_BYTES))
                                : MetricValue.noData(BYTES, "the strategy has no page heap")),
                MetricInfo.ofCounters(
                        "cached_bytes_over_peak_live",
                        "",
                        "bytes stranded at the end of the window over the most bytes live at once",
                        EnumSet.of(CACHED_BLOCKS, CACHED_BYTES, PEAK_LIVE_BLOCKS, PEAK_LIVE_BYTES),
                        Set.of(),
                        StrandedMetrics::cachedOverLive),
                MetricInfo.ofCounters(
                        "footprint_over_peak_live",
                        "",
                        "most heap taken from the system at once, over the most bytes live at once",
                        EnumSet.of(FOOTPRINT_BYTES, PEAK_LIVE_BLOCKS, PEAK_LIVE_BYTES),
                        Set.of(),
                        (tally, scope) -> footprint(tally, scope)));
    }

    private static MetricValue cachedBytes(Tally tally, Scope scope) {
        boolean single = scope.blockBytes() > 0;
        long factor = single ? scope.blockBytes() : 1;
        long[] sums = new long[3];
        tally.each(single ? CACHED_BLOCKS : CACHED_BYTES, (key, count) -> {
            sums[0] += key.cpu() == null ? 0 : count * factor;
            sums[1] += key.thread() == null ? 0 : count * factor;
            sums[2] = Math.max(sums[2], count * factor);
        });
        if (!single && tally.sum(CACHED_BLOCKS) > 0 && tally.sum(CACHED_BYTES) == 0) {
            return unknown(BYTES);
        }
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("all", bytes(tally.sum(single ? CACHED_BLOCKS : CACHED_BYTES) * factor));
        parts.put("per_cpu", MetricValue.ratio(sums[0], scope.info().cpus(), 1, BYTES));
        parts.put(
                "per_thread", MetricValue.ratio(sums[1], scope.info().threads().size(), 1, BYTES));
        parts.put("largest", bytes(sums[2]));
        return MetricValue.group(BYTES, parts);
    }

    private static MetricValue cachedOverLive(Tally tally, Scope scope) {
        if (scope.blockBytes() > 0) {
            return MetricValue.ratio(tally.sum(CACHED_BLOCKS), tally.max(PEAK_LIVE_BLOCKS, key -> true), 1, "");
        }
        long live = tally.max(PEAK_LIVE_BYTES, key -> true);
        return live == 0 ? unknown("") : MetricValue.ratio(tally.sum(CACHED_BYTES), live, 1, "");
    }

    private static MetricValue footprint(Tally tally, Scope scope) {
        long live = scope.blockBytes() > 0
                ? tally.max(PEAK_LIVE_BLOCKS, key -> true) * scope.blockBytes()
                : tally.max(PEAK_LIVE_BYTES, key -> true);
        return live == 0 ? unknown("") : MetricValue.ratio(tally.sum(FOOTPRINT_BYTES), live, 1, "");
    }

    private static MetricValue bytes(long count) {
        return MetricValue.of(count, BYTES);
    }

    /** Of several sizes; blocks without bytes are those of a trace from before bytes were counted. */
    private static MetricValue known(long blocks, long bytes) {
        return blocks > 0 && bytes == 0 ? unknown(BYTES) : bytes(bytes);
    }

    private static MetricValue unknown(String unit) {
        return MetricValue.noData(unit, "the trace does not say how large a block is");
    }
}
