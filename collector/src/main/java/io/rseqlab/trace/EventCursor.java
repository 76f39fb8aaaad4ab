package io.rseqlab.trace;

/** Reads events in order, one reused row at a time. */
public interface EventCursor extends AutoCloseable {
    /** Moves to the next event; false at the end. */
    boolean next();

    /** The current row; its content changes with the next {@link #next}. */
    Event event();

    @Override
    void close();
}
