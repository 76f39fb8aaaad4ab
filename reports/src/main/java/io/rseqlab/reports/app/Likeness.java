package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.AdviceDocument.Resemblance;
import io.rseqlab.reports.page.Table;
import io.rseqlab.trace.malloc.MallocStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether what was run is like the program that is asked about: an answer from a part that holds none of the program's
 * hand-over, or few of its threads, is one for another program, and a few calls are none for any.
 *
 * @param whole the trace, by as many threads as it is run with
 * @param run what was run of it
 * @param threadsKnown whether the trace says who called
 * @param programRemoteShare remote frees with the trace's own threads
 * @param hostSeconds how long the runs were allowed to take
 */
record Likeness(TraceShape whole, TraceShape run, boolean threadsKnown, double programRemoteShare, double hostSeconds) {
    /** Calls below which there is no answer: docs/advice.md says how this was found. */
    static final long LEAST_CALLS = MallocStatistics.ENOUGH_CALLS;

    /** Of the frees: even where each of so few costs ten operations more, that is no more than the usual margin. */
    private static final double NONE = 0.001;

    /** What is meant by the last of the figures. */
    private static final String AT_WORK = "Threads at work: 1 over the sum of the squares of the threads' shares of the"
            + " calls; of threads that are alike their number, near 1 where one makes nearly all calls.";

    private static final double FACTOR = 2;
    private static final double MOST_APART = 0.1;

    /** Gaps as short as this are not known well enough to differ: docs/malloc-trace.md on what recording costs. */
    private static final double UNKNOWN_WORK_NANOS = 40;

    /** Nobody waits longer, as a rule. */
    private static final double LONGEST_HOST_SECONDS = 3600;

    /** The figures, of the whole trace and of what was run. */
    List<Resemblance> rows() {
        List<Resemblance> rows = new ArrayList<>();
        rows.add(new Resemblance("calls", (double) whole.calls(), (double) run.calls(), run.calls() >= LEAST_CALLS));
        if (threadsKnown) {
            rows.add(new Resemblance(
                    "remote_free_ratio", whole.remoteShare(), run.remoteShare(), alike(whole.remoteShare(), run)));
            rows.add(new Resemblance(
                    "threads_at_work",
                    whole.threadsAtWork(),
                    run.threadsAtWork(),
                    run.threadsAtWork() * FACTOR >= whole.threadsAtWork()
                            && run.threadsAtWork() <= FACTOR * whole.threadsAtWork()));
        }
        if (whole.workNanosPerCall() > 0) {
            rows.add(new Resemblance(
                    "work_between_calls_ns",
                    whole.workNanosPerCall(),
                    run.workNanosPerCall(),
                    asMuchWork(whole.workNanosPerCall(), run.workNanosPerCall())));
        }
        return rows;
    }

    /**
     * How much there is to gain hangs on it; half of it and twice as much are what is run beside the program as it is.
     */
    private static boolean asMuchWork(double whole, double run) {
        double a = Math.max(whole, UNKNOWN_WORK_NANOS);
        double b = Math.max(run, UNKNOWN_WORK_NANOS);
        return b <= FACTOR * a && a <= FACTOR * b;
    }

    private static boolean alike(double wholeShare, TraceShape run) {
        double share = run.remoteShare();
        return Math.abs(wholeShare - share) <= MOST_APART
                && share <= FACTOR * wholeShare + NONE
                && wholeShare <= FACTOR * share + NONE;
    }

    /** Name of a figure for people. */
    static String label(String figure) {
        return switch (figure) {
            case "calls" -> "calls";
            case "remote_free_ratio" -> "remote frees";
            case "work_between_calls_ns" -> "work between calls";
            default -> "threads at work";
        };
    }

    /** A figure's value for people. */
    static String text(String figure, double value) {
        return switch (figure) {
            case "calls" -> String.format(Locale.ROOT, "%.0f", value);
            case "remote_free_ratio" -> String.format(Locale.ROOT, "%.3g %%", 100 * value);
            case "work_between_calls_ns" -> AdviceWords.time(value);
            default -> String.format(Locale.ROOT, "%.1f", value);
        };
    }

    /** In words whether a figure is about the same; calls are only ever counted. */
    static String alike(Resemblance row) {
        return row.figure().equals("calls") ? row.alike() ? "enough" : "too few" : row.alike() ? "yes" : "no";
    }

    /** True where less than the whole trace was run. */
    static boolean isOfPart(List<Resemblance> rows) {
        return rows.stream().anyMatch(row -> !row.trace().equals(row.run()));
    }

    /** The figures for a page. */
    static Table table(List<Resemblance> rows) {
        return new Table(
                "What was run, beside the whole trace",
                List.of("figure", "whole trace", "what was run", "alike"),
                rows.stream()
                        .map(row -> List.<Object>of(
                                label(row.figure()),
                                text(row.figure(), row.trace()),
                                text(row.figure(), row.run()),
                                alike(row)))
                        .toList(),
                AT_WORK);
    }

    /** Why the runs are no answer for the program, and what to do, in sentences; null where they are one. */
    String doubt() {
        if (run.calls() < LEAST_CALLS) {
            return "the trace has " + whole.calls() + (whole.calls() == 1 ? " call" : " calls")
                    + ", and an answer takes " + LEAST_CALLS + ": in fewer, much of the time in malloc and free goes to"
                    + " the first memory that a strategy fetches, which it does once. Record the program with more to"
                    + " do.";
        }
        List<String> unlike = rows().stream()
                .filter(row -> !row.alike())
                .map(row -> label(row.figure()) + " " + text(row.figure(), row.run()) + " in what was run, "
                        + text(row.figure(), row.trace()) + " in the trace")
                .toList();
        return unlike.isEmpty()
                ? null
                : "what was run is not like the program: " + String.join("; ", unlike) + ". " + remedy();
    }

    private String remedy() {
        double all = Math.ceil(hostSeconds * whole.calls() / run.calls());
        return all <= LONGEST_HOST_SECONDS
                ? String.format(
                        Locale.ROOT, "Longer windows help: --host-seconds %.0f allows for the whole trace.", all)
                : "Longer windows help: --host-seconds above " + AdviceSubject.plain(hostSeconds)
                        + ", or fewer --seeds or --strategies.";
    }

    /** What a winner is restricted to where the program hands over, or may do so, and the runs cannot: else nothing. */
    String scope() {
        boolean handsOver = !threadsKnown || programRemoteShare > NONE;
        return handsOver && whole.remoteShare() <= NONE ? ", as far as private work goes" : "";
    }
}
