package io.rseqlab.reports.app;

import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.reports.app.AdviceSubject.Figure;
import io.rseqlab.reports.app.AdviceSubject.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * A program of which no more is known than some figures, as a subject of advice: the workload {@code sketch}, as it is
 * and with one thing changed at a time.
 *
 * @param threads threads that allocate and free
 * @param cpus CPUs they run on
 * @param remoteFreeRatio share of frees by another thread than the allocating one
 * @param thinkTurns turns of an empty loop between an allocation and the next
 * @param live objects that a thread holds
 * @param sizesBytes sizes that half, nine in ten, and 99 in a hundred objects do not exceed
 * @param burstOps operations between pauses, 0 for no pauses
 * @param pauseUs how long a pause takes
 * @param idleOwners threads that pause; 0 for all, if there are pauses
 */
record AdviceOfFigures(
        int threads,
        int cpus,
        double remoteFreeRatio,
        int thinkTurns,
        int live,
        List<Integer> sizesBytes,
        int burstOps,
        int pauseUs,
        int idleOwners) {
    private static final List<Double> THINK_FACTORS = List.of(0.5, 1.0, 2.0);
    private static final List<Double> RATIOS = List.of(0.0, 0.1, 0.5, 1.0);
    private static final List<Integer> THREAD_FACTORS = List.of(4, 2);
    private static final double LEAST_STEP = 0.01;
    private static final int WINDOW_PAUSES = 3;
    private static final int MOST_THREADS = 16_384;

    /** Refuses figures that contradict each other. */
    AdviceOfFigures {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new UsageException("--threads must be from 1 to " + MOST_THREADS + ", not " + threads);
        }
        if (!(remoteFreeRatio >= 0 && remoteFreeRatio <= 1)) {
            throw new UsageException("--remote-free is a share from 0 to 1, not " + remoteFreeRatio);
        }
        if (remoteFreeRatio > most(threads)) {
            throw new UsageException(String.format(
                    Locale.ROOT,
                    "--remote-free %s: of %d threads that are alike each frees 1/%d of its own objects, so that at most"
                            + " %.3g are another's",
                    AdviceSubject.plain(remoteFreeRatio),
                    threads,
                    threads,
                    most(threads)));
        }
        if (thinkTurns < 2) {
            throw new UsageException("--think must be at least 2: half of it is tried as well");
        }
        if (idleOwners >= threads && idleOwners > 0) {
            throw new UsageException("--idle-owners must be fewer than the threads, " + threads);
        }
        if (sizesBytes.size() != 3) {
            throw new UsageException("--sizes takes three: those that 50 %, 90 % and 99 % of the objects do not exceed,"
                    + " as in 64,256,1024");
        }
    }

    /** Threads that are alike free so much of each other's at most. */
    private static double most(int threads) {
        return (threads - 1.0) / threads;
    }

    /** The subject. */
    AdviceSubject subject() {
        List<Integer> sizes = sizesBytes;
        String workload = "sketch:live=" + live + ",p50=" + sizes.get(0) + ",p90=" + sizes.get(1) + ",p99="
                + sizes.get(2) + (burstOps == 0 ? "" : ",burst=" + burstOps + ",pause_us=" + pauseUs)
                + (idleOwners == 0 ? "" : ",sleepers=" + idleOwners);
        return new AdviceSubject(
                "a program of " + threads + (threads == 1 ? " thread" : " threads"),
                workload,
                null,
                thinkTurns + " turns of a loop per malloc and free, which --think sets",
                points(),
                "400us",
                "200us",
                figures(),
                "a sketch of it",
                List.of("No program was run but a sketch of one: threads that are alike, random lifetimes, and the"
                        + " figures below. A trace of the program (record malloc) says more."),
                null);
    }

    /** A window must see threads work and pause. */
    double leastWindowSeconds() {
        return burstOps == 0 ? 0 : WINDOW_PAUSES * pauseUs * 1e-6;
    }

    private List<Point> points() {
        List<Point> points = new ArrayList<>();
        for (double factor : THINK_FACTORS) {
            points.add(point(AdviceSubject.THINK, factor, factor, remoteFreeRatio, threads));
        }
        TreeSet<Double> ratios = new TreeSet<>();
        RATIOS.forEach(ratio -> ratios.add(Math.min(ratio, most(threads))));
        for (double ratio : ratios) {
            if (Math.abs(ratio - remoteFreeRatio) > LEAST_STEP) {
                points.add(point("remote_free_ratio", ratio, 1, ratio, threads));
            }
        }
        TreeSet<Integer> others = new TreeSet<>();
        for (int factor : THREAD_FACTORS) {
            others.add(threads / factor);
            others.add(Math.min(MOST_THREADS, threads * factor));
        }
        others.remove(0);
        others.remove(threads);
        for (int other : others) {
            if (other > idleOwners) {
                double ratio = Math.min(remoteFreeRatio, most(other));
                points.add(point("threads", other, 1, ratio, other));
            }
        }
        return points;
    }

    private Point point(String axis, double value, double thinkFactor, double ratio, int atThreads) {
        Map<String, String> settings = new LinkedHashMap<>();
        double handoff = atThreads == 1 ? 0 : Math.min(1, ratio * atThreads / (atThreads - 1.0));
        settings.put("think", AdviceSubject.plain(Math.max(1, Math.round(thinkTurns * thinkFactor))));
        settings.put("handoff", AdviceSubject.plain(Math.round(handoff * 1e6) / 1e6));
        settings.put("threads", Integer.toString(atThreads));
        return new Point(axis, value, settings);
    }

    private List<Figure> figures() {
        List<Figure> all = new ArrayList<>();
        all.add(new Figure("threads", threads, "threads", Integer.toString(threads)));
        all.add(new Figure(
                "threads_per_cpu",
                (double) threads / cpus,
                "threads per CPU",
                String.format(Locale.ROOT, "%.3g on %d", (double) threads / cpus, cpus)));
        all.add(new Figure(
                "remote_free_ratio",
                remoteFreeRatio,
                "remote frees",
                String.format(Locale.ROOT, "%.3g %%", 100 * remoteFreeRatio)));
        all.add(new Figure(
                "think_turns", thinkTurns, "work between calls", thinkTurns + " turns of a loop per malloc and free"));
        all.add(new Figure("live_objects_per_thread", live, "live objects per thread", Integer.toString(live)));
        String[] names = {"p50", "p90", "p99"};
        for (int i = 0; i < names.length; i++) {
            all.add(new Figure(
                    "size_" + names[i] + "_bytes", sizesBytes.get(i), "size " + names[i], sizesBytes.get(i) + " B"));
        }
        boolean pauses = burstOps > 0;
        all.add(new Figure("burst_ops", burstOps, "operations between pauses", pauses ? "" + burstOps : "no pauses"));
        all.add(new Figure("pause_us", pauses ? pauseUs : null, "pause", pauses ? pauseUs + " us" : "none"));
        all.add(new Figure(
                "idle_owners",
                idleOwners,
                "threads that pause",
                !pauses ? "none" : idleOwners == 0 ? "all" : "" + idleOwners));
        return all;
    }
}
