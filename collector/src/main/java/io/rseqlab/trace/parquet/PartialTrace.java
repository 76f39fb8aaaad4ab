package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.RunInfo;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a trace that is not complete still says. One whose run was interrupted says it itself. One whose run was killed
 * has the counts of its last checkpoint, if there was one: its window ends there. Without one it may have closed parts
 * of events: its window ends with the last of them.
 */
public final class PartialTrace {
    private PartialTrace() {}

    /**
     * What the trace says of itself, with the window that its parts cover and the totals of its counters.
     *
     * @param counters the trace's counters
     */
    public static RunInfo covered(TraceReader reader, List<Counter> counters) {
        RunInfo info = reader.info();
        if (info.finished() || !info.state().equals(RunInfo.PARTIAL)) {
            return info;
        }
        OptionalLong checkpoint = counters.stream()
                .map(Counter::endCycle)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .max();
        long end = checkpoint.isPresent() ? checkpoint.getAsLong() : lastCycle(reader) + 1;
        long planned = info.windowEndCycle() > 0 ? info.windowEndCycle() : end;
        Map<String, Long> totals = new TreeMap<>(info.totals());
        totals.putAll(Counter.totals(counters));
        return info.withWindowEnd(Math.max(info.windowStartCycle(), Math.min(planned, end)))
                .withEnding(info.state(), totals, null);
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

    /** In one line, what is there and what is missing; null for a complete trace. */
    public static String describe(TraceReader reader) {
        if (reader.info().state().equals(RunInfo.COMPLETE)) {
            return null;
        }
        List<Counter> counters = reader.counters();
        return describe(reader, covered(reader, counters), counters);
    }

    /**
     * The same where that is known already.
     *
     * @param covered what {@link #covered} answers
     * @param counters the trace's counters
     */
    public static String describe(TraceReader reader, RunInfo covered, List<Counter> counters) {
        if (covered.state().equals(RunInfo.COMPLETE)) {
            return null;
        }
        boolean simulated = covered.source().equals(RunInfo.SIMULATED);
        int parts = reader.eventParts().size() + reader.opParts().size();
        if (covered.finished()) {
            return simulated
                    ? "partial: the run was interrupted; it holds everything up to there" + measured(covered)
                    : "partial: " + recorded(covered);
        }
        if (!counters.isEmpty()) {
            return "partial: the run was cut short; it holds everything up to its last checkpoint" + measured(covered);
        }
        return parts == 0
                ? "partial: the run was cut short before it had written any part: it holds nothing"
                : "partial: the run was cut short before its first checkpoint; it holds " + parts
                        + (parts == 1 ? " part" : " parts") + " of events and no counts of operations"
                        + measured(covered);
    }

    private static String recorded(RunInfo covered) {
        boolean interrupted = Boolean.TRUE.equals(covered.spec().get("interrupted"));
        boolean lost = !interrupted || !Integer.valueOf(0).equals(covered.spec().get("lost_events"));
        return (interrupted ? "the recording was interrupted; it holds everything up to there" : "")
                + (interrupted && lost ? ", but " : "")
                + (lost ? "the recording has lost events, so that its counts are lower bounds" : "");
    }

    private static String measured(RunInfo covered) {
        if (covered.clockHz() <= 0 || !(covered.spec().get("duration_s") instanceof Number planned)) {
            return "";
        }
        double seconds = (double) (covered.windowEndCycle() - covered.windowStartCycle()) / covered.clockHz();
        return seconds <= 0
                ? ", which was in warm-up: nothing is measured"
                : ", " + milliseconds(seconds) + " of " + milliseconds(planned.doubleValue()) + " ms";
    }

    private static String milliseconds(double seconds) {
        return BigDecimal.valueOf(1e3 * seconds)
                .round(new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }
}
