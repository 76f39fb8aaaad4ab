package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.CACHED_BLOCKS;
import static io.rseqlab.trace.CounterName.FOOTPRINT_BYTES;
import static io.rseqlab.trace.CounterName.PEAK_LIVE_BLOCKS;
import static io.rseqlab.trace.CounterName.POOL_BLOCKS;

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
                        EnumSet.of(CACHED_BLOCKS),
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
                        EnumSet.of(POOL_BLOCKS),
                        Set.of(),
                        (tally, scope) -> bytes(tally.sum(POOL_BLOCKS), scope)),
                MetricInfo.ofCounters(
                        "footprint_over_peak_live",
                        "",
                        "heap taken from the system, which never gets any back, over the most bytes live at once",
                        EnumSet.of(FOOTPRINT_BYTES, PEAK_LIVE_BLOCKS),
                        Set.of(),
                        (tally, scope) -> footprint(tally, scope)));
    }

    private static MetricValue cachedBytes(Tally tally, Scope scope) {
        long[] sums = new long[3];
        tally.each(CACHED_BLOCKS, (key, blocks) -> {
            sums[0] += key.cpu() == null ? 0 : blocks;
            sums[1] += key.thread() == null ? 0 : blocks;
            sums[2] = Math.max(sums[2], blocks);
        });
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("all", bytes(tally.sum(CACHED_BLOCKS), scope));
        parts.put("per_cpu", mean(sums[0], scope.info().cpus(), scope));
        parts.put("per_thread", mean(sums[1], scope.info().threads().size(), scope));
        parts.put("largest", bytes(sums[2], scope));
        return MetricValue.group(BYTES, parts);
    }

    private static MetricValue footprint(Tally tally, Scope scope) {
        long live = tally.max(PEAK_LIVE_BLOCKS, key -> true) * scope.blockBytes();
        return scope.blockBytes() == 0 ? unknown("") : MetricValue.ratio(tally.sum(FOOTPRINT_BYTES), live, 1, "");
    }

    private static MetricValue bytes(long blocks, Scope scope) {
        return scope.blockBytes() == 0 ? unknown(BYTES) : MetricValue.of(blocks * scope.blockBytes(), BYTES);
    }

    private static MetricValue mean(long blocks, int holders, Scope scope) {
        return scope.blockBytes() == 0
                ? unknown(BYTES)
                : MetricValue.ratio(blocks * scope.blockBytes(), holders, 1, BYTES);
    }

    private static MetricValue unknown(String unit) {
        return MetricValue.noData(unit, "the trace does not say how large a block is");
    }
}
