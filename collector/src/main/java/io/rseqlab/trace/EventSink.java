package io.rseqlab.trace;

/** Takes events in the order of (cycle, sequence). */
@FunctionalInterface
public interface EventSink {
    /** Takes one event; the row is the caller's and may change as soon as this returns. */
    void accept(Event event);

    /** A sink that hands every event to this one and then to the other. */
    default EventSink tee(EventSink other) {
        return event -> {
            accept(event);
            other.accept(event);
        };
    }
}
