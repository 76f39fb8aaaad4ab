package io.rseqlab.reports.app;

import io.rseqlab.collector.live.NativeRequest;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One point at which model and machine are compared.
 *
 * @param strategy what allocates
 * @param workload {@code churn} or {@code producer-consumer}
 * @param pad extra instructions in each of allocate and free
 * @param handoff probability of a hand-off
 * @param signalHz timer signals per thread and second
 * @param threads number of threads, on {@link #CPUS} CPUs
 * @param preemptionWindowSeconds simulated time in which preemptions are counted, 0 for no such run: a tight loop is
 *     too dear to simulate for as long as it takes to see some
 */
record ValidationPoint(
        String strategy,
        String workload,
        int pad,
        double handoff,
        int signalHz,
        int threads,
        double preemptionWindowSeconds) {

    static final int CPUS = 2;

    /** Ten points: every pad at which abort probability was ever argued about, signals, and each kind of strategy. */
    static final List<ValidationPoint> QUICK = List.of(
            churn("rseq-freelist", 0, 0, 0, 8, 0),
            churn("rseq-freelist", 50, 0, 0, 8, 0),
            churn("rseq-freelist", 500, 0, 0, 8, 0.08),
            churn("rseq-freelist", 5000, 0, 0, 8, 0.16),
            churn("rseq-freelist", 0, 0, 1000, 2, 0),
            churn("percpu-cas", 0, 0.5, 0, 8, 0),
            churn("percpu-lock", 50, 0, 0, 8, 0),
            churn("global-mutex", 0, 0, 0, 2, 0),
            churn("message-passing", 0, 0.5, 0, 8, 0),
            new ValidationPoint("message-passing", "producer-consumer", 0, 0, 0, 2, 0));

    private static final double WARMUP_SECONDS = 250e-6;

    /** No tick falls into a steady window: what ticks cost is added from the profile. */
    private static final double NO_TICK_SECONDS = 1;

    private static final double CONVOY_WINDOW_SECONDS = 60e-3;

    /** Ticks this far apart make some hundred interruptions in a window that can be afforded. */
    private static final double SHORT_TICK_SECONDS = 50e-6;

    private static final double SHORT_TICK_WINDOW_SECONDS = 10e-3;

    private static ValidationPoint churn(
            String strategy, int pad, double handoff, int signalHz, int threads, double preemptionWindowSeconds) {
        return new ValidationPoint(strategy, "churn", pad, handoff, signalHz, threads, preemptionWindowSeconds);
    }

    /** True if threads pass lines to each other: then it matters whether they run at the same time. */
    boolean sharesLines() {
        return handoff > 0 || !workload.equals("churn") || !hasSections();
    }

    /** The workload with its parameters, as {@code collect} takes it. */
    String workloadText() {
        List<String> settings = new ArrayList<>();
        if (pad != 0) {
            settings.add("pad=" + pad);
        }
        if (handoff != 0) {
            settings.add(String.format(Locale.ROOT, "handoff=%s", handoff));
        }
        if (signalHz != 0) {
            settings.add("signal_hz=" + signalHz);
        }
        return settings.isEmpty() ? workload : workload + ":" + String.join(",", settings);
    }

    /** True if aborts per interruption are asked for. */
    boolean hasSections() {
        return strategy.startsWith("rseq-");
    }

    /** One window of the native driver. */
    NativeRequest nativeWindow(List<Integer> cpus, int warmupMs, int durationMs, long seed) {
        return new NativeRequest(strategy, workload, threads, cpus, handoff, pad, signalHz, warmupMs, durationMs, seed);
    }

    /** True if what holds the others up is a lock whose holder was switched out: then windows must see switches. */
    boolean convoys() {
        return strategy.equals("percpu-lock");
    }

    /**
     * Cost of an operation, and exposure: no tick, no background threads; signals if the point has any. Where a lock
     * holder may be switched out, longer and with the machine's own ticks instead.
     */
    RunSpec steady(String machine, long seed) {
        if (convoys()) {
            return run(machine, seed, CONVOY_WINDOW_SECONDS, 0, true);
        }
        double window = signalHz != 0 ? 4e-3 : pad >= 500 ? 1e-3 : 300e-6;
        return run(machine, seed, window, NO_TICK_SECONDS, false);
    }

    /** Many interruptions, to see how many of them abort. */
    RunSpec interrupted(String machine, long seed) {
        return run(machine, seed, SHORT_TICK_WINDOW_SECONDS, SHORT_TICK_SECONDS, true);
    }

    /** The machine's own ticks, for the rate of preemptions. */
    RunSpec natural(String machine, long seed) {
        return run(machine, seed, preemptionWindowSeconds, 0, true);
    }

    private RunSpec run(String machine, long seed, double window, double tick, boolean noise) {
        RunRequest request = RunRequest.of(strategy, workloadText())
                .machine(machine)
                .cpus(CPUS)
                .threads(threads)
                .warmup(WARMUP_SECONDS)
                .window(window)
                .tick(tick)
                .ops(OpsMode.NONE)
                .noise(noise)
                .oracle(false);
        return RunSpecs.resolve(request, seed);
    }
}
