package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.CpuResult;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Counter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every metric that comes from counters, over one trace. */
final class CounterProbes {
    private final Map<String, Probe<?, Counter, MetricValue>> metrics = new LinkedHashMap<>();
    private final Probe<?, Counter, Map<String, LatencyHistogram>> latency;
    private final Probe<?, Counter, List<AbortSite>> abortSites;
    private final Probe<?, Counter, List<CpuResult>> perCpu;
    private final Probe<?, Counter, Map<Integer, Long>> threadOps;
    private final List<Probe<?, Counter, ?>> all = new ArrayList<>();

    /** Probes of those of the metrics that come from counters. */
    CounterProbes(Scope scope, List<MetricInfo> selected) {
        for (MetricInfo info : selected) {
            if (!info.fromEvents()) {
                metrics.put(info.id(), Probe.of(info.counters().apply(scope)));
            }
        }
        latency = Probe.of(Metrics.latencyHistograms(scope));
        abortSites = Probe.of(Metrics.abortSites(scope));
        perCpu = Probe.of(Metrics.perCpu(scope));
        threadOps = Probe.of(Metrics.threadOps(scope));
        all.addAll(metrics.values());
        all.addAll(List.of(latency, abortSites, perCpu, threadOps));
    }

    void observe(List<Counter> counters) {
        for (Probe<?, Counter, ?> probe : all) {
            probe.observeAll(counters);
        }
    }

    /** Takes in another shard of the same trace. */
    void merge(CounterProbes other) {
        metrics.forEach((id, probe) -> probe.merge(other.metrics.get(id)));
        latency.merge(other.latency);
        abortSites.merge(other.abortSites);
        perCpu.merge(other.perCpu);
        threadOps.merge(other.threadOps);
    }

    /** Writes every state, in the order in which {@link #mergeFrom} reads them. */
    void write(StateWriter out) {
        all.forEach(probe -> probe.write(out));
    }

    /** Takes in the states of another shard of the same trace. */
    void mergeFrom(StateReader in) {
        all.forEach(probe -> probe.mergeFrom(in));
    }

    /** The metric's value; null if it does not come from counters. */
    MetricValue value(String id) {
        Probe<?, Counter, MetricValue> probe = metrics.get(id);
        return probe == null ? null : probe.present();
    }

    Map<String, LatencyHistogram> latency() {
        return latency.present();
    }

    List<AbortSite> abortSites() {
        return abortSites.present();
    }

    List<CpuResult> perCpu() {
        return perCpu.present();
    }

    Map<Integer, Long> threadOps() {
        return threadOps.present();
    }
}
