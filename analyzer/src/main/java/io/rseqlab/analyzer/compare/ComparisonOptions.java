package io.rseqlab.analyzer.compare;

import java.util.List;

/**
 * How to compare.
 *
 * @param baseline the strategy all others are held against
 * @param metric id or path of the headline metric
 * @param margin largest relative difference that does not matter, null for none
 * @param modelError validated error of the model's ratios, relative; null where it was never validated
 * @param confidence of all intervals
 * @param errors knows the error that machines' profiles document, for where {@code modelError} is null
 */
public record ComparisonOptions(
        String baseline, String metric, Double margin, Double modelError, double confidence, ModelError.Lookup errors) {
    /** The headline metric unless asked otherwise. */
    public static final String DEFAULT_METRIC = "throughput_ops_per_s";

    /** Metrics that each strategy is contrasted in besides the headline. */
    static final List<String> CONTRASTED =
            List.of("cycles_per_op", "latency_cycles.malloc.p99", "latency_cycles.free.p99");

    /** Metrics that are estimated for each strategy, as context. */
    static final List<String> ESTIMATED = List.of(
            "throughput_ops_per_s",
            "cycles_per_op",
            "micro_ops_per_op",
            "latency_cycles.malloc.mean",
            "latency_cycles.malloc.p50",
            "latency_cycles.malloc.p99",
            "latency_cycles.malloc.p999",
            "latency_cycles.free.mean",
            "latency_cycles.free.p50",
            "latency_cycles.free.p99",
            "latency_cycles.free.p999",
            "fast_path_hit_ratio.malloc.declared",
            "fast_path_hit_ratio.malloc.local",
            "fast_path_hit_ratio.malloc.cycles",
            "fast_path_hit_ratio.free.declared",
            "fast_path_hit_ratio.free.local",
            "fast_path_hit_ratio.free.cycles",
            "aborts_per_mop",
            "aborts_per_attempt",
            "aborts_per_interruption",
            "aborts_per_interruption_exposure",
            "aborts_per_cpu_s",
            "preemptions_per_cpu_s",
            "migrations_per_cpu_s",
            "atomics_per_op",
            "line_transfers_per_op.all",
            "line_transfers_per_op.metadata",
            "line_transfers_per_op.object",
            "contended_locks_per_op",
            "refills_per_op",
            "flushes_per_op",
            "objects_per_message",
            "remote_free_ratio",
            "cpu_share.kernel",
            "cpu_share.idle",
            "fairness_jain",
            "peak_live_blocks",
            "cached_bytes.all",
            "cached_bytes.largest",
            "cached_over_peak_live",
            "cached_bytes_over_peak_live",
            "footprint_over_peak_live");

    public ComparisonOptions {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("confidence must lie between 0 and 1: " + confidence);
        }
    }

    /** Without documented errors of machines. */
    public ComparisonOptions(String baseline, String metric, Double margin, Double modelError, double confidence) {
        this(baseline, metric, margin, modelError, confidence, ModelError.Lookup.NONE);
    }

    /** A comparison of throughput at 95 %, without a margin. */
    public static ComparisonOptions against(String baseline) {
        return new ComparisonOptions(baseline, DEFAULT_METRIC, null, null, 0.95);
    }

    /** The same against another baseline. */
    public ComparisonOptions withBaseline(String other) {
        return new ComparisonOptions(other, metric, margin, modelError, confidence, errors);
    }

    /** The same with the errors that machines' profiles document. */
    public ComparisonOptions withErrors(ModelError.Lookup known) {
        return new ComparisonOptions(baseline, metric, margin, modelError, confidence, known);
    }
}
