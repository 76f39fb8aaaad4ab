package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How long threads waited for one another in a replay, so that the order of the trace is kept, and how much of the
 * winner's lead that is. Who is late in malloc or free holds up all others, and where everybody waits most of the time
 * the rate of calls says little of what an allocator costs.
 */
final class AdviceWaits {
    /** Share of the threads' time below which nothing is said. */
    private static final double NOTEWORTHY = 0.05;

    private static final double MOST = 0.5;

    private AdviceWaits() {}

    /** The sentences, null where there is no such waiting or little of it. */
    static String sentences(Place own, int threads) {
        List<Standing> known = own.strategies().stream()
                .filter(standing -> standing.orderWaitShare() != null)
                .toList();
        if (known.isEmpty()) {
            return null;
        }
        Comparator<Standing> byShare = Comparator.comparing(Standing::orderWaitShare);
        Standing least = known.stream().min(byShare).orElseThrow();
        Standing most = known.stream().max(byShare).orElseThrow();
        if (most.orderWaitShare() < NOTEWORTHY) {
            return null;
        }
        String text = "Threads waited for each other, to keep the trace's order, "
                + AdviceWords.percent(least.orderWaitShare()) + " (" + least.strategy() + ") to "
                + AdviceWords.percent(most.orderWaitShare()) + " (" + most.strategy() + ") of their time"
                + (least.orderWaitShare() < MOST
                        ? "."
                        : ": throughput is that of the order, and says less of malloc and free than their time per"
                                + " operation does.");
        return own.winner() == null
                ? text
                : text + lead(own.strategies().get(0), own.strategies().get(1), threads);
    }

    /** Whether threads waited most of the time under every strategy, so that the lead is one in keeping the order. */
    static boolean prevail(Place own) {
        return own.strategies().stream()
                .allMatch(standing -> standing.orderWaitShare() != null && standing.orderWaitShare() >= MOST);
    }

    /** What the winner's lead is made of, in time of a thread per call. */
    private static String lead(Standing best, Standing second, int threads) {
        if (best.orderWaitShare() == null
                || second.orderWaitShare() == null
                || best.allocatorNsPerOp() == null
                || second.allocatorNsPerOp() == null) {
            return "";
        }
        double bestNs = threads * 1e9 / best.mean();
        double secondNs = threads * 1e9 / second.mean();
        double lead = secondNs - bestNs;
        double waits = second.orderWaitShare() * secondNs - best.orderWaitShare() * bestNs;
        double calls = second.allocatorNsPerOp() - best.allocatorNsPerOp();
        return String.format(
                        Locale.ROOT,
                        " Of the %.1f ns by which a call takes a thread longer with %s than with %s, %.1f ns are in"
                                + " malloc and free, and %.1f ns are such waiting",
                        lead,
                        second.strategy(),
                        best.strategy(),
                        calls,
                        waits)
                + (waits > MOST * lead ? ": most of the lead is waiting, and not what malloc and free cost." : ".");
    }
}
