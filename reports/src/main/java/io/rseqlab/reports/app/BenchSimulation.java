package io.rseqlab.reports.app;

import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.run.Simulation;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** One simulation, timed stretch by stretch in processor time of its thread, so that other work counts little. */
final class BenchSimulation {
    private static final double FIRST_STEP_SECONDS = 20e-6;
    /** Stretches are made of steps; each takes about so much processor time. */
    private static final double STEP_PROCESSOR_SECONDS = 0.02;

    private static final int MOST_GROWTH = 2;

    private final Simulation simulation;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private double stepSeconds = FIRST_STEP_SECONDS;
    private long cycle;

    /**
     * One timed stretch.
     *
     * @param processorSeconds of the simulating thread
     */
    record Sample(
            long microOps, long skippedMicroOps, long operations, double processorSeconds, double simulatedSeconds) {
        double microOpsPerSecond() {
            return microOps / processorSeconds;
        }

        double operationsPerSecond() {
            return operations / processorSeconds;
        }

        double simulatedSecondsPerSecond() {
            return simulatedSeconds / processorSeconds;
        }

        double skippedShare() {
            return skippedMicroOps / (double) microOps;
        }
    }

    BenchSimulation(String strategy, String workload, int cpus, int threadCount, boolean oracle, Engine engine) {
        RunRequest request = RunRequest.of(strategy, workload)
                .cpus(cpus)
                .threads(threadCount)
                .warmup(1)
                .window(1)
                .ops(OpsMode.NONE)
                .oracle(oracle);
        simulation = new Simulation(RunSpecs.resolve(request, 1), event -> {}, null);
        simulation.machine().use(engine);
    }

    /** Lets the host's compiler do its work first. */
    void warmUp(double seconds) {
        stretch(seconds);
    }

    List<Sample> samples(int count, double seconds) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            samples.add(stretch(seconds));
        }
        return samples;
    }

    private Sample stretch(double seconds) {
        long microOps = microOps();
        long skipped = simulation.machine().skippedMicroOps();
        long operations = operations();
        long from = cycle;
        long started = threads.getCurrentThreadCpuTime();
        double elapsed = 0;
        while (elapsed < seconds) {
            cycle += simulation.spec().machine().cyclesOf(stepSeconds);
            simulation.runTo(cycle);
            double now = (threads.getCurrentThreadCpuTime() - started) / 1e9;
            double aim = Math.min(STEP_PROCESSOR_SECONDS, seconds / 2) / Math.max(now - elapsed, 1e-6);
            stepSeconds *= Math.min(MOST_GROWTH, Math.max(aim, 1.0 / MOST_GROWTH));
            elapsed = now;
        }
        double simulated = (cycle - from) / (double) simulation.spec().machine().clockHz();
        return new Sample(
                microOps() - microOps,
                simulation.machine().skippedMicroOps() - skipped,
                operations() - operations,
                elapsed,
                simulated);
    }

    private long microOps() {
        return Arrays.stream(simulation.machine().cores)
                .mapToLong(Core::microOps)
                .sum();
    }

    private long operations() {
        long sum = 0;
        for (int cpu = 0; cpu < simulation.machine().cores.length; cpu++) {
            sum += simulation.books().cpuOps(cpu);
        }
        return sum;
    }

    /** Heap bytes that were found in use while this simulation was alive; asking it keeps it alive until then. */
    long hold(long heapBytes) {
        return cycle >= 0 ? heapBytes : 0;
    }

    static BenchFigures figures(String unit, List<Sample> samples, ToDoubleFunction<Sample> figure) {
        return new BenchFigures(unit, samples.stream().mapToDouble(figure).toArray());
    }
}
