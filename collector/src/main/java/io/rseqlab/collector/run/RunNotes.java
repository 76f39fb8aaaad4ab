package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.Machine;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.RunInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What must be said of a run beside its trace: why it was slow; and of a recorded program what is left at the end, and
 * how much the answer hangs on the work between calls, which is known less well than the calls.
 *
 * <p>Two strategies differ in what malloc and free take; how much that is of all CPU time, with other work between the
 * calls, follows from one run: the share is A / (U + k T), with A the cycles in malloc and free, U all user cycles less
 * T, and T the cycles of work between calls, times k.
 */
final class RunNotes {
    /** Cycles of work per call to try, where the trace has none. */
    private static final List<Integer> WORK_CYCLES = List.of(100, 1000);

    /** Some ten seconds of a host's time. */
    private static final long LONG_MICRO_OPS = 1_000_000_000;

    /** Share of the requests that may be left over without a word: some are always under way. */
    private static final double LEFT_OVER = 0.02;

    /** Share of the threads' time that goes unsaid. */
    private static final double MOST_WAITING = 0.5;

    private RunNotes() {}

    /** The notes, in the order in which they are to be read. */
    static List<String> of(RunSpec spec, Collector.Outcome outcome) {
        List<String> notes = new ArrayList<>();
        if (outcome.unaudited() != null) {
            notes.add(outcome.unaudited());
        }
        if (spec.strategy().usesRseq() && !spec.rseq()) {
            notes.add(spec.strategy().id() + " ran as its fallback "
                    + spec.strategy().fallback() + ": " + spec.whyNoRseq());
        }
        if (spec.whyNoTransactions() != null) {
            notes.add(spec.strategy().id() + " ran as its fallback "
                    + spec.strategy().withoutTransactions() + ": " + spec.whyNoTransactions());
        }
        String stepwise = stepwise(spec, outcome.microOps(), outcome.skippedMicroOps());
        if (stepwise != null) {
            notes.add(stepwise);
        }
        String overloaded = overloaded(outcome.info().totals());
        if (overloaded != null) {
            notes.add(overloaded);
        }
        if (spec.workload().ownThreads() == 0) {
            return notes;
        }
        if (spec.oracle() && spec.workload().ends(spec.workloadSettings())) {
            notes.add(outcome.allocated() + " blocks allocated, " + outcome.freed() + " freed, "
                    + (outcome.allocated() - outcome.freed()) + " live at the end");
        }
        if (RunInfo.COMPLETE.equals(outcome.info().state()) && outcome.passes() < 1) {
            notes.add(part(spec, outcome.passes()));
        }
        Map<String, Long> totals = outcome.info().totals();
        String waiting = waiting(totals, outcome.info(), spec.threads());
        if (waiting != null) {
            notes.add(waiting);
        }
        double user = totals.getOrDefault(CounterName.USER_CYCLES.id(), 0L);
        double allocator = totals.getOrDefault(CounterName.ALLOCATOR_CYCLES.id(), 0L);
        double calls = totals.getOrDefault(CounterName.OPS.id(), 0L);
        if (user > 0 && RunInfo.COMPLETE.equals(outcome.info().state())) {
            notes.add(sensitivity(allocator, user, outcome.thinkCycles(), calls));
        }
        return notes;
    }

    /** How little of a trace is in the window, and how all of it would be. */
    private static String part(RunSpec spec, double passes) {
        boolean once = spec.workload().ends(spec.workloadSettings());
        return String.format(
                Locale.ROOT,
                once
                        ? "the window ended when %.2g %% of the trace had been replayed; all figures are of that part:"
                                + " --duration must be longer for the whole"
                        : "only %.2g %% of the trace's calls are in the window%s; figures are of that part: loop=0,"
                                + " --warmup 0ms and a long --duration replay the whole once",
                Math.min(99, 100 * passes),
                spec.warmupSeconds() > 0 ? ", behind those of the warm-up" : "");
    }

    /** That threads waited for each other most of the time, so that rates are those of the order; null if not. */
    private static String waiting(Map<String, Long> totals, RunInfo info, int threads) {
        double time = (double) threads * (info.windowEndCycle() - info.windowStartCycle());
        double share = totals.getOrDefault(CounterName.ORDER_WAIT_CYCLES.id(), 0L) / time;
        return share > MOST_WAITING
                ? "threads waited for each other, to keep the trace's order, " + percent(share)
                        + " of their time: throughput is that of the order, and says less of malloc and free than"
                        + " cpu_cycles_per_op does"
                : null;
    }

    /** What is to be said where requests arrived faster than they were served; null where they did not. */
    static String overloaded(Map<String, Long> totals) {
        long offered = totals.getOrDefault(CounterName.REQUESTS_OFFERED.id(), 0L);
        long waiting = offered - totals.getOrDefault(CounterName.REQUESTS_SERVED.id(), 0L);
        if (waiting <= LEFT_OVER * offered) {
            return null;
        }
        return waiting + " of " + offered
                + " requests that arrived in the window were not done in it: more arrive than are"
                + " served, so that latencies grow with the window and are least values";
    }

    /**
     * Why all of a long run was executed step by step; null where it was not, or was too short for that to matter. See
     * docs/performance.md.
     */
    static String stepwise(RunSpec spec, long microOps, long skippedMicroOps) {
        if (skippedMicroOps > 0 || microOps < LONG_MICRO_OPS) {
            return null;
        }
        String why = "no CPU's work came again as it was: it draws random numbers, or lines move between CPUs";
        if (spec.workload().ownThreads() > 0) {
            why = "a recorded program does something else at each call";
        }
        if (spec.injections().stream().anyMatch(Injection::interrupts)) {
            why = "faults are injected (--inject)";
        } else if (spec.ops().oneIn() > 0) {
            why = "operations become rows whichever way they went (--ops slow leaves out the others)";
        } else if (spec.slackCycles() < Machine.LEAST_SLACK_TO_SKIP_CYCLES) {
            why = "--slack-cycles is below " + Machine.LEAST_SLACK_TO_SKIP_CYCLES;
        }
        return "nothing was fast-forwarded: " + why;
    }

    /** How large the share of malloc and free in the CPU time of threads is, and would be with other work between. */
    static String sensitivity(double allocator, double user, double think, double calls) {
        String now = "malloc and free took " + percent(allocator / user) + " of the threads' CPU time; ";
        if (think > 0) {
            // work is counted as asked for: some of it is hidden behind what malloc and free wait for
            double rest = Math.max(user - think, allocator);
            return now + "with half the work between calls it would be " + percent(allocator / (rest + think / 2))
                    + ", with twice as much " + percent(allocator / (rest + 2 * think)) + ", without any "
                    + percent(allocator / rest);
        }
        StringBuilder text = new StringBuilder(now).append("nothing is known of the work between calls: with");
        String join = " ";
        for (int cycles : WORK_CYCLES) {
            text.append(join).append(cycles).append(" cycles of it a call ");
            text.append(join.isBlank() ? "it would be " : "").append(percent(allocator / (user + cycles * calls)));
            join = ", with ";
        }
        return text.toString();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.1 ? "%.2g %%" : "%.0f %%", 100 * share);
    }
}
