package io.rseqlab.analyzer.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * One strategy in one cell, over its seeds.
 *
 * @param strategy the strategy with its parameters
 * @param seeds its seeds, rising
 * @param traces its traces, in the order of the seeds
 * @param simulatedSeconds measured window, summed over the runs
 * @param events events seen, summed over the runs: ops, interruptions, preemptions, migrations, aborts
 * @param metrics estimates by metric id or path
 * @param latency histograms by operation, summed over the runs
 * @param abortsByCause aborts by set of causes, summed over the runs
 * @param abortSites where aborts happened, summed over the runs
 * @param offsetUnit unit of offsets in sections
 * @param sections the programs of the sections
 * @param timeline a short window of the first run, or null
 * @param spec the resolved specification of the first run
 * @param reproduce the command that makes all runs again
 */
public record StrategyResult(
        String strategy,
        List<Long> seeds,
        List<String> traces,
        @JsonProperty("simulated_s") double simulatedSeconds,
        Map<String, Long> events,
        Map<String, Estimate> metrics,
        Map<String, LatencyHistogram> latency,
        Map<String, Long> abortsByCause,
        List<AbortSite> abortSites,
        String offsetUnit,
        List<SectionListing> sections,
        Timeline timeline,
        Map<String, Object> spec,
        String reproduce) {

    /** The mean of a metric, by its id or path; null for no data. */
    public Double mean(String metric) {
        Estimate estimate = metrics.get(metric);
        return estimate == null ? null : estimate.mean();
    }
}
