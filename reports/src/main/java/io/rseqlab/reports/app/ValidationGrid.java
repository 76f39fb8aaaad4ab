package io.rseqlab.reports.app;

import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A named set of points.
 *
 * @param name name on the command line
 * @param points the points
 * @param windowMs length of a native window that need not see interruptions, in milliseconds: in longer ones the host
 *     is likelier to change its state
 * @param rounds how often all points are measured, one after the other
 * @param windowsPerRound native windows of a point in each round
 * @param leastInterruptions native interruptions per point that asks what became of them
 */
record ValidationGrid(
        String name,
        List<ValidationPoint> points,
        int windowMs,
        int rounds,
        int windowsPerRound,
        int leastInterruptions) {

    /** Strategies without anything that all threads share. */
    private static final List<String> LOCAL =
            List.of("rseq-freelist", "percpu-lock", "percpu-cas", "message-passing", "thread-cache-remote-cas");

    /** The one whose operations are restartable sections. */
    static final String SECTIONS = "rseq-freelist";

    /** Strategies that the native driver has. */
    static final List<String> NATIVE = Stream.concat(LOCAL.stream(), Stream.of("global-mutex", "global-treiber"))
            .toList();

    private static final int[] THREADS = {1, 2, 4, 8, 32};
    private static final int[] THINK_TURNS = {0, 100, 1000};
    private static final int[] PADS = {0, 50, 500, 5000};

    /** Ten points: every pad at which abort probability was ever argued about, signals, and each kind of strategy. */
    static final ValidationGrid QUICK = new ValidationGrid(
            "quick",
            List.of(
                    ValidationPoint.churn("rseq-freelist", 8).aborts(),
                    ValidationPoint.churn("rseq-freelist", 8).pad(50).aborts(),
                    ValidationPoint.churn("rseq-freelist", 8).pad(500).aborts().preemptions(0.08),
                    ValidationPoint.churn("rseq-freelist", 8).pad(5000).aborts().preemptions(0.16),
                    ValidationPoint.churn("rseq-freelist", 2).signalHz(1000).aborts(),
                    ValidationPoint.churn("percpu-cas", 8).handoff(0.5),
                    ValidationPoint.churn("percpu-lock", 8).pad(50),
                    ValidationPoint.churn("global-mutex", 2),
                    ValidationPoint.churn("message-passing", 8).handoff(0.5),
                    ValidationPoint.producerConsumer("message-passing", 2)),
            400,
            1,
            5,
            Validation.LEAST_INTERRUPTIONS);

    /** Everything that the model is asked about: see {@link #full}. */
    static final ValidationGrid FULL = new ValidationGrid("full", full(), 50, 3, 3, 1000);

    /** Points of a user's own, measured as those of {@link #FULL}. */
    static ValidationGrid own(List<ValidationPoint> points) {
        return new ValidationGrid(
                "own", List.copyOf(points), FULL.windowMs, FULL.rounds, FULL.windowsPerRound, FULL.leastInterruptions);
    }

    private static final List<ValidationGrid> ALL = List.of(QUICK, FULL);

    static ValidationGrid named(String name) {
        return ALL.stream()
                .filter(grid -> grid.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("--grid: there is no grid '" + name + "'"
                        + Nearest.hint(
                                name,
                                Stream.concat(ALL.stream().map(ValidationGrid::name), Stream.of("scheduler"))
                                        .toList())));
    }

    private static List<ValidationPoint> full() {
        List<ValidationPoint> points = new ArrayList<>();
        unshared().forEach(points::add);
        shared().forEach(points::add);
        interrupted().forEach(points::add);
        return List.copyOf(points);
    }

    /** Threads that share nothing but CPUs: one to sixteen per CPU, with more and less work between operations. */
    private static Stream<ValidationPoint> unshared() {
        return LOCAL.stream()
                .flatMap(strategy -> Arrays.stream(THREADS)
                        .boxed()
                        .flatMap(threads -> Arrays.stream(THINK_TURNS)
                                .mapToObj(turns ->
                                        ValidationPoint.churn(strategy, threads).think(turns))));
    }

    /** Threads that pass objects on, and lists that all use. */
    private static Stream<ValidationPoint> shared() {
        List<ValidationPoint> points = new ArrayList<>();
        for (int threads : new int[] {2, 8}) {
            for (String strategy : LOCAL) {
                for (double handoff : new double[] {0.1, 0.5, 1}) {
                    points.add(ValidationPoint.churn(strategy, threads).handoff(handoff));
                }
                points.add(ValidationPoint.churn(strategy, threads).handoff(0.5).think(100));
                points.add(ValidationPoint.producerConsumer(strategy, threads));
            }
            points.add(ValidationPoint.churn("global-mutex", threads));
            points.add(ValidationPoint.churn("global-mutex", threads).think(100));
            points.add(ValidationPoint.churn("global-treiber", threads));
            points.add(ValidationPoint.churn("global-treiber", threads).think(100));
        }
        return points.stream();
    }

    /** What becomes of interruptions, by ticks and by signals, and how often ticks take a CPU away. */
    private static Stream<ValidationPoint> interrupted() {
        List<ValidationPoint> points = new ArrayList<>();
        for (int pad : PADS) {
            ValidationPoint crowded =
                    ValidationPoint.churn("rseq-freelist", 8).pad(pad).aborts();
            ValidationPoint alone =
                    ValidationPoint.churn("rseq-freelist", 2).pad(pad).aborts();
            points.addAll(List.of(crowded, crowded.signalHz(1000), alone.signalHz(1000), alone.signalHz(10_000)));
        }
        for (int threads : new int[] {4, 8, 16, 32}) {
            points.add(ValidationPoint.churn("rseq-freelist", threads)
                    .think(1000)
                    .pad(5000)
                    .preemptions(0.3));
        }
        return points.stream();
    }
}
