package io.rseqlab.collector.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a user asks for, as text and numbers not yet checked; {@link RunSpecs#resolve} makes a specification of it. What
 * is not said has the default that {@code rseqlab collect} has. Unchangeable: every method that says more answers a new
 * request.
 */
public final class RunRequest {
    final String strategy;
    final String workload;
    String machine = RunSpecs.DEFAULT_MACHINE;
    String kernel = RunSpecs.DEFAULT_KERNEL;
    /** Null for as many as the machine has. */
    Integer cpus;
    /** Null for one per CPU. */
    Integer threads;

    double warmupSeconds = Durations.parse(RunSpecs.DEFAULT_WARMUP);
    double durationSeconds = Durations.parse(RunSpecs.DEFAULT_DURATION);
    double tickSeconds;
    OpsMode ops = OpsMode.SLOW;
    List<String> injections = List.of();
    boolean pinned;
    boolean noise = true;
    boolean oracle = true;
    long slackCycles = RunSpec.DEFAULT_SLACK_CYCLES;
    int costDraw;

    private RunRequest(String strategy, String workload) {
        this.strategy = strategy;
        this.workload = workload;
    }

    /** A request for {@code name:key=value,...} of a strategy and of a workload, all else by default. */
    public static RunRequest of(String strategy, String workload) {
        return new RunRequest(strategy, workload);
    }

    private RunRequest with(Consumer<RunRequest> change) {
        RunRequest copy = new RunRequest(strategy, workload);
        copy.machine = machine;
        copy.kernel = kernel;
        copy.cpus = cpus;
        copy.threads = threads;
        copy.warmupSeconds = warmupSeconds;
        copy.durationSeconds = durationSeconds;
        copy.tickSeconds = tickSeconds;
        copy.ops = ops;
        copy.injections = injections;
        copy.pinned = pinned;
        copy.noise = noise;
        copy.oracle = oracle;
        copy.slackCycles = slackCycles;
        copy.costDraw = costDraw;
        change.accept(copy);
        return copy;
    }

    /** A machine by shipped name or file. */
    public RunRequest machine(String name) {
        return with(copy -> copy.machine = name);
    }

    /** Number of CPUs, null for the machine's. */
    public RunRequest cpus(Integer count) {
        return with(copy -> copy.cpus = count);
    }

    /** Number of threads, null for one per CPU. */
    public RunRequest threads(Integer count) {
        return with(copy -> copy.threads = count);
    }

    /** The kernel's rules by name. */
    public RunRequest kernel(String name) {
        return with(copy -> copy.kernel = name);
    }

    /** Simulated seconds before the measured window. */
    public RunRequest warmup(double seconds) {
        return with(copy -> copy.warmupSeconds = seconds);
    }

    /** Simulated seconds of the measured window. */
    public RunRequest window(double seconds) {
        return with(copy -> copy.durationSeconds = seconds);
    }

    /** Seconds between ticks in the window, 0 for the machine's. */
    public RunRequest tick(double seconds) {
        return with(copy -> copy.tickSeconds = seconds);
    }

    /** Which operations become rows. */
    public RunRequest ops(OpsMode mode) {
        return with(copy -> copy.ops = mode);
    }

    /** Injects one more fault, as {@link Injection#parse} reads it. */
    public RunRequest inject(String fault) {
        List<String> more = new ArrayList<>(injections);
        more.add(fault);
        return with(copy -> copy.injections = List.copyOf(more));
    }

    /** Thread i stays on CPU i modulo the CPUs, or not. */
    public RunRequest pinned(boolean yes) {
        return with(copy -> copy.pinned = yes);
    }

    /** Background kernel threads run, or not. */
    public RunRequest noise(boolean yes) {
        return with(copy -> copy.noise = yes);
    }

    /** The memory oracle runs beside, or not. */
    public RunRequest oracle(boolean yes) {
        return with(copy -> copy.oracle = yes);
    }

    /** How far a core may run ahead of the others in private work. */
    public RunRequest slackCycles(long cycles) {
        return with(copy -> copy.slackCycles = cycles);
    }

    /** Costs that are known as ranges are those of this draw; 0 for the costs as the profile states them. */
    public RunRequest costDraw(int number) {
        return with(copy -> copy.costDraw = number);
    }
}
