package io.rseqlab.reports.app;

import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The runs of the demo, after the split estimator: short windows for the cost of an operation and for exposure, the
 * same with very short ticks for the cost of an interruption, and a few long runs that see natural preemptions.
 */
final class DemoPlan {
    /** The strategies compared; the first is the baseline. */
    static final List<String> STRATEGIES =
            List.of("rseq-freelist", "message-passing", "rseq-message", "percpu-lock", "global-mutex", "ideal");

    /** Ticks this far apart make enough interruptions in a short window to see what one costs. */
    static final double SHORT_TICK_SECONDS = 50e-6;

    private static final List<String> WORKLOADS = List.of(
            "churn:handoff=0", "churn:handoff=0.1", "churn:handoff=0.5", "churn:handoff=1", "producer-consumer");

    /** Ten seeds are the least for comparisons; twelve also survive the correction for fifty of them. */
    private static final int SEEDS = 12;

    private static final int THREADS_PER_CPU = 4;

    /**
     * One run of the plan.
     *
     * @param spec what to run
     * @param folder where its trace goes, below the demo's folder
     * @param kind what it is for
     */
    record Run(RunSpec spec, String folder, Kind kind) {
        Path trace(Path root) {
            return root.resolve("traces").resolve(folder);
        }
    }

    /** What a run is for. */
    enum Kind {
        /** Cost of an operation, exposure. */
        SHORT,
        /** Cost of an interruption. */
        INTERRUPTED,
        /** Natural preemptions. */
        LONG
    }

    private DemoPlan() {}

    static List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        runs.addAll(longRuns());
        for (int cpus : new int[] {2, 16}) {
            for (String workload : WORKLOADS) {
                for (String strategy : STRATEGIES) {
                    cell(runs, cpus, workload, strategy);
                }
            }
        }
        return runs;
    }

    private static void cell(List<Run> runs, int cpus, String workload, String strategy) {
        double warmup = cpus == 2 ? 250e-6 : 130e-6;
        double window = cpus == 2 ? 150e-6 : 40e-6;
        for (int seed = 1; seed <= SEEDS; seed++) {
            runs.add(run(Kind.SHORT, strategy, workload, cpus, warmup, window, 0, seed));
        }
        double longer = cpus == 2 ? 1e-3 : 200e-6;
        runs.add(run(Kind.INTERRUPTED, strategy, workload, cpus, warmup, longer, SHORT_TICK_SECONDS, 1));
    }

    /** Long enough for a hundred preemptions: two CPUs at 250 ticks a second give 500 of them a second. */
    private static List<Run> longRuns() {
        List<Run> runs = new ArrayList<>();
        for (String strategy : List.of("rseq-freelist", "message-passing")) {
            runs.add(run(Kind.LONG, strategy, "churn:think=1000,handoff=0.5", 2, 1e-3, 0.22, 0, 1));
        }
        return runs;
    }

    private static Run run(
            Kind kind,
            String strategy,
            String workload,
            int cpus,
            double warmup,
            double window,
            double tick,
            int seed) {
        RunRequest request = RunRequest.of(strategy, workload)
                .cpus(cpus)
                .threads(cpus * THREADS_PER_CPU)
                .warmup(warmup)
                .window(window)
                .tick(tick)
                .ops(OpsMode.NONE);
        String folder = String.join(
                "/",
                kind.name().toLowerCase(java.util.Locale.ROOT),
                cpus + "-cpus",
                workload.replaceAll("[^A-Za-z0-9.=-]+", "_"),
                strategy,
                "seed-" + seed);
        return new Run(RunSpecs.resolve(request, seed), folder, kind);
    }
}
