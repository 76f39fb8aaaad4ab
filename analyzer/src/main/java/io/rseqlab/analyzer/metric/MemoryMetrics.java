package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.ATOMICS;
import static io.rseqlab.trace.CounterName.CONTENDED_LOCKS;
import static io.rseqlab.trace.CounterName.FALSE_SHARING;
import static io.rseqlab.trace.CounterName.FLUSHES;
import static io.rseqlab.trace.CounterName.LATENCY;
import static io.rseqlab.trace.CounterName.LINE_TRANSFERS;
import static io.rseqlab.trace.CounterName.MESSAGES;
import static io.rseqlab.trace.CounterName.MESSAGE_OBJECTS;
import static io.rseqlab.trace.CounterName.OPS;
import static io.rseqlab.trace.CounterName.PEAK_LIVE_BLOCKS;
import static io.rseqlab.trace.CounterName.PEAK_LIVE_BYTES;
import static io.rseqlab.trace.CounterName.REFILLS;
import static io.rseqlab.trace.CounterName.REMOTE_FREES;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the strategy made the memory do: locked operations, line transfers, batches. */
final class MemoryMetrics {
    private MemoryMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.ratio("atomics_per_op", "1/op", "locked operations per workload operation", ATOMICS, OPS, 1),
                lineTransfers(),
                MetricInfo.ratio(
                        "contended_locks_per_op",
                        "1/op",
                        "lock attempts that found the lock taken, per workload operation",
                        CONTENDED_LOCKS,
                        OPS,
                        1),
                MetricInfo.ratio(
                        "refills_per_op", "1/op", "batches taken from the central pool per operation", REFILLS, OPS, 1),
                MetricInfo.ratio(
                        "flushes_per_op",
                        "1/op",
                        "batches returned to the central pool per operation",
                        FLUSHES,
                        OPS,
                        1),
                MetricInfo.total(MESSAGES, "messages"),
                MetricInfo.ratio(
                        "objects_per_message", "blocks", "blocks in a posted batch", MESSAGE_OBJECTS, MESSAGES, 1),
                remoteFreeRatio(),
                MetricInfo.ofCounters(
                        "peak_live_bytes",
                        "bytes",
                        "most bytes live at once, sizes rounded up to classes",
                        EnumSet.of(PEAK_LIVE_BLOCKS, PEAK_LIVE_BYTES),
                        Set.of(),
                        MemoryMetrics::peakLiveBytes),
                MetricInfo.ofCounters(
                        "peak_live_blocks",
                        "blocks",
                        PEAK_LIVE_BLOCKS.meaning(),
                        EnumSet.of(PEAK_LIVE_BLOCKS),
                        Set.of(),
                        (tally, scope) -> MetricValue.of(tally.max(PEAK_LIVE_BLOCKS, key -> true), "blocks")));
    }

    private static MetricValue peakLiveBytes(Tally tally, Scope scope) {
        long bytes = scope.blockBytes() > 0
                ? tally.max(PEAK_LIVE_BLOCKS, key -> true) * scope.blockBytes()
                : tally.max(PEAK_LIVE_BYTES, key -> true);
        return bytes > 0
                ? MetricValue.of(bytes, "bytes")
                : MetricValue.noData("bytes", "the trace does not say how large a block is");
    }

    private static MetricInfo lineTransfers() {
        return MetricInfo.ofCounters(
                "line_transfers_per_op",
                "1/op",
                "cache lines fetched from another core's cache per workload operation, by what lay in them; those of"
                        + " objects without false sharing, where others had written other words than the one asked for",
                EnumSet.of(LINE_TRANSFERS, FALSE_SHARING, OPS),
                EnumSet.of(Dimension.DETAIL),
                MemoryMetrics::byDetail);
    }

    private static MetricValue byDetail(Tally tally, Scope scope) {
        Map<String, Long> details = new TreeMap<>(Map.of("metadata", 0L, "object", 0L));
        tally.each(
                LINE_TRANSFERS,
                (key, count) -> details.merge(key.detail() == null ? "other" : key.detail(), count, Math::addExact));
        details.merge("object", -tally.sum(FALSE_SHARING), Math::addExact);
        details.put("false_sharing", tally.sum(FALSE_SHARING));
        long ops = tally.sum(OPS);
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("all", MetricValue.ratio(tally.sum(LINE_TRANSFERS), ops, 1, "1/op"));
        details.forEach((detail, count) -> parts.put(detail, MetricValue.ratio(count, ops, 1, "1/op")));
        return MetricValue.group("1/op", parts);
    }

    private static MetricInfo remoteFreeRatio() {
        return MetricInfo.ofCounters(
                "remote_free_ratio",
                "",
                "share of frees by another thread than the allocating one",
                EnumSet.of(REMOTE_FREES, LATENCY),
                EnumSet.of(Dimension.OP),
                (tally, scope) -> MetricValue.ratio(
                        tally.sum(REMOTE_FREES), tally.sum(LATENCY, key -> "free".equals(key.op())), 1, ""));
    }
}
