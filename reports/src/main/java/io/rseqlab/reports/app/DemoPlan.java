package io.rseqlab.reports.app;

import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The runs of the demo, after the split estimator: short windows for the cost of an operation and for exposure, the
 * same with very short ticks for the cost of an interruption, and a few long runs for what only the scheduler's own
 * preemptions show: their rate, and the causes and places of aborts.
 */
final class DemoPlan {
    /** The strategies compared; the first is the baseline. */
    static final List<String> STRATEGIES =
            List.of("rseq-freelist", "message-passing", "rseq-message", "percpu-lock", "global-mutex", "ideal");

    /** The two that the demo is about; these also run with other numbers of threads. */
    static final List<String> RIVALS = STRATEGIES.subList(0, 2);

    /** CPUs of the cells: as many as small virtual machines have, and enough for lines to be fought over. */
    static final List<Integer> CPUS = List.of(2, 16);

    /** Oversubscribed, so that the scheduler has somebody to switch to: four threads per CPU where CPUs are few. */
    static int threads(int cpus) {
        return cpus == 2 ? 8 : 2 * cpus;
    }

    /** Ticks this far apart make enough interruptions in a short window to see what one costs. */
    static final double SHORT_TICK_SECONDS = 50e-6;

    /** What a run must see of natural preemptions before its causes and places of aborts say something. */
    static final long ENOUGH_PREEMPTIONS = 100;

    private static final double NOT_RUN = Double.NaN;

    /** The compared window on 2 CPUs. */
    private static final double WINDOW = 50e-6;

    /**
     * The same where nothing is handed over and seeds hardly differ: message passing over rseq freelists is 1.2528
     * after 50 us and after 25, with intervals of a ten-thousandth, 1.2527 after 15.
     */
    private static final double SHORTEST_WINDOW = 20e-6;

    /** The compared window on 16 CPUs. */
    private static final double MANY_CPUS_WINDOW = 25e-6;

    /**
     * Workloads, and how long it takes on 2 and on 16 CPUs until throughput is within some two per cent of what it is
     * after a millisecond: blocks have to spread over the threads, and the table through which they are handed over has
     * to fill. Warm-ups are most of what the demo simulates.
     *
     * <p>Where nothing is handed over threads share nothing: 16 CPUs do what 2 do, eight times over, and the ratio of
     * the rivals is the same to half a per cent. That cell was a sixth of the demo's host time.
     */
    private static final List<Workload> WORKLOADS = List.of(
            new Workload("churn:handoff=0", 60e-6, NOT_RUN, SHORTEST_WINDOW),
            new Workload("churn:handoff=0.1", 300e-6, 90e-6, WINDOW),
            new Workload("churn:handoff=0.5", 160e-6, 110e-6, WINDOW),
            new Workload("churn:handoff=1", 100e-6, 130e-6, WINDOW),
            new Workload("producer-consumer", 90e-6, 90e-6, WINDOW));

    private record Workload(
            String text, double fewCpusWarmupSeconds, double manyCpusWarmupSeconds, double fewCpusWindowSeconds) {
        double warmupSeconds(int cpus) {
            return cpus == 2 ? fewCpusWarmupSeconds : manyCpusWarmupSeconds;
        }

        boolean runs(int cpus) {
            return !Double.isNaN(warmupSeconds(cpus));
        }
    }

    /**
     * Ten are the least for comparisons. The smallest p of n seeds is 2/2^n, and Holm multiplies it by the number of
     * comparisons: 48 of them take 11 seeds at 5 %, and with 12 one seed may say otherwise.
     */
    private static final int SEEDS = 12;

    /**
     * Workloads and further numbers of threads, on the first number of CPUs, for throughput by thread count. Without
     * hand-off it does not depend on threads either: the ratio of the rivals was 1.2528 or 1.2529 with 2, 4, 8 and 16.
     */
    private static final List<Workload> THREADS_WORKLOADS = List.of(WORKLOADS.get(2));

    private static final List<Integer> MORE_THREADS = List.of(2, 4, 16);

    /**
     * Long runs. A tick preempts every 4 ms, so a hundred preemptions take 0.4 CPU-seconds whatever the number of CPUs.
     * Two are cells of the comparison, there to hold the estimate against. All are cheap to simulate: whole periods are
     * skipped where nothing is handed over, and most of the time is thought away where something is. Signals come with
     * 100 instructions more in each section: of a hundred interruptions fewer would hit a short one.
     */
    private static final List<LongRun> LONG_RUNS = List.of(
            new LongRun("rseq-freelist", "churn:handoff=0", 2, 0.21, Kind.NATURAL),
            new LongRun("message-passing", "churn:handoff=0", 2, 0.21, Kind.NATURAL),
            new LongRun("rseq-freelist", "churn:think=4000,handoff=0.5", 16, 0.03, Kind.NATURAL),
            new LongRun("rseq-message", "churn:handoff=0,pad=100,signal_hz=250", 2, 0.21, Kind.SIGNALS));

    private record LongRun(String strategy, String workload, int cpus, double windowSeconds, Kind kind) {}

    /**
     * One run of the plan.
     *
     * @param spec what to run
     * @param folder where its trace goes, with those of other seeds, below the demo's folder
     * @param kind what it is for
     */
    record Run(RunSpec spec, String folder, Kind kind) {
        Path trace(Path root) {
            return root.resolve("traces").resolve(folder).resolve("seed-" + spec.seed());
        }

        /** The same from another seed; to resolve its request again takes longer. */
        Run withSeed(long seed) {
            return new Run(spec.toBuilder().seed(seed).build(), folder, kind);
        }
    }

    /** What a run is for. */
    enum Kind {
        /** Cost of an operation, exposure: compared over seeds. */
        SHORT,
        /** Cost of an interruption. */
        INTERRUPTED,
        /** The scheduler's own preemptions and migrations. */
        NATURAL,
        /** Profiling signals beside preemptions. */
        SIGNALS
    }

    private DemoPlan() {}

    /** All runs, the longest first, so that no core is left alone with one of them at the end. */
    static List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        LONG_RUNS.forEach(run -> runs.add(run(
                run.kind(),
                run.strategy(),
                run.workload(),
                run.cpus(),
                threads(run.cpus()),
                1e-3,
                run.windowSeconds(),
                0)));
        for (int cpus : CPUS) {
            for (Workload workload : runOn(cpus)) {
                for (String strategy : STRATEGIES) {
                    compared(runs, cpus, threads(cpus), workload, strategy);
                    double window = cpus == 2 ? 600e-6 : 100e-6;
                    runs.add(run(
                            Kind.INTERRUPTED,
                            strategy,
                            workload.text(),
                            cpus,
                            threads(cpus),
                            workload.warmupSeconds(cpus),
                            window,
                            SHORT_TICK_SECONDS));
                }
            }
        }
        for (Workload workload : THREADS_WORKLOADS) {
            for (int threads : MORE_THREADS) {
                RIVALS.forEach(strategy -> compared(runs, CPUS.get(0), threads, workload, strategy));
            }
        }
        return runs;
    }

    private static List<Workload> runOn(int cpus) {
        return WORKLOADS.stream().filter(workload -> workload.runs(cpus)).toList();
    }

    private static void compared(List<Run> runs, int cpus, int threads, Workload workload, String strategy) {
        double window = cpus == 2 ? workload.fewCpusWindowSeconds() : MANY_CPUS_WINDOW;
        double warmup = workload.warmupSeconds(cpus);
        Run first = run(Kind.SHORT, strategy, workload.text(), cpus, threads, warmup, window, 0);
        for (int seed = 1; seed <= SEEDS; seed++) {
            runs.add(first.withSeed(seed));
        }
    }

    /** The run of the first seed. */
    private static Run run(
            Kind kind,
            String strategy,
            String workload,
            int cpus,
            int threads,
            double warmup,
            double window,
            double tick) {
        RunRequest request = RunRequest.of(strategy, workload)
                .cpus(cpus)
                .threads(threads)
                .warmup(warmup)
                .window(window)
                .tick(tick)
                .ops(OpsMode.NONE);
        String folder = String.join(
                "/",
                kind.name().toLowerCase(Locale.ROOT),
                cpus + "-cpus-" + threads + "-threads",
                workload.replaceAll("[^A-Za-z0-9.=-]+", "_"),
                strategy);
        return new Run(RunSpecs.resolve(request, 1), folder, kind);
    }
}
