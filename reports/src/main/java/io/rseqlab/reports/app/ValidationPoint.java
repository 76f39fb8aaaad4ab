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
 * @param think turns of a loop that an operation spends outside the allocator
 * @param pad extra instructions in each of allocate and free
 * @param handoff probability of a hand-off
 * @param signalHz timer signals per thread and second
 * @param threads number of threads, on {@link #CPUS} CPUs
 * @param asksAborts what becomes of interruptions is compared too: that takes long native windows
 * @param preemptionWindowSeconds simulated time in which preemptions are counted, 0 for no such run: a tight loop is
 *     too dear to simulate for as long as it takes to see some
 */
record ValidationPoint(
        String strategy,
        String workload,
        int think,
        int pad,
        double handoff,
        int signalHz,
        int threads,
        boolean asksAborts,
        double preemptionWindowSeconds) {

    static final int CPUS = 2;

    private static final double WARMUP_SECONDS = 250e-6;

    /** Until each of the table's thousand lines was drawn a few times, at a few million hand-offs a second. */
    private static final double SHARING_WARMUP_SECONDS = 2e-3;

    /** No tick falls into a steady window: what ticks cost is added from the profile. */
    private static final double NO_TICK_SECONDS = 1;

    private static final double CONVOY_WINDOW_SECONDS = 60e-3;

    /** Long enough for the host to take a CPU away a few times; threads that wait for a mutex need it too. */
    private static final double FIGHT_WINDOW_SECONDS = 6e-3;

    private static final double PAIRS_WINDOW_SECONDS = 30e-3;

    /** Ticks this far apart make some hundred interruptions in a window that can be afforded. */
    private static final double SHORT_TICK_SECONDS = 50e-6;

    private static final double SHORT_TICK_WINDOW_SECONDS = 10e-3;

    /**
     * In their first 50 ms threads that wake each other come to share a CPU again and again although the other is idle
     * (sched_migrate_task of some forty starts; behind 100 ms none does). The model's runs begin behind the start.
     */
    private static final int PAIRS_START_MS = 100;

    /**
     * Objects are handed out in the order of their addresses at first; who prefetches neighbours gains by it. Each way
     * through the lists takes some apart: two threads on {@code percpu-lock} do 37 M operations/s 5 ms behind the
     * start, 16 M behind 100 ms.
     */
    private static final double PAIRS_WARMUP_SECONDS = PAIRS_START_MS / 1e3;

    /** Churn without think time, pad, hand-offs and signals. */
    static ValidationPoint churn(String strategy, int threads) {
        return new ValidationPoint(strategy, "churn", 0, 0, 0, 0, threads, false, 0);
    }

    static ValidationPoint producerConsumer(String strategy, int threads) {
        return new ValidationPoint(strategy, "producer-consumer", 0, 0, 0, 0, threads, false, 0);
    }

    ValidationPoint think(int turns) {
        return with(turns, pad, handoff, signalHz, asksAborts, preemptionWindowSeconds);
    }

    ValidationPoint pad(int instructions) {
        return with(think, instructions, handoff, signalHz, asksAborts, preemptionWindowSeconds);
    }

    ValidationPoint handoff(double probability) {
        return with(think, pad, probability, signalHz, asksAborts, preemptionWindowSeconds);
    }

    ValidationPoint signalHz(int hz) {
        return with(think, pad, handoff, hz, asksAborts, preemptionWindowSeconds);
    }

    /** The same, asking what becomes of interruptions. */
    ValidationPoint aborts() {
        return with(think, pad, handoff, signalHz, true, preemptionWindowSeconds);
    }

    /** The same, with a simulated window of this many seconds in which preemptions are counted. */
    ValidationPoint preemptions(double windowSeconds) {
        return with(think, pad, handoff, signalHz, asksAborts, windowSeconds);
    }

    private ValidationPoint with(
            int newThink, int newPad, double newHandoff, int newSignalHz, boolean aborts, double windowSeconds) {
        return new ValidationPoint(
                strategy, workload, newThink, newPad, newHandoff, newSignalHz, threads, aborts, windowSeconds);
    }

    /** True if the workload has threads pass objects to each other, or the strategy has one list for all. */
    boolean sharesObjects() {
        return handoff > 0 || !workload.equals("churn") || strategy.startsWith("global-");
    }

    /** True if threads wait for a mutex now and then, for a time that windows must be long against. */
    private boolean sleeps() {
        return !workload.equals("churn") || strategy.equals("global-mutex");
    }

    /** True if threads may pass lines to each other: then it matters whether they run at the same time. */
    boolean sharesLines() {
        return sharesObjects() || convoys();
    }

    /** The workload with its parameters, as {@code collect} takes it. */
    String workloadText() {
        List<String> settings = new ArrayList<>();
        if (think != 0) {
            settings.add("think=" + think);
        }
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

    /** One window of the native driver. Pairs get more time before it where that is little. */
    NativeRequest nativeWindow(List<Integer> cpus, int warmupMs, int durationMs, long seed) {
        int before = workload.equals("churn") ? warmupMs : Math.max(warmupMs, PAIRS_START_MS);
        return new NativeRequest(
                strategy, workload, threads, cpus, think, handoff, pad, signalHz, before, durationMs, seed, null, 0);
    }

    /** True if what holds the others up is a lock whose holder was switched out: then windows must see switches. */
    boolean convoys() {
        return strategy.equals("percpu-lock") && threads > CPUS;
    }

    /** True if the model's windows have the machine's own ticks and switches. */
    boolean seesSwitches() {
        return convoys() || crowdedPairs();
    }

    /** True if the model's windows have what the host takes away: who is away decides what those at a line do. */
    boolean seesSteals() {
        return seesSwitches() || sleeps() || strategy.startsWith("global-");
    }

    /** True if pairs of threads share CPUs with others: who is switched out decides what the others do. */
    boolean crowdedPairs() {
        return !workload.equals("churn") && threads > CPUS;
    }

    /** True if the native windows must be long enough to see interruptions. */
    boolean seesInterruptions() {
        return asksAborts || preemptionWindowSeconds > 0;
    }

    // ---- the model's runs, on the default machine

    /**
     * Cost of an operation, and exposure: no tick, no background threads; signals if the point has any. Where cores
     * fight for lines, with what the host takes away. Where a lock holder may be switched out, longer and with the
     * machine's own ticks instead.
     */
    RunSpec steady(long seed) {
        if (seesSwitches()) {
            return run(seed, crowdedPairs() ? PAIRS_WINDOW_SECONDS : CONVOY_WINDOW_SECONDS, 0, true);
        }
        double window = seesSteals() ? FIGHT_WINDOW_SECONDS : signalHz != 0 ? 4e-3 : pad >= 500 ? 1e-3 : 300e-6;
        return run(seed, window, NO_TICK_SECONDS, seesSteals());
    }

    /** Many interruptions, to see how many of them abort. */
    RunSpec interrupted(long seed) {
        return run(seed, SHORT_TICK_WINDOW_SECONDS, SHORT_TICK_SECONDS, true);
    }

    /** The machine's own ticks, for the rate of preemptions. */
    RunSpec natural(long seed) {
        return run(seed, preemptionWindowSeconds, 0, true);
    }

    private RunSpec run(long seed, double window, double tick, boolean noise) {
        double objects = workload.equals("churn") ? SHARING_WARMUP_SECONDS : PAIRS_WARMUP_SECONDS;
        RunRequest request = RunRequest.of(strategy, workloadText())
                .cpus(CPUS)
                .threads(threads)
                .warmup(sharesObjects() ? objects : WARMUP_SECONDS)
                .window(window)
                .tick(tick)
                .ops(OpsMode.NONE)
                .noise(noise)
                .oracle(false);
        return RunSpecs.resolve(request, seed);
    }
}
