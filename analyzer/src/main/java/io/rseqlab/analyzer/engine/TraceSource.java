package io.rseqlab.analyzer.engine;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceChecker;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.parquet.PartialTrace;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One trace as the metrics need it. The window of one cut short ends where its parts do; if it has no counters, those
 * of its kernel events are taken from the events themselves.
 *
 * @param path where it lies
 * @param reader reads it
 * @param info what it says of itself, its window shortened if it was cut short
 * @param partial what is there and what is missing; null for a complete trace
 * @param counters its exact counts
 */
record TraceSource(Path path, TraceReader reader, RunInfo info, String partial, List<Counter> counters) {
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
        reader.requireParts();
        RunInfo info = PartialTrace.covered(reader, counters);
        String partial = PartialTrace.describe(reader, info, counters);
        if (info.finished() && !counters.isEmpty()) {
            refuse(TraceChecker.totalFaults(reader.info(), counters).stream()
                    .map(fault ->
                            "'" + path.resolve("counters-*.parquet") + "' and run.json are not of one run: " + fault)
                    .toList());
        }
        if (info.finished() || !counters.isEmpty()) {
            return new TraceSource(path, reader, info, partial, counters);
        }
        EventCounters fromEvents = new EventCounters(info);
        try (EventCursor events = reader.events()) {
            while (events.next()) {
                fromEvents.accept(events.event());
            }
        }
        return new TraceSource(path, reader, info, partial, fromEvents.counters(info.windowEndCycle()));
    }

    private static void refuse(List<String> faults) {
        if (!faults.isEmpty()) {
            throw new TraceException(faults.get(0) + "; rseqlab check says all");
        }
    }

    /**
     * Holds what was read of events against the trace's own totals, those of a writer that came to its end.
     *
     * @param path the trace
     * @param counted events of the measured window; none is the same as zero
     * @throws TraceException if they do not agree: parts are missing, or of another run
     */
    static void requireCounted(String path, RunInfo info, Map<CounterName, Long> counted) {
        if (info.finished()) {
            refuse(
                    TraceChecker.eventFaults(info, name -> counted.getOrDefault(name, 0L), KNOWN_FROM_COLUMNS_READ)
                            .stream()
                            .map(fault -> "'" + Path.of(path).resolve("events-*.parquet")
                                    + "' are not those that run.json counts: " + fault)
                            .toList());
        }
    }
}
