package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.parquet.EventGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Metrics that come from events, over some row groups of one trace. */
final class EventProbes {
    private static final String RUN_TIME = "run_time_ns";

    private final Map<String, Probe<?, EventBatch, MetricValue>> metrics = new LinkedHashMap<>();
    private final Scope scope;
    private final Probe<?, EventBatch, Timeline> timeline;
    private final Probe<?, EventBatch, Map<CounterName, Long>> totals;
    private final List<Probe<?, EventBatch, ?>> all = new ArrayList<>();

    /**
     * Probes of a trace.
     *
     * @param selected metrics to compute, of which those from counters are passed over
     * @param window what the timeline shows; null for no timeline
     */
    EventProbes(Scope scope, List<MetricInfo> selected, TimelineWindow window) {
        this.scope = scope;
        for (MetricInfo info : selected) {
            if (info.fromEvents()) {
                metrics.put(info.id(), Probe.of(info.events().apply(scope)));
            }
        }
        timeline = window == null ? null : Probe.of(Metrics.timeline(scope, window.startCycle(), window.endCycle()));
        totals = countsEverything(selected) ? Probe.of(Metrics.eventTotals(scope)) : null;
        all.addAll(metrics.values());
        for (Probe<?, EventBatch, ?> extra : Arrays.asList(timeline, totals)) {
            if (extra != null) {
                all.add(extra);
            }
        }
    }

    /** Who asks for every metric reads every event, and so can hold them against the trace's totals. */
    private static boolean countsEverything(List<MetricInfo> selected) {
        return selected.containsAll(
                Metrics.ALL.stream().filter(MetricInfo::fromEvents).toList());
    }

    /** The rows that these metrics look at. */
    static EventGroup.Wanted wanted(Scope scope, List<MetricInfo> selected, TimelineWindow window) {
        if (window != null || countsEverything(selected)) {
            return EventGroup.Wanted.ALL;
        }
        Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
        boolean windowOnly = true;
        for (MetricInfo info : selected) {
            kinds.addAll(info.kinds());
            windowOnly &= info.windowOnly() || !info.fromEvents();
        }
        return windowOnly
                ? new EventGroup.Wanted(
                        kinds, scope.info().windowStartCycle(), scope.info().windowEndCycle())
                : new EventGroup.Wanted(kinds, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    void observe(EventBatch batch) {
        for (Probe<?, EventBatch, ?> probe : all) {
            probe.observe(batch);
        }
    }

    /** Takes in other row groups of the same trace. */
    void merge(EventProbes other) {
        metrics.forEach((id, probe) -> probe.merge(other.metrics.get(id)));
        if (timeline != null) {
            timeline.merge(other.timeline);
        }
        if (totals != null) {
            totals.merge(other.totals);
        }
    }

    /** Writes every state, in the order in which {@link #mergeFrom} reads them. */
    void write(StateWriter out) {
        all.forEach(probe -> probe.write(out));
    }

    /** Takes in the states of other row groups of the same trace. */
    void mergeFrom(StateReader in) {
        all.forEach(probe -> probe.mergeFrom(in));
    }

    /** The metric's value; null if it does not come from events. */
    MetricValue value(String id) {
        Probe<?, EventBatch, MetricValue> probe = metrics.get(id);
        return probe == null ? null : probe.present();
    }

    Map<Integer, long[]> threadRuns() {
        Probe<?, EventBatch, MetricValue> runTime = metrics.get(RUN_TIME);
        return runTime == null ? Map.of() : runTime.presentAs(Metrics.threadRuns(scope));
    }

    /** The timeline, or null. */
    Timeline timeline() {
        return timeline == null ? null : timeline.present();
    }

    /**
     * Events of the measured window by counter, where none is the same as zero; null where not every event was read.
     */
    Map<CounterName, Long> totals() {
        return totals == null ? null : totals.present();
    }
}
