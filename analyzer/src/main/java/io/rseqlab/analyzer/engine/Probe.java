package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.Metric;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import java.io.Serializable;

/** A metric at work: its state over one shard. */
final class Probe<S extends Serializable, O, R> {
    private final Metric<S, O, R> metric;
    private S state;

    private Probe(Metric<S, O, R> metric, Shard shard) {
        this.metric = metric;
        this.state = metric.zero(shard);
    }

    static <S extends Serializable, O, R> Probe<S, O, R> of(Metric<S, O, R> metric, Shard shard) {
        return new Probe<>(metric, shard);
    }

    Metric<S, O, R> metric() {
        return metric;
    }

    void observe(O item) {
        metric.observe(state, item);
    }

    /** Takes in the probe of another shard; both must come from the same metric. */
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

    R present() {
        return metric.present(state);
    }
}
