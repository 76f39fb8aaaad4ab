package io.rseqlab.analyzer.engine;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceChecker;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.List;

/**
 * One trace as the metrics need it. A trace cut short has no counters: those of its kernel events are taken from the
 * events themselves, and its window ends with its last event.
 *
 * @param path where it lies
 * @param reader reads it
 * @param info what it says of itself, its window shortened if it was cut short
 * @param counters its exact counts
 */
record TraceSource(Path path, TraceReader reader, RunInfo info, List<Counter> counters) {
    /** All but interruptions, which need columns that no metric reads. */
    private static final List<CounterName> KNOWN_FROM_COLUMNS_READ = EventCounters.NAMES.stream()
            .filter(name -> name != CounterName.INTERRUPTIONS)
            .toList();

    static TraceSource open(Path path) {
        TraceReader reader = TraceReader.open(path);
        List<Counter> counters = reader.counters();
        boolean complete = RunInfo.COMPLETE.equals(reader.info().state());
        if (complete && counters.isEmpty()) {
            throw new TraceException(
                    "'" + path + "' says that it is complete and has no counters: was it copied whole?");
        }
        refuse(reader.partFaults());
        if (!counters.isEmpty()) {
            refuse(TraceChecker.totalFaults(reader.info(), counters).stream()
                    .map(fault ->
                            "'" + path.resolve("counters-*.parquet") + "' and run.json are not of one run: " + fault)
                    .toList());
        }
        if (complete || !counters.isEmpty()) {
            return new TraceSource(path, reader, reader.info(), counters);
        }
        RunInfo info = shortened(reader.info(), lastCycle(reader) + 1);
        EventCounters fromEvents = new EventCounters(info);
        try (EventCursor events = reader.events()) {
            while (events.next()) {
                fromEvents.accept(events.event());
            }
        }
        return new TraceSource(path, reader, info, fromEvents.counters(info.windowEndCycle()));
    }

    private static void refuse(List<String> faults) {
        if (!faults.isEmpty()) {
            throw new TraceException(faults.get(0) + "; rseqlab check says all");
        }
    }

    /**
     * Holds what was read of events against the trace's own totals.
     *
     * @throws TraceException if they do not agree: parts are missing, or of another run
     */
    void requireCounted(EventCounters counted) {
        refuse(TraceChecker.eventFaults(reader.info(), counted, KNOWN_FROM_COLUMNS_READ).stream()
                .map(fault -> "'" + path.resolve("events-*.parquet") + "' are not those that run.json counts: " + fault)
                .toList());
    }

    /** The same without the counters, which are many, once they are counted. */
    TraceSource withoutCounters() {
        return new TraceSource(path, reader, info, List.of());
    }

    private static long lastCycle(TraceReader reader) {
        List<Path> parts = reader.eventParts();
        long last = -1;
        if (!parts.isEmpty()) {
            try (EventCursor events = reader.events(parts.subList(parts.size() - 1, parts.size()), Column.CYCLE)) {
                while (events.next()) {
                    last = Math.max(last, events.event().cycle());
                }
            }
        }
        return last;
    }

    private static RunInfo shortened(RunInfo info, long end) {
        long plannedEnd = info.windowEndCycle() > 0 ? info.windowEndCycle() : end;
        return new RunInfo(
                info.formatVersion(),
                info.modelVersion(),
                info.source(),
                info.state(),
                info.clockHz(),
                info.cpus(),
                info.windowStartCycle(),
                Math.max(info.windowStartCycle(), Math.min(plannedEnd, end)),
                info.offsetUnit(),
                info.spec(),
                info.sections(),
                info.threads(),
                info.totals(),
                info.contentHash());
    }
}
