package io.rseqlab.trace.malloc;

/** Takes the events of a malloc trace in their order. */
@FunctionalInterface
public interface MallocSink {
    /** Takes one event, which the caller goes on to use for the next. */
    void accept(MallocEvent event);
}
