package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.Durations;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.sweep.PlannedSweep;
import io.rseqlab.trace.Folders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
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

    private static final long LEAST_EVENTS = 2_000;

    /** Strategies and excerpts differ in cost, and reading traces takes time as well. */
    private static final double SAFETY = 0.8;

    private static final String NAME = "advise";

    /** The runs of a subject that came to an end, and what the memory oracle found. */
    record Results(List<RunResult> runs, List<String> violations, boolean interrupted) {}

    int seedCount() {
        return RunSpecs.seeds(seeds).size();
    }

    /** How many calls of a trace can be replayed in the time allowed; the pilot's files go below a folder. */
    long affordableEvents(AdviceOfTrace trace, int places, Integer threads, Path scratch) {
        long pilot = Math.min(trace.events(), PILOT_EVENTS);
        double seconds = Double.MAX_VALUE;
        Path excerpt = scratch.resolve("pilot.malloc");
        trace.excerpt(excerpt, pilot);
        AdviceSubject subject = trace.subject(excerpt, pilot, threads, null);
        for (int turn = 0; turn < PILOT_RUNS; turn++) {
            Path run = scratch.resolve("pilot-" + turn);
            long started = System.nanoTime();
            Collector.collect(
                    RunSpecs.resolve(request(subject), RunSpecs.seeds(seeds).get(0)), run);
            seconds = Math.min(seconds, (System.nanoTime() - started) / 1e9);
            delete(run);
        }
        delete(excerpt);
        double runs = (double) strategies.size() * places * seedCount();
        double affordable = SAFETY * hostSeconds * jobs / runs / (seconds / pilot);
        return Math.min(trace.events(), Math.max(LEAST_EVENTS, (long) affordable));
    }

    private RunRequest request(AdviceSubject subject) {
        return RunRequest.of(strategies.get(0), subject.workload())
                .machine(machine)
                .cpus(cpus)
                .threads(subject.threads())
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

    /** The experiment, as the sweep verb reads it: every strategy with every amount of work between calls. */
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
        text.append(subject.think().parameter())
                .append(" = [")
                .append(String.join(", ", subject.think().values()))
                .append("]\n");
        return text.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Makes the runs below a folder and reads them. */
    Results run(String experiment, Path folder, PrintWriter err) {
        PlannedSweep.Outcome outcome =
                PlannedSweep.of(experiment, NAME).run(folder, false, jobs, err, () -> "what is there is in " + folder);
        if (outcome.interrupted()) {
            return new Results(List.of(), outcome.violations(), true);
        }
        return new Results(
                Analyzer.analyze(Traces.find(List.of(outcome.runs()))).runs(), outcome.violations(), false);
    }
}
