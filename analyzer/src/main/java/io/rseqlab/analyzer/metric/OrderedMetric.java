package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.EventBatch;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A metric that needs the order of events.
 *
 * @param <P> what is found in consecutive rows
 * @param <R> what is presented
 * @param scope the trace
 * @param empty makes a piece that has seen nothing; appending to it gives what was appended
 * @param reader reads what {@link Pieces.Piece#write} wrote
 * @param presenter what to make of a whole trace
 */
record OrderedMetric<P extends Pieces.Piece<P>, R>(
        Scope scope, Supplier<P> empty, Function<StateReader, P> reader, Function<P, R> presenter)
        implements Metric<Pieces<P>, EventBatch, R> {

    @Override
    public Pieces<P> zero() {
        return new Pieces<>();
    }

    @Override
    public void observe(Pieces<P> state, EventBatch batch) {
        state.observe(batch, scope, empty);
    }

    @Override
    public Pieces<P> merge(Pieces<P> a, Pieces<P> b) {
        return Pieces.merge(a, b, scope, empty);
    }

    @Override
    public R present(Pieces<P> state) {
        return presenter.apply(state.whole(scope, empty));
    }

    @Override
    public void write(Pieces<P> state, StateWriter out) {
        state.write(out);
    }

    @Override
    public Pieces<P> read(StateReader in) {
        return Pieces.read(in, reader);
    }
}
