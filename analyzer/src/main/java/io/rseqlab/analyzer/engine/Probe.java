package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.Metric;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import java.io.Serializable;
import java.util.List;

/** A metric at work: its state over some of a trace. */
final class Probe<S extends Serializable, O, R> {
    private final Metric<S, O, R> metric;
    private S state;

    private Probe(Metric<S, O, R> metric) {
        this.metric = metric;
        this.state = metric.zero();
    }

    static <S extends Serializable, O, R> Probe<S, O, R> of(Metric<S, O, R> metric) {
        return new Probe<>(metric);
    }

    void observe(O item) {
        metric.observe(state, item);
    }

    void observeAll(List<? extends O> items) {
        metric.observeAll(state, items);
    }

    /** Takes in the probe of another part of the trace; both must come from the same metric. */
    @SuppressWarnings("unchecked")
    void merge(Probe<?, O, R> other) {
        state = metric.merge(state, (S) other.state);
    }

    void write(StateWriter out) {
        metric.write(state, out);
    }

    /** Takes in a state that another process wrote. */
    void mergeFrom(StateReader in) {
        state = metric.merge(state, metric.read(in));
    }

    /** Presents the state as another metric that has the same states. */
    @SuppressWarnings("unchecked")
    <T> T presentAs(Metric<?, O, T> other) {
        return ((Metric<S, O, T>) other).present(state);
    }

    R present() {
        return metric.present(state);
    }
}
