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
    private static final int KIND_BIT = 1 << Column.KIND.ordinal();

    private final TableReader reader;
    private final Event event = new Event();
    private final Map<String, EventKind> kinds = new HashMap<>();
    private String lastKind;
    private int row = -1;
    private int rows;

    TableCursor(Table table, BitSet wanted, List<Path> parts) {
        reader = new TableReader(table, wanted, parts);
        for (EventKind kind : EventKind.values()) {
            kinds.put(kind.id(), kind);
        }
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
        if (kind != lastKind) {
            event.kind(known(kind));
            lastKind = kind;
        }
        event.clear();
        for (int rest = batch.present[row] & ~KIND_BIT; rest != 0; rest &= rest - 1) {
            int field = Integer.numberOfTrailingZeros(rest);
            long[] numbers = batch.numbers[field];
            if (numbers != null) {
                event.set(COLUMNS[field], numbers[row]);
            } else {
                event.set(COLUMNS[field], batch.texts[field][row]);
            }
        }
    }

    private EventKind known(String kind) {
        EventKind known = kinds.get(kind);
        if (known == null) {
            throw new TraceException("event kind '" + kind + "' is unknown to this version");
        }
        return known;
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
