package io.rseqlab.reports.app;

import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.run.Simulation;
import io.rseqlab.collector.spec.UsageException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab bench}: how fast the program itself is, on this host, for anyone to repeat. */
@Command(
        name = "bench",
        header = "Measure how fast the simulator is on this host.",
        description = {
            "",
            "simulate: one host thread runs churn on 16 simulated CPUs with full timing and coherence, without the"
                    + " memory oracle. Prints micro-operations per host second: every run, and the median.",
            ""
        },
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
    private static final String SIMULATE = "simulate";

    /** The host's compiler needs some seconds until all that is used often is compiled. */
    private static final int WARM_UP_RUNS = 4;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "WHAT", description = "What to measure: simulate.")
    private String what;

    @Option(
            names = "--strategy",
            paramLabel = "NAME[:KEY=VALUE,...]",
            defaultValue = "rseq-freelist",
            description = "What allocates (default: ${DEFAULT-VALUE}).")
    private String strategy;

    @Option(
            names = "--workload",
            paramLabel = "NAME[:KEY=VALUE,...]",
            defaultValue = "churn",
            description = "What is run (default: ${DEFAULT-VALUE}).")
    private String workload;

    @Option(
            names = "--cpus",
            paramLabel = "N",
            defaultValue = "16",
            description = "Simulated CPUs (default: ${DEFAULT-VALUE}).")
    private int cpus;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "16",
            description = "Simulated threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Counted runs (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2",
            description = "Host time per run (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--interpreter", description = "One micro-operation at a time: the reference, for comparison.")
    private boolean interpreter;

    @Mixin
    private TableOrJson format;

    /** One timed stretch of simulation. */
    private record Sample(long microOps, long operations, double hostSeconds, double simulatedSeconds) {
        double microOpsPerSecond() {
            return microOps / hostSeconds;
        }
    }

    @Override
    public Integer call() {
        if (!SIMULATE.equals(what)) {
            throw new UsageException("nothing to measure is called '" + what + "'; known: " + SIMULATE);
        }
        if (runs < 1 || seconds <= 0) {
            throw new UsageException("--runs and --seconds must be above 0");
        }
        List<Sample> samples = simulate();
        PrintWriter out = command.commandLine().getOut();
        if (format.json()) {
            printJson(samples, out);
        } else {
            printTable(samples, out);
        }
        return 0;
    }

    private List<Sample> simulate() {
        RunRequest request = RunRequest.of(strategy, workload)
                .cpus(cpus)
                .threads(threads)
                .warmup(1)
                .window(1)
                .ops(OpsMode.NONE)
                .oracle(false);
        Simulation simulation = new Simulation(RunSpecs.resolve(request, 1), event -> {}, null);
        simulation.machine().use(interpreter ? Engine.INTERPRETER : Engine.COMPILED_FAST_FORWARD);
        long step = simulation.spec().machine().cyclesOf(20e-6);
        long[] cycle = {0};
        stretch(simulation, cycle, step, WARM_UP_RUNS * seconds);
        List<Sample> samples = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            samples.add(stretch(simulation, cycle, step, seconds));
        }
        return samples;
    }

    private static Sample stretch(Simulation simulation, long[] cycle, long step, double hostSeconds) {
        long microOps = microOps(simulation);
        long operations = operations(simulation);
        long from = cycle[0];
        long started = System.nanoTime();
        long elapsed;
        do {
            cycle[0] += step;
            simulation.runTo(cycle[0]);
            elapsed = System.nanoTime() - started;
        } while (elapsed < hostSeconds * 1e9);
        double simulated =
                (cycle[0] - from) / (double) simulation.spec().machine().clockHz();
        return new Sample(
                microOps(simulation) - microOps, operations(simulation) - operations, elapsed / 1e9, simulated);
    }

    private static long microOps(Simulation simulation) {
        return Arrays.stream(simulation.machine().cores)
                .mapToLong(Core::microOps)
                .sum();
    }

    private static long operations(Simulation simulation) {
        long sum = 0;
        for (int cpu = 0; cpu < simulation.machine().cores.length; cpu++) {
            sum += simulation.books().cpuOps(cpu);
        }
        return sum;
    }

    private static double median(List<Sample> samples) {
        List<Double> sorted =
                new ArrayList<>(samples.stream().map(Sample::microOpsPerSecond).toList());
        Collections.sort(sorted);
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    private void printTable(List<Sample> samples, PrintWriter out) {
        out.printf(Locale.ROOT, "%s, %s, %d CPUs, %d threads, one host thread%n", strategy, workload, cpus, threads);
        out.printf(
                Locale.ROOT,
                "%4s  %16s  %18s  %24s%n",
                "run",
                "M micro-ops/s",
                "workload M ops/s",
                "host s/simulated s");
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            out.printf(
                    Locale.ROOT,
                    "%4d  %16.1f  %18.2f  %24.1f%n",
                    i + 1,
                    sample.microOpsPerSecond() / 1e6,
                    sample.operations / sample.hostSeconds / 1e6,
                    sample.hostSeconds / sample.simulatedSeconds);
        }
        out.printf(Locale.ROOT, "median %.1f M micro-ops/s%n", median(samples) / 1e6);
    }

    private void printJson(List<Sample> samples, PrintWriter out) {
        String all = String.join(
                ",",
                samples.stream()
                        .map(sample -> String.format(Locale.ROOT, "%.0f", sample.microOpsPerSecond()))
                        .toList());
        double ratio = samples.stream()
                .mapToDouble(sample -> sample.hostSeconds / sample.simulatedSeconds)
                .average()
                .orElse(Double.NaN);
        out.printf(
                Locale.ROOT,
                "{\"micro_ops_per_s\":%.0f,\"micro_ops_per_s_runs\":[%s],\"runs\":%d,\"cpus\":%d,\"threads\":%d,"
                        + "\"host_s_per_simulated_s\":%.1f,\"java\":\"%s\"}%n",
                median(samples),
                all,
                samples.size(),
                cpus,
                threads,
                ratio,
                Runtime.version());
    }
}
