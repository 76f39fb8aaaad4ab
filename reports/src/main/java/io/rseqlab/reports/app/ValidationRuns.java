package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.ParallelRuns;
import io.rseqlab.collector.run.Progress;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.trace.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures and simulates the points of a grid. The native driver has the machine for itself while it runs; between its
 * rounds over all points a share of the model's runs are made, so that the rounds lie apart in time.
 */
final class ValidationRuns {
    /**
     * Runs with short windows differ in layout and in which threads run. An odd number, as of the others: where a loop
     * is fast in half of the places, the median of an even number lies between the two, where no process is.
     */
    private static final int SEEDS = 5;

    /** Those that wait for switched-out lock holders are long, and tell more each. */
    private static final int CONVOY_SEEDS = 3;

    /** Which pairs share a CPU differs from start to start, and results by an order of magnitude. */
    private static final int PAIRS_SEEDS = 7;

    private final ValidationGrid grid;
    private final ValidationWindows windows;
    private final MachineProfile profile;
    private final Progress progress;
    private final Map<Case, ValidationPrediction> predictions = new HashMap<>();
    private MachineProfile clocked;

    /** A clock that differs by less than this share, as boost under less load does, is the profile's. */
    private static final double SAME_CLOCK = 0.05;

    private record Case(ValidationPoint point, HostState state) {}

    ValidationRuns(ValidationGrid grid, ValidationWindows windows, MachineProfile profile, Progress progress) {
        this.grid = grid;
        this.windows = windows;
        this.profile = profile;
        this.progress = progress;
    }

    /** How many steps of progress a grid takes, if the host stays in one state. */
    static int steps(ValidationGrid grid) {
        return grid.points().size() * grid.rounds()
                + grid.points().stream().mapToInt(ValidationRuns::runsOf).sum();
    }

    private static int runsOf(ValidationPoint point) {
        return (point.preemptionWindowSeconds() > 0 ? 1 : 0) + (point.asksAborts() ? 1 : 0) + seeds(point);
    }

    private static int seeds(ValidationPoint point) {
        return point.crowdedPairs() ? PAIRS_SEEDS : point.convoys() ? CONVOY_SEEDS : SEEDS;
    }

    Validation run() throws IOException {
        List<ValidationPoint> points = grid.points();
        for (int round = 0; round < grid.rounds(); round++) {
            windows.round(progress);
            clocked = clocked == null ? atClockFound() : clocked;
            String restlessness = round == 0 ? windows.restlessness() : null;
            if (restlessness != null) {
                progress.say(restlessness);
            }
            int from = points.size() * round / grid.rounds();
            int to = points.size() * (round + 1) / grid.rounds();
            for (ValidationPoint point : points.subList(from, to)) {
                predict(point);
            }
        }
        windows.complete(progress);
        List<Validation.Point> compared = new ArrayList<>();
        for (ValidationPoint point : points) {
            predict(point);
            windows.measured(point)
                    .forEach((state, measured) -> compared.add(
                            Validation.point(point, state, measured, predictions.get(new Case(point, state)))));
        }
        return Validation.of(compared);
    }

    /** The machine at the clock that its cores were found to run at. */
    private MachineProfile atClockFound() {
        double found = windows.clockHz();
        return Double.isNaN(found) || Math.abs(found / profile.clockHz() - 1) <= SAME_CLOCK
                ? profile
                : profile.atClock(Math.round(found));
    }

    /** Clock of the model's cores; known after the first round. */
    long clockHz() {
        return clocked.clockHz();
    }

    /** Predicts a point in the states of the host in which it was measured so far. */
    private void predict(ValidationPoint point) throws IOException {
        for (HostState state : windows.measured(point).keySet()) {
            Case one = new Case(point, state);
            if (!predictions.containsKey(one)) {
                Steal steal = windows.steal(point, state);
                predictions.put(one, simulate(point, steal.applied(state.applied(clocked))));
            }
        }
    }

    private ValidationPrediction simulate(ValidationPoint point, MachineProfile machine) throws IOException {
        Path folder = Files.createTempDirectory("rseqlab-validate-");
        try {
            List<Path> traces = new ArrayList<>();
            List<ParallelRuns.Job<Collector.Outcome>> work = new ArrayList<>();
            for (RunSpec spec : specs(point, machine)) {
                Path trace = folder.resolve(String.valueOf(traces.size()));
                traces.add(trace);
                work.add(() -> Collector.collect(spec, trace));
            }
            int cores = Runtime.getRuntime().availableProcessors();
            ParallelRuns.run(work, cores, progress);
            AnalyzerOptions countersOnly = new AnalyzerOptions(cores, false, false);
            return predicted(
                    point, machine, Analyzer.analyze(traces, countersOnly).runs());
        } finally {
            Folders.delete(folder);
        }
    }

    /** The runs of a point, the longest first, so that the short ones fill the gaps. */
    static List<RunSpec> specs(ValidationPoint point, MachineProfile machine) {
        List<RunSpec> specs = new ArrayList<>();
        if (point.preemptionWindowSeconds() > 0) {
            specs.add(point.natural(1));
        }
        if (point.asksAborts()) {
            specs.add(point.interrupted(1));
        }
        for (int seed = 1; seed <= seeds(point); seed++) {
            specs.add(point.steady(seed));
        }
        MachineProfile cpus = machine.withCpus(ValidationPoint.CPUS);
        return specs.stream()
                .map(spec -> spec.toBuilder().machine(cpus).build())
                .toList();
    }

    private static ValidationPrediction predicted(ValidationPoint point, MachineProfile machine, List<RunResult> runs) {
        int first = runs.size() - seeds(point);
        RunResult natural = point.preemptionWindowSeconds() > 0 ? runs.get(0) : null;
        RunResult interrupted = point.asksAborts() ? runs.get(first - 1) : null;
        return ValidationPrediction.of(machine, point, runs.subList(first, runs.size()), interrupted, natural);
    }
}
