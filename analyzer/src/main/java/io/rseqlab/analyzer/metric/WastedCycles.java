package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;

/** User time that each abort threw away. */
final class WastedCycles implements Metric<Histogram, Event, MetricValue> {
    private static final String UNIT = "cycles";

    private final Scope scope;

    WastedCycles(Scope scope) {
        this.scope = scope;
    }

    static MetricInfo info() {
        return MetricInfo.ofEvents(
                "wasted_cycles_per_abort",
                UNIT,
                "user time from the start of an attempt to the interruption that aborted it",
                WastedCycles::new);
    }

    @Override
    public Histogram zero() {
        return new Histogram();
    }

    @Override
    public void observe(Histogram state, Event item) {
        if (item.kind() == EventKind.ABORT && item.has(Column.WASTED_CYCLES) && scope.inWindow(item.cycle())) {
            state.add(item.number(Column.WASTED_CYCLES));
        }
    }

    @Override
    public Histogram merge(Histogram a, Histogram b) {
        return Histogram.merge(a, b);
    }

    @Override
    public MetricValue present(Histogram state) {
        return state.count() == 0
                ? MetricValue.noData(UNIT, "no abort says how much it wasted")
                : state.present(UNIT, 1);
    }

    @Override
    public void write(Histogram state, StateWriter out) {
        state.write(out);
    }

    @Override
    public Histogram read(StateReader in) {
        return Histogram.read(in);
    }

    @Override
    public Partition partition() {
        return Partition.ANY;
    }
}
