package io.rseqlab.collector.kernel;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventSink;
import java.util.ArrayDeque;
import java.util.PriorityQueue;

/**
 * Puts events into the order of the trace. Cores run ahead of each other by a little, so events arrive slightly out of
 * order; they wait here until no earlier one can come, and then get their sequence number.
 */
public final class EventLog {
    /** Stands for an event whose sequence number is not known yet. */
    public static final class Ref {
        private long sequence = Event.ABSENT;
    }

    private static final class Entry implements Comparable<Entry> {
        private final Event event = new Event();
        private long arrival;
        private Ref self;
        private Ref cause;

        @Override
        public int compareTo(Entry other) {
            int order = Long.compare(event.cycle(), other.event.cycle());
            return order != 0 ? order : Long.compare(arrival, other.arrival);
        }
    }

    private final EventSink sink;
    private final PriorityQueue<Entry> waiting = new PriorityQueue<>();
    private final ArrayDeque<Entry> free = new ArrayDeque<>();
    private long arrivals;
    private long sequence;

    public EventLog(EventSink sink) {
        this.sink = sink;
    }

    /** Takes an event; it is copied. */
    public void add(Event event) {
        add(event, null, null);
    }

    /**
     * Takes an event; it is copied.
     *
     * @param self gets the event's sequence number in time, may be null
     * @param cause the event that caused it, may be null
     */
    public void add(Event event, Ref self, Ref cause) {
        Entry entry = free.isEmpty() ? new Entry() : free.pop();
        entry.event.copyFrom(event);
        entry.arrival = arrivals++;
        entry.self = self;
        entry.cause = cause;
        waiting.add(entry);
    }

    /** Releases all events before a cycle: no earlier one will come. */
    public void release(long beforeCycle) {
        while (!waiting.isEmpty() && waiting.peek().event.cycle() < beforeCycle) {
            Entry entry = waiting.poll();
            entry.event.set(Column.SEQUENCE, sequence);
            if (entry.self != null) {
                entry.self.sequence = sequence;
            }
            if (entry.cause != null && entry.cause.sequence != Event.ABSENT) {
                entry.event.set(Column.CAUSE_SEQUENCE, entry.cause.sequence);
            }
            sequence++;
            sink.accept(entry.event);
            free.push(entry);
        }
    }
}
