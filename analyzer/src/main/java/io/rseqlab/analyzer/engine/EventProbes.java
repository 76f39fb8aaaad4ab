package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.trace.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every metric that comes from events, over one shard of one trace. */
final class EventProbes {
    private final Shard shard;
    private final Map<String, Probe<?, Event, MetricValue>> metrics = new LinkedHashMap<>();
    private final Probe<?, Event, Map<Integer, long[]>> threadRuns;
    private final Probe<?, Event, Timeline> timeline;
    private final List<Probe<?, Event, ?>> all = new ArrayList<>();

    /** Probes of a shard; a null window means no timeline. */
    EventProbes(Scope scope, Shard shard, TimelineWindow window) {
        this.shard = shard;
        for (MetricInfo info : Metrics.ALL) {
            if (info.fromEvents()) {
                metrics.put(info.id(), Probe.of(info.events().apply(scope), shard));
            }
        }
        threadRuns = Probe.of(Metrics.threadRuns(scope), shard);
        timeline = window == null
                ? null
                : Probe.of(Metrics.timeline(scope, window.startCycle(), window.endCycle()), shard);
        all.addAll(metrics.values());
        all.add(threadRuns);
        if (timeline != null) {
            all.add(timeline);
        }
    }

    void observe(Event event) {
        for (Probe<?, Event, ?> probe : all) {
            if (shard.sees(probe.metric().partition(), event)) {
                probe.observe(event);
            }
        }
    }

    /** Takes in another shard of the same trace. */
    void merge(EventProbes other) {
        metrics.forEach((id, probe) -> probe.merge(other.metrics.get(id)));
        threadRuns.merge(other.threadRuns);
        if (timeline != null) {
            timeline.merge(other.timeline);
        }
    }

    /** Writes every state, in the order in which {@link #mergeFrom} reads them. */
    void write(StateWriter out) {
        all.forEach(probe -> probe.write(out));
    }

    /** Takes in the states of another shard of the same trace. */
    void mergeFrom(StateReader in) {
        all.forEach(probe -> probe.mergeFrom(in));
    }

    /** The metric's value; null if it does not come from events. */
    MetricValue value(String id) {
        Probe<?, Event, MetricValue> probe = metrics.get(id);
        return probe == null ? null : probe.present();
    }

    Map<Integer, long[]> threadRuns() {
        return threadRuns.present();
    }

    /** The timeline, or null. */
    Timeline timeline() {
        return timeline == null ? null : timeline.present();
    }
}
