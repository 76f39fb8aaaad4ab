package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A metric that is a function of summed counters.
 *
 * @param <R> what is presented
 * @param inputs the counters it needs
 * @param kept the dimensions it needs them by
 * @param scope the trace
 * @param presenter what to make of the sums, once any was seen
 * @param noData what to present when nothing was seen
 */
record CounterMetric<R>(
        Set<CounterName> inputs, Set<Dimension> kept, Scope scope, Function<Tally, R> presenter, R noData)
        implements Metric<Tally, Counter, R> {

    @Override
    public Tally zero() {
        return new Tally();
    }

    @Override
    public void observe(Tally state, Counter item) {
        observeAll(state, List.of(item));
    }

    /** Most rows are of counters that a metric does not need: it passes over them in one loop. */
    @Override
    public void observeAll(Tally state, List<? extends Counter> items) {
        boolean[] needed = new boolean[CounterName.values().length];
        inputs.forEach(input -> needed[input.ordinal()] = true);
        state.seen(items.size());
        for (Counter item : items) {
            if (needed[item.name().ordinal()] && measured(item)) {
                state.add(Key.of(item, kept), item.value());
            }
        }
    }

    /** Counts of intervals that end with the warm-up belong to it; an interval is never cut. */
    private boolean measured(Counter item) {
        return item.startCycle() == null
                || (item.endCycle() > scope.info().windowStartCycle()
                        && item.startCycle() < scope.info().windowEndCycle());
    }

    @Override
    public Tally merge(Tally a, Tally b) {
        return Tally.merge(a, b);
    }

    @Override
    public R present(Tally state) {
        return state.isEmpty() ? noData : presenter.apply(state);
    }

    @Override
    public void write(Tally state, StateWriter out) {
        state.write(out);
    }

    @Override
    public Tally read(StateReader in) {
        return Tally.read(in);
    }
}
