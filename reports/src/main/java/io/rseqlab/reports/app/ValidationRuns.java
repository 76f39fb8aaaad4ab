package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.live.NativeDriver;
import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.ParallelRuns;
import io.rseqlab.collector.run.Progress;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures and simulates the points of a grid, one after the other, so that both sides of a point see the machine in
 * the same state. The native driver has the machine for itself; then the model's runs share it.
 */
final class ValidationRuns {
    /** Windows per point, and how many more where they see too little. */
    private static final int WINDOWS = 5;

    private static final int MOST_WINDOWS = 10;
    private static final int WARMUP_MS = 80;
    private static final int WINDOW_MS = 400;
    private static final int LEAST_STEADY = 3;

    /** Runs with short windows differ in layout and in which threads run. */
    private static final int SEEDS = 4;

    private final NativeDriver driver;
    private final List<Integer> cpus;
    private final String machine;
    private final Progress progress;

    /** Finds out whether the native driver's books balanced in every window. */
    private boolean balanced = true;

    ValidationRuns(NativeDriver driver, List<Integer> cpus, String machine, Progress progress) {
        this.driver = driver;
        this.cpus = cpus;
        this.machine = machine;
        this.progress = progress;
    }

    /** How many steps of progress a grid takes. */
    static int steps(List<ValidationPoint> points) {
        return points.stream()
                .mapToInt(point ->
                        1 + (point.preemptionWindowSeconds() > 0 ? 1 : 0) + (point.hasSections() ? 1 : 0) + SEEDS)
                .sum();
    }

    boolean balanced() {
        return balanced;
    }

    Validation run(List<ValidationPoint> points) throws IOException {
        List<Validation.Point> compared = new ArrayList<>();
        for (ValidationPoint point : points) {
            ValidationMeasurement measured = measure(point);
            progress.step();
            compared.add(Validation.point(point, measured, predict(point, machine(measured.lineTransferNs()))));
        }
        return Validation.of(compared);
    }

    private ValidationMeasurement measure(ValidationPoint point) {
        List<NativeWindow> windows = new ArrayList<>();
        while (windows.size() < WINDOWS || (windows.size() < MOST_WINDOWS && !enough(point, windows))) {
            NativeWindow window = driver.run(point.nativeWindow(cpus, WARMUP_MS, WINDOW_MS, windows.size() + 1));
            balanced &= window.balanced();
            windows.add(window);
        }
        return ValidationMeasurement.of(windows);
    }

    private static boolean enough(ValidationPoint point, List<NativeWindow> windows) {
        List<NativeWindow> steady =
                windows.stream().filter(ValidationMeasurement::steady).toList();
        long interruptions =
                steady.stream().mapToLong(NativeWindow::interruptions).sum();
        return steady.size() >= LEAST_STEADY
                && (!point.hasSections() || interruptions >= Validation.LEAST_INTERRUPTIONS);
    }

    /**
     * The machine in the state that the host is in: lines travel between the two CPUs as within a third-level cache or
     * as between two, whichever the probe is nearer to.
     */
    private MachineProfile machine(Double lineTransferNs) {
        MachineProfile near = RunSpecs.machine(machine);
        MachineProfile far = near.apart();
        if (lineTransferNs == null) {
            return near;
        }
        double cycles = lineTransferNs * near.clockHz() / 1e9;
        double between = Math.sqrt((double) near.transferCycles(0, 1) * far.transferCycles(0, 1));
        return cycles > between ? far : near;
    }

    private ValidationPrediction predict(ValidationPoint point, MachineProfile profile) throws IOException {
        Path folder = Files.createTempDirectory("rseqlab-validate-");
        try {
            List<RunSpec> specs = specs(point, machine).stream()
                    .map(spec -> spec.withMachine(profile.withCpus(ValidationPoint.CPUS)))
                    .toList();
            List<Path> traces = new ArrayList<>();
            List<ParallelRuns.Job<Collector.Outcome>> work = new ArrayList<>();
            for (RunSpec spec : specs) {
                Path trace = folder.resolve(String.valueOf(traces.size()));
                traces.add(trace);
                work.add(() -> Collector.collect(spec, trace));
            }
            ParallelRuns.run(work, Runtime.getRuntime().availableProcessors(), progress);
            AnalyzerOptions countersOnly =
                    new AnalyzerOptions(Runtime.getRuntime().availableProcessors(), false, false);
            return predicted(point, Analyzer.analyze(traces, countersOnly).runs());
        } finally {
            remove(folder);
        }
    }

    /** The runs of a point, the longest first, so that the short ones fill the gaps. */
    static List<RunSpec> specs(ValidationPoint point, String machine) {
        List<RunSpec> specs = new ArrayList<>();
        if (point.preemptionWindowSeconds() > 0) {
            specs.add(point.natural(machine, 1));
        }
        if (point.hasSections()) {
            specs.add(point.interrupted(machine, 1));
        }
        for (int seed = 1; seed <= SEEDS; seed++) {
            specs.add(point.steady(machine, seed));
        }
        return specs;
    }

    private ValidationPrediction predicted(ValidationPoint point, List<RunResult> runs) {
        MachineProfile profile = RunSpecs.machine(machine);
        int first = runs.size() - SEEDS;
        RunResult natural = point.preemptionWindowSeconds() > 0 ? runs.get(0) : null;
        RunResult interrupted = point.hasSections() ? runs.get(first - 1) : null;
        return ValidationPrediction.of(
                profile, point.convoys(), runs.subList(first, runs.size()), interrupted, natural);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
