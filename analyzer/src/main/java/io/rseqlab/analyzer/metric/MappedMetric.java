package io.rseqlab.analyzer.metric;

import java.io.Serializable;
import java.util.List;
import java.util.function.Function;

/** A metric with another presentation. */
record MappedMetric<S extends Serializable, O, Q, R>(Metric<S, O, Q> metric, Function<Q, R> presentation)
        implements Metric<S, O, R> {
    @Override
    public S zero() {
        return metric.zero();
    }

    @Override
    public void observe(S state, O item) {
        metric.observe(state, item);
    }

    @Override
    public void observeAll(S state, List<? extends O> items) {
        metric.observeAll(state, items);
    }

    @Override
    public S merge(S a, S b) {
        return metric.merge(a, b);
    }

    @Override
    public R present(S state) {
        return presentation.apply(metric.present(state));
    }

    @Override
    public void write(S state, StateWriter out) {
        metric.write(state, out);
    }

    @Override
    public S read(StateReader in) {
        return metric.read(in);
    }
}
