package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.util.EnumSet;

/** User time that each abort threw away. */
final class WastedCycles implements Metric<Histogram, EventBatch, MetricValue> {
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
                EnumSet.of(EventKind.ABORT),
                true,
                WastedCycles::new);
    }

    @Override
    public Histogram zero() {
        return new Histogram();
    }

    @Override
    public void observe(Histogram state, EventBatch batch) {
        if (!batch.holds(EventKind.ABORT)) {
            return;
        }
        int[] kinds = batch.kinds();
        long[] cycles = batch.longs(Column.CYCLE);
        long[] wasted = batch.longs(Column.WASTED_CYCLES);
        int abort = EventKind.ABORT.ordinal();
        for (int row = 0; row < batch.rows(); row++) {
            if (kinds[row] == abort && wasted[row] != Event.ABSENT && scope.inWindow(cycles[row])) {
                state.add(wasted[row]);
            }
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
}
