package io.rseqlab.reports.app;

import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Points of a user's own instead of a grid's: every strategy under every workload at every number of threads. */
final class OwnPoints {
    private static final int MOST_THREADS = 1024;

    @Option(
            names = "--strategy",
            paramLabel = "NAME[,NAME...]",
            split = ",",
            hideParamSyntax = true,
            required = true,
            description = "Strategies of which the native driver has a version: rseq-freelist, percpu-lock, percpu-cas,"
                    + " global-mutex, global-treiber, message-passing, thread-cache-remote-cas.")
    private List<String> strategies;

    @Option(
            names = "--workload",
            paramLabel = "TEXT",
            defaultValue = "churn",
            description = {
                "What threads do: churn with any of think=TURNS, pad=COUNT, handoff=SHARE, signal_hz=HZ, or"
                        + " producer-consumer; more than once for more (default: ${DEFAULT-VALUE})."
            })
    private List<String> workloads;

    @Option(
            names = "--threads",
            paramLabel = "COUNT[,COUNT...]",
            split = ",",
            hideParamSyntax = true,
            defaultValue = "2",
            description = "Numbers of threads, on two CPUs (default: ${DEFAULT-VALUE}).")
    private List<Integer> threads;

    /**
     * All combinations.
     *
     * @throws UsageException naming what the native driver does not have
     */
    List<ValidationPoint> points() {
        List<ValidationPoint> points = new ArrayList<>();
        for (String strategy : strategies) {
            if (!ValidationGrid.NATIVE.contains(strategy)) {
                throw new UsageException("--strategy: the native driver has no '" + strategy + "'"
                        + Nearest.hint(strategy, ValidationGrid.NATIVE));
            }
            for (String workload : workloads) {
                threads.forEach(count -> points.add(point(strategy, workload, count)));
            }
        }
        return points;
    }

    /** The same as options. */
    String arguments() {
        return "--strategy " + String.join(",", strategies) + " --workload " + String.join(" --workload ", workloads)
                + " --threads "
                + threads.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /**
     * What can be compared of a point: throughput, and what became of interruptions where there are sections and
     * nothing is shared.
     */
    private static ValidationPoint point(String strategy, String text, int threads) {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new UsageException("--threads: " + threads + " is not from 1 to " + MOST_THREADS);
        }
        ValidationPoint point = withSettings(strategy, text, threads);
        RunSpecs.resolve(
                RunRequest.of(strategy, text).cpus(ValidationPoint.CPUS).threads(threads), 1);
        return ValidationGrid.SECTIONS.equals(strategy) && !point.sharesObjects() ? point.aborts() : point;
    }

    private static ValidationPoint withSettings(String strategy, String text, int threads) {
        return switch (Settings.nameOf(text)) {
            case "churn" -> churn(strategy, Settings.parse(text, known()), threads);
            case "producer-consumer" -> {
                Settings.parse(text, List.of());
                yield ValidationPoint.producerConsumer(strategy, threads);
            }
            default ->
                throw new UsageException("--workload: the native driver has churn and producer-consumer, not '"
                        + Settings.nameOf(text) + "'");
        };
    }

    private static ValidationPoint churn(String strategy, Settings settings, int threads) {
        return ValidationPoint.churn(strategy, threads)
                .think((int) settings.count("think"))
                .pad((int) settings.count("pad"))
                .handoff(settings.number("handoff"))
                .signalHz((int) settings.count("signal_hz"));
    }

    /** Those of the workload's parameters that the native driver has, too. */
    private static List<Parameter> known() {
        List<String> names = List.of("think", "pad", "handoff", "signal_hz");
        return Workloads.byId("churn").parameters().stream()
                .filter(parameter -> names.contains(parameter.name()))
                .toList();
    }
}
