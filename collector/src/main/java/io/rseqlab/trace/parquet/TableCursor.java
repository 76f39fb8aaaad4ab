package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.TraceException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads event rows of parts; columns that are not wanted stay absent. */
final class TableCursor implements EventCursor {
    private static final Column[] COLUMNS = Column.values();

    private final TableReader reader;
    private final Column[] numbers;
    private final Column[] texts;
    private final Event event = new Event();
    private final Map<String, EventKind> kinds = new HashMap<>();
    private int row = -1;
    private int rows;

    TableCursor(Table table, BitSet wanted, List<Path> parts) {
        reader = new TableReader(table, wanted, parts);
        numbers = wanted.stream()
                .mapToObj(index -> COLUMNS[index])
                .filter(column -> column.type() != Column.Type.TEXT)
                .toArray(Column[]::new);
        texts = wanted.stream()
                .mapToObj(index -> COLUMNS[index])
                .filter(column -> column.type() == Column.Type.TEXT && column != Column.KIND)
                .toArray(Column[]::new);
        for (EventKind kind : EventKind.values()) {
            kinds.put(kind.id(), kind);
        }
        event.clear();
    }

    @Override
    public boolean next() {
        if (++row >= rows) {
            if (!reader.next()) {
                return false;
            }
            row = 0;
            rows = reader.batch().rows;
        }
        load();
        return true;
    }

    private void load() {
        Batch batch = reader.batch();
        String kind = batch.texts[Column.KIND.ordinal()][row];
        EventKind known = kinds.get(kind);
        if (known == null) {
            throw new TraceException("event kind '" + kind + "' is unknown to this version");
        }
        event.kind(known);
        for (Column column : numbers) {
            event.set(column, batch.numbers[column.ordinal()][row]);
        }
        for (Column column : texts) {
            event.set(column, batch.texts[column.ordinal()][row]);
        }
    }

    @Override
    public Event event() {
        return event;
    }

    @Override
    public void close() {
        reader.close();
    }
}
