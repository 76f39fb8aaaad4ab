package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.CpuResult;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventBatch;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All metrics in the order of tables, and the breakdowns behind them. */
public final class Metrics {
    /** Every metric: its id is its key in results. */
    public static final List<MetricInfo> ALL = MetricInfo.join(List.of(
            ThroughputMetrics.all(),
            SteadyState.all(),
            CycleMetrics.all(),
            LatencyMetrics.all(),
            RequestMetrics.all(),
            List.of(OrderWait.info()),
            FastPathMetrics.all(),
            AbortMetrics.all(),
            List.of(WastedCycles.info()),
            KernelMetrics.all(),
            QuotaMetrics.all(),
            SchedulingMetrics.all(),
            List.of(RunTime.info(), OffCpuTime.info()),
            MemoryMetrics.all(),
            TransactionMetrics.all(),
            StrandedMetrics.all(),
            DetailMetrics.all()));

    private Metrics() {}

    /** The metric of that id, or null. */
    public static MetricInfo of(String id) {
        return ALL.stream().filter(metric -> metric.id().equals(id)).findFirst().orElse(null);
    }

    /** Latency histograms by operation. */
    public static Metric<?, Counter, Map<String, LatencyHistogram>> latencyHistograms(Scope scope) {
        return LatencyMetrics.histograms(scope);
    }

    /** Aborts by section and offset. */
    public static Metric<?, Counter, List<AbortSite>> abortSites(Scope scope) {
        return AbortSites.metric(scope);
    }

    /** Counts by CPU. */
    public static Metric<?, Counter, List<CpuResult>> perCpu(Scope scope) {
        return PerCpu.metric(scope);
    }

    /** Operations by thread. */
    public static Metric<?, Counter, Map<Integer, Long>> threadOps(Scope scope) {
        return PerCpu.threadOps(scope);
    }

    /** Ticks on a CPU, and stretches, by thread; from the same states as the metric {@code run_time_ns}. */
    public static Metric<?, EventBatch, Map<Integer, long[]>> threadRuns(Scope scope) {
        return RunTime.metric(scope).map(Metrics::ticksAndStretches);
    }

    private static Map<Integer, long[]> ticksAndStretches(RunTime.Result result) {
        Map<Integer, long[]> threads = new TreeMap<>();
        result.threads().forEach((thread, run) -> threads.put(thread, new long[] {run.ticks(), run.stretches()}));
        return threads;
    }

    /** Who ran where, and what happened, from one cycle to another. */
    public static Metric<?, EventBatch, Timeline> timeline(Scope scope, long startCycle, long endCycle) {
        return TimelineMetric.metric(scope, startCycle, endCycle);
    }

    /** How many events the measured window holds, by the counters that count them. */
    public static Metric<?, EventBatch, Map<CounterName, Long>> eventTotals(Scope scope) {
        return new EventTotals(scope);
    }
}
