package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCursor;

/** Two cursors as one, in order of sequence. */
final class MergedCursor implements EventCursor {
    private final EventCursor first;
    private final EventCursor second;
    private boolean firstHas;
    private boolean secondHas;
    private EventCursor current;

    MergedCursor(EventCursor first, EventCursor second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public boolean next() {
        if (current == null || current == first) {
            firstHas = first.next();
        }
        if (current == null || current == second) {
            secondHas = second.next();
        }
        boolean takeFirst = firstHas
                && (!secondHas || first.event().sequence() < second.event().sequence());
        current = takeFirst ? first : second;
        return firstHas || secondHas;
    }

    @Override
    public Event event() {
        return current.event();
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
