package io.rseqlab.analyzer.result;

import java.util.List;
import java.util.Map;

/**
 * What was found in one trace.
 *
 * @param trace the trace, as it was named
 * @param key what the run was
 * @param source {@code simulated} or {@code recorded}
 * @param state {@code complete} or {@code partial}
 * @param spec the resolved run specification
 * @param reproduce the command that makes the trace again; null for recorded traces
 * @param contentHash digest of the trace's content
 * @param windowSeconds length of the measured window: simulated or recorded time
 * @param clockHz ticks per second
 * @param cpus CPUs of the run
 * @param offsetUnit unit of offsets in sections: instructions or bytes
 * @param metrics values by metric id, in the order of tables
 * @param latency histograms by operation (malloc, free); empty where not measured
 * @param abortSites where aborts happened, most frequent first
 * @param sections the programs of the sections
 * @param perCpu counts by CPU
 * @param perThread threads under test
 * @param timeline a short window, or null
 * @param notes what must be known to read the numbers
 * @param violations what the memory oracle found, in number; null where it did not watch
 */
public record RunResult(
        String trace,
        RunKey key,
        String source,
        String state,
        Map<String, Object> spec,
        String reproduce,
        String contentHash,
        double windowSeconds,
        long clockHz,
        int cpus,
        String offsetUnit,
        Map<String, MetricValue> metrics,
        Map<String, LatencyHistogram> latency,
        List<AbortSite> abortSites,
        List<SectionListing> sections,
        List<CpuResult> perCpu,
        List<ThreadResult> perThread,
        Timeline timeline,
        List<String> notes,
        Long violations) {

    /** True where the memory oracle found something wrong: then no figure of the run can be relied on. */
    public boolean violated() {
        return violations != null && violations > 0;
    }

    /** The metric or part at a path such as {@code latency_cycles.malloc.p99}, or null. */
    public MetricValue metric(String path) {
        int dot = path.indexOf('.');
        MetricValue value = metrics.get(dot < 0 ? path : path.substring(0, dot));
        return dot < 0 || value == null ? value : value.part(path.substring(dot + 1));
    }

    /** The number at a path, null for no data. */
    public Double number(String path) {
        MetricValue value = metric(path);
        return value == null || value.value() == null ? null : value.value().doubleValue();
    }
}
