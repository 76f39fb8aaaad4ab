package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.workload.Workload;
import java.util.List;

/** Puts a {@link RunSpec} together, part by part; all parts must be said, and {@link #build} validates the whole. */
public final class RunSpecBuilder {
    private AllocatorStrategy strategy;
    private Settings strategySettings;
    private Workload workload;
    private Settings workloadSettings;
    private MachineProfile machine;
    private String kernel;
    private int threads;
    private double warmupSeconds;
    private double durationSeconds;
    private long seed;
    private OpsMode ops;
    private List<Injection> injections;
    private boolean pinned;
    private boolean noise;
    private boolean oracle;
    private long slackCycles;
    private double tickSeconds;
    private int costDraw;

    /** What allocates, and its parameters. */
    public RunSpecBuilder strategy(AllocatorStrategy newStrategy, Settings settings) {
        strategy = newStrategy;
        strategySettings = settings;
        return this;
    }

    /** What is run, and its parameters. */
    public RunSpecBuilder workload(Workload newWorkload, Settings settings) {
        workload = newWorkload;
        workloadSettings = settings;
        return this;
    }

    /** Simulated seconds before the measured window, and of it. */
    public RunSpecBuilder times(double newWarmupSeconds, double newDurationSeconds) {
        warmupSeconds = newWarmupSeconds;
        durationSeconds = newDurationSeconds;
        return this;
    }

    /** The hardware, with the number of CPUs asked for. */
    public RunSpecBuilder machine(MachineProfile value) {
        machine = value;
        return this;
    }

    /** Name of the kernel's rules. */
    public RunSpecBuilder kernel(String value) {
        kernel = value;
        return this;
    }

    /** Number of threads. */
    public RunSpecBuilder threads(int value) {
        threads = value;
        return this;
    }

    /** Root of all random streams. */
    public RunSpecBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** Which allocator operations become rows. */
    public RunSpecBuilder ops(OpsMode value) {
        ops = value;
        return this;
    }

    /** Faults to inject. */
    public RunSpecBuilder injections(List<Injection> value) {
        injections = value;
        return this;
    }

    /** Thread i stays on CPU i modulo the CPUs, or not. */
    public RunSpecBuilder pinned(boolean value) {
        pinned = value;
        return this;
    }

    /** Background kernel threads run, or not. */
    public RunSpecBuilder noise(boolean value) {
        noise = value;
        return this;
    }

    /** The memory oracle runs beside, or not. */
    public RunSpecBuilder oracle(boolean value) {
        oracle = value;
        return this;
    }

    /** How far a core may run ahead of the others in private work. */
    public RunSpecBuilder slackCycles(long value) {
        slackCycles = value;
        return this;
    }

    /** Seconds between ticks in the measured window, 0 for the machine's. */
    public RunSpecBuilder tickSeconds(double value) {
        tickSeconds = value;
        return this;
    }

    /** Which draw of its costs the machine is, 0 for none; the machine itself is said by {@link #machine}. */
    public RunSpecBuilder costDraw(int value) {
        costDraw = value;
        return this;
    }

    /** The specification; a part that is not allowed is a usage error. */
    public RunSpec build() {
        return new RunSpec(
                strategy,
                strategySettings,
                workload,
                workloadSettings,
                machine,
                kernel,
                threads,
                warmupSeconds,
                durationSeconds,
                seed,
                ops,
                injections,
                pinned,
                noise,
                oracle,
                slackCycles,
                tickSeconds,
                costDraw);
    }
}
