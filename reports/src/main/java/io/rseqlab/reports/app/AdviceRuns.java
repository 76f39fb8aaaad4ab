package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.Durations;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.run.StopFlag;
import io.rseqlab.collector.sweep.PlannedSweep;
import io.rseqlab.reports.app.AdviceSubject.Point;
import io.rseqlab.trace.Folders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * On what advice is run: the same seeds and host for every strategy.
 *
 * @param strategies who is compared
 * @param machine profile by name or file
 * @param cpus number of CPUs
 * @param kernel rules by name
 * @param seeds as the user wrote them
 * @param jobs runs at the same time
 * @param hostSeconds how long all may take, roughly
 */
record AdviceRuns(
        List<String> strategies, String machine, int cpus, String kernel, String seeds, int jobs, double hostSeconds) {
    /** Calls of the pilot run, which tells what a call costs the host. */
    private static final long PILOT_EVENTS = 20_000;

    /** The first pay for the host's compiler. */
    private static final int PILOT_RUNS = 4;

    /** Simulated time of the pilot run of a sketch. */
    private static final double PILOT_SECONDS = 200e-6;

    /** Warm-up over window: caches have to fill first. */
    private static final double WARMUP_SHARE = 2;

    private static final double LEAST_WINDOW_SECONDS = 50e-6;
    private static final double MOST_WINDOW_SECONDS = 1e-3;

    /** Strategies and samples differ in cost, and reading traces takes time as well. */
    private static final double SAFETY = 0.8;

    private static final String NAME = "advise";

    /** The runs of a subject that came to an end, and what the memory oracle found. */
    record Results(List<RunResult> runs, List<String> violations, boolean interrupted) {}

    int seedCount() {
        return RunSpecs.seeds(seeds).size();
    }

    /** Refuses what cannot be run as it is described. */
    void check(AdviceSubject subject) {
        RunSpecs.resolve(request(subject), RunSpecs.seeds(seeds).get(0));
    }

    /** How many calls of a trace can be replayed in the time allowed; the pilot's files go below a folder. */
    long affordableEvents(AdviceOfTrace trace, Integer threads, Path scratch, StopFlag stop) {
        long pilot = Math.min(trace.events(), PILOT_EVENTS);
        TraceSample sample = trace.sample(scratch.resolve("pilot.malloc"), pilot);
        AdviceSubject subject = trace.subject(sample, threads, null);
        double seconds = pilotSeconds(subject, scratch, stop);
        delete(sample.file());
        double affordable = SAFETY * hostSeconds * jobs / runs(subject) / (seconds / sample.inside());
        return Math.min(trace.events(), Math.max(Likeness.LEAST_CALLS, (long) affordable));
    }

    /** The subject with windows as long as the time allowed lets them be, within limits. */
    AdviceSubject affordableWindows(AdviceSubject subject, double leastSeconds, Path scratch, StopFlag stop) {
        AdviceSubject pilot = subject.withWindow("0ms", Durations.format(Math.max(PILOT_SECONDS, leastSeconds)));
        double cost = pilotSeconds(pilot, scratch, stop) / Math.max(PILOT_SECONDS, leastSeconds);
        double affordable = SAFETY * hostSeconds * jobs / runs(subject) / cost / (1 + WARMUP_SHARE);
        double window =
                Math.max(leastSeconds, Math.min(MOST_WINDOW_SECONDS, Math.max(LEAST_WINDOW_SECONDS, affordable)));
        double micros = Math.ceil(window * 1e6);
        return subject.withWindow(Durations.format(WARMUP_SHARE * micros / 1e6), Durations.format(micros / 1e6))
                .withNote("Each run is " + Durations.format(micros / 1e6) + " behind a warm-up of "
                        + Durations.format(WARMUP_SHARE * micros / 1e6) + ": caches that take longer to grow, and what"
                        + " needs many preemptions, are not in it; --host-seconds allows longer ones.");
    }

    private double runs(AdviceSubject subject) {
        return (double) strategies.size() * subject.points().size() * seedCount();
    }

    /** What one run of the program as it is takes the host, when its compiler has seen some. */
    private double pilotSeconds(AdviceSubject subject, Path scratch, StopFlag stop) {
        double seconds = Double.MAX_VALUE;
        for (int turn = 0; turn < PILOT_RUNS && !stop.isRaised(); turn++) {
            Path run = scratch.resolve("pilot-" + turn);
            long started = System.nanoTime();
            long seed = RunSpecs.seeds(seeds).get(0);
            Collector.collect(RunSpecs.resolve(request(subject), seed), run, stop);
            seconds = Math.min(seconds, (System.nanoTime() - started) / 1e9);
            delete(run);
        }
        return seconds;
    }

    private RunRequest request(AdviceSubject subject) {
        StringBuilder workload = new StringBuilder(subject.workload());
        Integer threads = subject.threads();
        Point own = subject.points().stream().filter(Point::own).findFirst().orElseThrow();
        for (Map.Entry<String, String> setting : own.settings().entrySet()) {
            if (setting.getKey().equals("threads")) {
                threads = Integer.valueOf(setting.getValue());
            } else {
                workload.append(',').append(setting.getKey()).append('=').append(setting.getValue());
            }
        }
        return RunRequest.of(strategies.get(0), workload.toString())
                .machine(machine)
                .cpus(cpus)
                .threads(threads)
                .kernel(kernel)
                .ops(OpsMode.NONE)
                .warmup(Durations.parse(subject.warmup()))
                .window(Durations.parse(subject.duration()));
    }

    private static void delete(Path place) {
        try {
            Folders.delete(place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The experiment, as the sweep verb reads it: every strategy at every point. */
    String experiment(AdviceSubject subject) {
        StringBuilder text = new StringBuilder();
        text.append("title = ").append(quoted("advice on " + subject.name())).append('\n');
        text.append("seeds = ").append(quoted(seeds)).append('\n');
        text.append("\n[run]\n");
        text.append("workload = ").append(quoted(subject.workload())).append('\n');
        text.append("machine = ").append(quoted(machine)).append('\n');
        text.append("kernel = ").append(quoted(kernel)).append('\n');
        text.append("cpus = ").append(cpus).append('\n');
        if (subject.threads() != null) {
            text.append("threads = ").append(subject.threads()).append('\n');
        }
        text.append("warmup = ").append(quoted(subject.warmup())).append('\n');
        text.append("duration = ").append(quoted(subject.duration())).append('\n');
        text.append("ops = \"none\"\n");
        text.append("\n[grid]\n");
        text.append("strategy = [")
                .append(strategies.stream().map(AdviceRuns::quoted).collect(Collectors.joining(", ")))
                .append("]\n");
        text.append("\n[[zip]]\n");
        for (String name : subject.points().get(0).settings().keySet()) {
            text.append(name)
                    .append(" = [")
                    .append(subject.points().stream()
                            .map(point -> point.settings().get(name))
                            .collect(Collectors.joining(", ")))
                    .append("]\n");
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Refuses what cannot be run. */
    PlannedSweep plan(String experiment) {
        return PlannedSweep.of(experiment, NAME);
    }

    /** Makes the runs below a folder and reads them. */
    Results run(String experiment, Path folder, PrintWriter err) {
        PlannedSweep.Outcome outcome = plan(experiment)
                .run(
                        folder,
                        false,
                        jobs,
                        err,
                        () -> "there is no answer, and advise cannot go on with them: remove '"
                                + folder.getParent()
                                + "', or name another folder with --out, and ask again; compare reads the"
                                + " complete ones in '" + folder + "'");
        if (outcome.interrupted()) {
            return new Results(List.of(), outcome.violations(), true);
        }
        return new Results(
                Analyzer.analyze(Traces.find(List.of(outcome.runs()))).runs(), outcome.violations(), false);
    }
}
