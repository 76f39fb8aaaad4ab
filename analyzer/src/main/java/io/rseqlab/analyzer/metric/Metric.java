package io.rseqlab.analyzer.metric;

import java.io.Serializable;
import java.util.List;
import java.util.function.Function;

/**
 * One metric as an algebra: states begin at {@link #zero}, take items, merge, and are presented once. Merging is
 * associative and commutative with zero as its identity; presenting zero gives "no data", never a number. Whatever
 * states together saw each item of a trace once merge to the state that saw them all, however the items were dealt out:
 * those that need the order of events keep what is open at the ends of each stretch they saw, see {@link Pieces}.
 *
 * @param <S> the state: exact, serialisable, with a meaningful {@code equals}
 * @param <O> what is observed: {@link io.rseqlab.trace.EventBatch} or {@link io.rseqlab.trace.Counter}
 * @param <R> what is presented
 */
public interface Metric<S extends Serializable, O, R> {
    /** A state that has seen nothing. */
    S zero();

    /** Adds one item, in the order of the trace. The item may be reused by the caller. */
    void observe(S state, O item);

    /** Adds items, which are not reused: the same as one after the other. */
    default void observeAll(S state, List<? extends O> items) {
        items.forEach(item -> observe(state, item));
    }

    /** The state of both shards together; neither argument is changed. */
    S merge(S a, S b);

    R present(S state);

    /** Writes a state so that another process can merge it. */
    void write(S state, StateWriter out);

    /**
     * Reads what {@link #write} wrote: an equal state.
     *
     * @throws java.io.UncheckedIOException if it cannot have been written by it
     */
    S read(StateReader in);

    /** The same metric with another presentation. */
    default <T> Metric<S, O, T> map(Function<R, T> presentation) {
        return new MappedMetric<>(this, presentation);
    }
}
