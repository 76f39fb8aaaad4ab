package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.EventSink;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a trace directory. Events come in order of (cycle, sequence); a row without a sequence gets the next. The
 * directory says {@code partial} until {@link #finish}; closing an unfinished writer keeps what was written, as
 * partial.
 */
public final class TraceWriter implements EventSink, AutoCloseable {
    /** Keys of the footer of each part. */
    static final String MODEL = "rseqlab.model_version";

    static final String SPEC = "rseqlab.spec";

    private static final Column[] COLUMNS = Column.values();
    private static final int SEQUENCE_BIT = 1 << Column.SEQUENCE.ordinal();

    private final Path directory;
    private final RunInfo start;
    private final TableWriter events;
    private final TableWriter ops;
    private final TableWriter counterRows;
    private final EventCounters eventCounters;
    private final List<Counter> counters = new ArrayList<>();
    private long lastSequence = -1;
    private long lastCycle = Long.MIN_VALUE;
    private boolean closed;

    private TraceWriter(Path directory, RunInfo start, WriterOptions options) {
        this.directory = directory;
        this.start = start;
        Map<String, String> footer = footer(start);
        events = new TableWriter(Table.EVENTS, directory, options, footer);
        ops = new TableWriter(Table.OPS, directory, options, footer);
        counterRows = new TableWriter(Table.COUNTERS, directory, options, footer);
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
        prepare(directory);
        RunJson.write(directory, withState(start, RunInfo.PARTIAL, start.totals(), null));
        return new TraceWriter(directory, start, options);
    }

    /** {@link #create(Path, RunInfo, WriterOptions)} with the usual options. */
    public static TraceWriter create(Path directory, RunInfo start) {
        return create(directory, start, WriterOptions.DEFAULT);
    }

    private static void prepare(Path directory) {
        try {
            Files.createDirectories(directory);
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                if (entries.iterator().hasNext()) {
                    throw new OutputException(
                            "'" + directory + "' is not empty: name a new directory, or remove this one first");
                }
            }
        } catch (IOException e) {
            throw new OutputException("cannot write to '" + directory + "': " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException) {
            return "it is a file";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return e instanceof NoSuchFileException || e.getMessage() == null
                ? "no folder can be made there"
                : e.getMessage();
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
        put(event.kind() == EventKind.OP ? ops : events, event, sequence);
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

    /** Keeps counts that events do not show, to be written at the end. */
    public void counters(Iterable<Counter> more) {
        more.forEach(counters::add);
    }

    /**
     * Writes the counters, closes all parts and declares the trace complete, or partial if {@code end} says so.
     *
     * @param end what is known at the end, with the window of the start; totals given stay, others and the hash are
     *     filled in
     * @return the run information as written
     */
    public RunInfo finish(RunInfo end) {
        if (end.windowStartCycle() != start.windowStartCycle() || end.windowEndCycle() != start.windowEndCycle()) {
            throw new IllegalStateException("the window has moved since events were counted by it");
        }
        closed = true;
        events.close();
        ops.close();
        counters.addAll(0, eventCounters.counters(end.windowEndCycle()));
        for (Counter counter : counters) {
            CounterRows.put(counter, counterRows.batch());
            counterRows.endRow();
        }
        counterRows.close();
        Map<String, Long> totals = new TreeMap<>(eventCounters.zeros());
        totals.putAll(Counter.totals(counters));
        totals.putAll(end.totals());
        String hash = ContentHash.combine(List.of(events.hash(), ops.hash(), counterRows.hash()));
        RunInfo written = withState(end, end.state(), totals, hash);
        RunJson.write(directory, written);
        return written;
    }

    /** What {@link #create} was given. */
    public RunInfo start() {
        return start;
    }

    /** Closes an unfinished trace as partial: its parts become readable, without counters. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            events.close();
            ops.close();
        }
    }

    private static RunInfo withState(RunInfo info, String state, Map<String, Long> totals, String hash) {
        return new RunInfo(
                info.formatVersion(),
                info.modelVersion(),
                info.source(),
                state,
                info.clockHz(),
                info.cpus(),
                info.windowStartCycle(),
                info.windowEndCycle(),
                info.offsetUnit(),
                info.spec(),
                info.sections(),
                info.threads(),
                totals,
                hash);
    }
}
