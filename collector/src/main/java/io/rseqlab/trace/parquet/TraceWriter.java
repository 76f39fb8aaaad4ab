package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.EventSink;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a trace directory. Events come in order of (cycle, sequence); a row without a sequence gets the next. The
 * directory says {@code partial} until {@link #finish}; closing an unfinished writer keeps what was written, as
 * partial. A writer that fails, since the disk is full say, leaves whole parts or nothing.
 */
public final class TraceWriter implements EventSink, AutoCloseable {
    /** Keys of the footer of each part. */
    static final String MODEL = "rseqlab.model_version";

    static final String SPEC = "rseqlab.spec";

    private static final Column[] COLUMNS = Column.values();
    private static final int SEQUENCE_BIT = 1 << Column.SEQUENCE.ordinal();

    private final Path directory;
    private final TraceFolder folder;
    private final RunInfo start;
    private final Map<String, String> footer;
    private final WriterOptions countersInOnePart;
    private final TableWriter events;
    private final TableWriter ops;
    private final EventCounters eventCounters;
    private final List<Counter> counters = new ArrayList<>();
    private long lastSequence = -1;
    private long lastCycle = Long.MIN_VALUE;
    private boolean closed;
    /** What was written at the end, null before. */
    private RunInfo endInfo;

    private List<Counter> endCounters;
    private HeldEvents endEvents;

    private TraceWriter(Path directory, TraceFolder folder, RunInfo start, WriterOptions options) {
        this.directory = directory;
        this.folder = folder;
        this.start = start;
        footer = footer(start);
        countersInOnePart = new WriterOptions(Integer.MAX_VALUE, options.groupRows());
        events = new TableWriter(Table.EVENTS, directory, options, footer);
        ops = new TableWriter(Table.OPS, directory, options, footer);
        eventCounters = new EventCounters(start);
    }

    /**
     * Makes the directory and its first {@code run.json}.
     *
     * @param directory a place that does not exist or is empty
     * @param start what is known at the start: window, threads and specification; its state is taken as partial
     * @throws OutputException if the place is not empty or cannot be written
     */
    public static TraceWriter create(Path directory, RunInfo start, WriterOptions options) {
        Zstd.require();
        TraceFolder folder = TraceFolder.prepare(directory);
        try {
            RunJson.write(directory, start.withEnding(RunInfo.PARTIAL, start.totals(), null));
            return new TraceWriter(directory, folder, start, options);
        } catch (OutputException e) {
            folder.remove();
            throw e;
        }
    }

    /** {@link #create(Path, RunInfo, WriterOptions)} with the usual options. */
    public static TraceWriter create(Path directory, RunInfo start) {
        return create(directory, start, WriterOptions.DEFAULT);
    }

    private static Map<String, String> footer(RunInfo info) {
        Map<String, String> footer = new TreeMap<>();
        footer.put("rseqlab.format_version", Integer.toString(info.formatVersion()));
        footer.put(MODEL, info.modelVersion());
        footer.put(SPEC, RunJson.spec(info));
        return footer;
    }

    @Override
    public void accept(Event event) {
        long sequence = event.sequence();
        if (sequence == Event.ABSENT) {
            sequence = lastSequence + 1;
        }
        if (sequence <= lastSequence || event.cycle() < lastCycle) {
            throw new IllegalStateException(
                    "event out of order after sequence " + lastSequence + ", cycle " + lastCycle + ": " + event);
        }
        lastSequence = sequence;
        lastCycle = event.cycle();
        eventCounters.accept(event);
        try {
            put(event.kind() == EventKind.OP ? ops : events, event, sequence);
        } catch (OutputException e) {
            throw givenUp(e);
        }
    }

    private static void put(TableWriter table, Event event, long sequence) {
        Batch batch = table.batch();
        int row = batch.rows;
        batch.present[row] = event.present() | SEQUENCE_BIT;
        for (int rest = event.present(); rest != 0; rest &= rest - 1) {
            int field = Integer.numberOfTrailingZeros(rest);
            long[] numbers = batch.numbers[field];
            if (numbers != null) {
                numbers[row] = event.number(COLUMNS[field]);
            } else {
                batch.texts[field][row] = event.text(COLUMNS[field]);
            }
        }
        batch.numbers[Column.SEQUENCE.ordinal()][row] = sequence;
        table.endRow();
    }

    /**
     * Closes the parts under way and writes all counts so far, so that a writer killed from now on leaves a trace of
     * the window up to here. The next checkpoint, or the end, replaces the counts.
     *
     * @param cycle where the window would end: all events before it have been given, and none at or after it
     * @param more counts up to there that events do not show
     * @throws OutputException if that cannot be written
     */
    public void checkpoint(long cycle, List<Counter> more) {
        if (lastCycle >= cycle) {
            throw new IllegalStateException("an event at cycle " + lastCycle + " lies behind checkpoint " + cycle);
        }
        try {
            events.endPart();
            ops.endPart();
            writeCounters(allCounters(cycle, more));
        } catch (OutputException e) {
            throw givenUp(e);
        }
    }

    private List<Counter> allCounters(long windowEnd, List<Counter> more) {
        List<Counter> all = eventCounters.counters(windowEnd);
        all.addAll(more);
        return all;
    }

    /** One part, which takes the place of the one before at once: readers see the old or the new one. */
    private ContentHash writeCounters(List<Counter> all) {
        TableWriter rows = new TableWriter(Table.COUNTERS, directory, countersInOnePart, footer);
        try {
            for (Counter counter : all) {
                CounterRows.put(counter, rows.batch());
                rows.endRow();
            }
            rows.close();
            return rows.hash();
        } catch (OutputException e) {
            rows.discard();
            throw e;
        }
    }

    /** Keeps counts of the window that events do not show, to be written at the end. */
    public void counters(Iterable<Counter> more) {
        more.forEach(counters::add);
    }

    /**
     * Writes the counters, closes all parts and declares the trace complete, or partial if {@code end} says so.
     *
     * @param end what is known at the end; its window begins as it did at the start and may end earlier, behind the
     *     last event; totals given stay, others and the hash are filled in
     * @return the run information as written
     * @throws OutputException if that cannot be written
     */
    public RunInfo finish(RunInfo end) {
        requireSameWindow(end);
        closed = true;
        try {
            endEvents = events.held() == null ? null : new HeldEvents(events.held());
            events.close();
            ops.close();
            List<Counter> all = allCounters(end.windowEndCycle(), counters);
            endCounters = all;
            ContentHash counterHash = writeCounters(all);
            Map<String, Long> totals = new TreeMap<>(eventCounters.zeros());
            totals.putAll(Counter.totals(all));
            totals.putAll(end.totals());
            String hash = ContentHash.combine(List.of(events.hash(), ops.hash(), counterHash));
            RunInfo written = end.withEnding(end.state(), totals, hash);
            RunJson.write(directory, written);
            endInfo = written;
            return written;
        } catch (OutputException e) {
            throw givenUp(e);
        }
    }

    /** The trace as a reader will find it; only after {@link #finish}. */
    public WrittenTrace written() {
        return new WrittenTrace(directory, RunJson.asRead(endInfo), endCounters, endEvents);
    }

    private void requireSameWindow(RunInfo end) {
        boolean same = end.windowEndCycle() == start.windowEndCycle();
        boolean earlier = end.windowEndCycle() < start.windowEndCycle() && lastCycle < end.windowEndCycle();
        if (end.windowStartCycle() != start.windowStartCycle() || !(same || earlier)) {
            throw new IllegalStateException("the window has moved since events were counted by it");
        }
    }

    /** What {@link #create} was given. */
    public RunInfo start() {
        return start;
    }

    /** Closes an unfinished trace as partial: its parts become readable, with the counts of the last checkpoint. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try {
                events.close();
                ops.close();
            } catch (OutputException e) {
                throw givenUp(e);
            }
        }
    }

    /** Takes away all that was written, for a run that cannot come to anything. */
    public void discard() {
        closed = true;
        try {
            events.discard();
            ops.discard();
        } finally {
            folder.removeAll();
        }
    }

    /** No half-written file stays, and no directory in which there is nothing to read. */
    private OutputException givenUp(OutputException failure) {
        closed = true;
        events.discard();
        ops.discard();
        if (folder.holdsParts()) {
            return new OutputException(failure.getMessage() + "; what was written before stays, as partial", failure);
        }
        folder.remove();
        return failure;
    }
}
