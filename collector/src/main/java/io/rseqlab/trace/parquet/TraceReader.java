package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/** Reads a trace directory. Holds no open files itself; each cursor does until it is closed. */
public final class TraceReader {
    private final Path directory;
    private final RunInfo info;

    private TraceReader(Path directory, RunInfo info) {
        this.directory = directory;
        this.info = info;
    }

    /**
     * Opens a trace.
     *
     * @throws TraceException if the place is no trace that this version reads
     */
    public static TraceReader open(Path directory) {
        return new TraceReader(directory, RunJson.read(directory));
    }

    /** True where there is a {@code run.json}. */
    public static boolean isTrace(Path directory) {
        return Files.isRegularFile(directory.resolve(RunJson.FILE));
    }

    public RunInfo info() {
        return info;
    }

    public Path directory() {
        return directory;
    }

    /**
     * Kernel events in order.
     *
     * @param columns the columns to read, besides the kind; none means all
     */
    public EventCursor events(Column... columns) {
        return new TableCursor(Table.EVENTS, wanted(columns), eventParts());
    }

    /** Allocator operations in order, as many as the trace keeps; columns as in {@link #events}. */
    public EventCursor ops(Column... columns) {
        return new TableCursor(Table.OPS, wanted(columns), opParts());
    }

    /** Kernel events of some parts, so that threads can share the work. */
    public EventCursor events(List<Path> parts, Column... columns) {
        return new TableCursor(Table.EVENTS, wanted(columns), parts);
    }

    /**
     * Row groups of kernel events, in order, for {@link EventScan}.
     *
     * @throws TraceException if a part is no Parquet file
     */
    public List<EventGroup> eventGroups() {
        return EventGroups.of(eventParts());
    }

    /** Kernel events and allocator operations, merged in order. */
    public EventCursor all() {
        return new MergedCursor(events(), ops());
    }

    /** Closed parts of kernel events, in order. */
    public List<Path> eventParts() {
        return parts(Table.EVENTS);
    }

    /** Closed parts of allocator operations, in order. */
    public List<Path> opParts() {
        return parts(Table.OPS);
    }

    /** The exact counts; empty for a trace cut short. */
    public List<Counter> counters() {
        List<Counter> counters = new ArrayList<>();
        try (TableReader reader = new TableReader(Table.COUNTERS, everyField(Table.COUNTERS), parts(Table.COUNTERS))) {
            while (reader.next()) {
                for (int row = 0; row < reader.batch().rows; row++) {
                    counters.add(CounterRows.get(reader.batch(), row));
                }
            }
        }
        return counters;
    }

    /** The digest of what the parts hold, to be compared with run.json's. */
    public String contentHash() {
        return ContentHash.combine(List.of(hash(Table.EVENTS), hash(Table.OPS), hash(Table.COUNTERS)));
    }

    /**
     * What shows, without reading a row, that parts are not those that {@code run.json} speaks of: each a sentence that
     * names the part.
     *
     * @throws TraceException if a part is no Parquet file
     */
    public List<String> partFaults() {
        PartCheck check = new PartCheck(directory, info);
        for (Table table : List.of(Table.EVENTS, Table.OPS, Table.COUNTERS)) {
            check.table(table, parts(table));
        }
        return check.faults();
    }

    /**
     * Refuses parts that are not those that {@code run.json} speaks of.
     *
     * @throws TraceException naming the first such part
     */
    public void requireParts() {
        List<String> faults = partFaults();
        if (!faults.isEmpty()) {
            throw new TraceException(faults.get(0) + "; rseqlab check says all");
        }
    }

    private ContentHash hash(Table table) {
        ContentHash hash = new ContentHash(table);
        Dense scratch = new Dense();
        try (TableReader reader = new TableReader(table, everyField(table), parts(table))) {
            while (reader.next()) {
                hash.add(reader.batch(), scratch);
            }
        }
        return hash;
    }

    private static BitSet everyField(Table table) {
        BitSet every = new BitSet();
        every.set(0, table.fields().size());
        return every;
    }

    private static BitSet wanted(Column... columns) {
        if (columns.length == 0) {
            return everyField(Table.EVENTS);
        }
        BitSet wanted = new BitSet();
        wanted.set(Column.KIND.ordinal());
        for (Column column : columns) {
            wanted.set(column.ordinal());
        }
        return wanted;
    }

    private List<Path> parts(Table table) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> table.ownsPart(file.getFileName().toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new TraceException("cannot list '" + directory + "': " + e.getMessage(), e);
        }
    }
}
