package io.rseqlab.analyzer;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.util.ArrayList;
import java.util.List;

/** Events of a list as a batch. */
public record EventRows(long firstRow, List<Event> events) implements EventBatch {
    /** The events cut into batches of so many rows. */
    public static List<EventBatch> batches(List<Event> events, int rows) {
        List<EventBatch> batches = new ArrayList<>();
        for (int from = 0; from < events.size(); from += rows) {
            batches.add(new EventRows(from, events.subList(from, Math.min(events.size(), from + rows))));
        }
        return batches;
    }

    @Override
    public int rows() {
        return events.size();
    }

    @Override
    public boolean holds(EventKind kind) {
        return events.stream().anyMatch(event -> event.kind() == kind);
    }

    @Override
    public int[] kinds() {
        return events.stream().mapToInt(event -> event.kind().ordinal()).toArray();
    }

    @Override
    public long[] longs(Column column) {
        return events.stream().mapToLong(event -> event.number(column)).toArray();
    }

    @Override
    public int[] ints(Column column) {
        return events.stream()
                .mapToInt(event -> event.has(column) ? (int) event.number(column) : ABSENT_INT)
                .toArray();
    }

    @Override
    public int[] codes(Column column) {
        List<String> texts = List.of(texts(column));
        return events.stream()
                .mapToInt(event -> event.has(column) ? texts.indexOf(event.text(column)) : ABSENT_CODE)
                .toArray();
    }

    @Override
    public String[] texts(Column column) {
        return events.stream()
                .filter(event -> event.has(column))
                .map(event -> event.text(column))
                .distinct()
                .toArray(String[]::new);
    }
}
