package io.rseqlab.analyzer.command;

import io.rseqlab.trace.Event;
import io.rseqlab.trace.RunInfo;
import picocli.CommandLine.Option;

/** The option {@code --window}, and how many of the rows printed without it are not counted by analyze. */
final class MeasuredWindow {
    @Option(
            names = "--window",
            description = "Only rows of the measured window, which are those that analyze counts. Without it, rows of"
                    + " warm-up are there too, and a last line on standard error says how many.")
    private boolean only;

    private long start;
    private long end;
    private long rows;
    private long outside;

    /** Takes the window of a trace; one cut short before its end was known has none. */
    void open(RunInfo info) {
        start = info.windowStartCycle();
        end = info.windowEndCycle() > 0 ? info.windowEndCycle() : Long.MAX_VALUE;
    }

    /** Whether the row is wanted. */
    boolean takes(Event event) {
        return !only || contains(event);
    }

    private boolean contains(Event event) {
        return event.cycle() >= start && event.cycle() < end;
    }

    /** Counts a row that is printed. */
    void count(Event event) {
        rows++;
        outside += contains(event) ? 0 : 1;
    }

    /** Rows counted. */
    long rows() {
        return rows;
    }

    /** What to say at the end; null if every row lies inside. */
    String remark() {
        return outside == 0
                ? null
                : outside + " of " + rows + " rows lie outside the measured window (cycles " + start + " to " + end
                        + "), and analyze does not count them: --window leaves them out.";
    }
}
