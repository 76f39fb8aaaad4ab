package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.SectionListing;
import io.rseqlab.analyzer.result.ThreadResult;
import io.rseqlab.trace.RunInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts together what was found in one trace. */
final class RunAssembler {
    /** Most threads listed by themselves. */
    static final int MOST_THREADS = 1024;

    /** Fewer than so many preemptions say little about rates. */
    private static final long ENOUGH_PREEMPTIONS = 100;

    private RunAssembler() {}

    /**
     * Puts a result together.
     *
     * @param path the trace
     * @param partial what of it is there, null for a complete trace
     * @param selected the metrics to present
     * @param events null where events were not read
     */
    static RunResult assemble(
            String path,
            String partial,
            List<MetricInfo> selected,
            Scope scope,
            CounterProbes counters,
            EventProbes events) {
        RunInfo info = scope.info();
        Map<String, MetricValue> metrics = metrics(selected, counters, events);
        return new RunResult(
                path,
                RunSpecs.key(info),
                info.source(),
                info.state(),
                RunSpecs.spec(info),
                RunSpecs.reproduce(info),
                info.contentHash(),
                scope.seconds(),
                info.clockHz(),
                info.cpus(),
                info.offsetUnit(),
                metrics,
                counters.latency(),
                counters.abortSites(),
                info.sections().stream()
                        .map(section -> new SectionListing(section.name(), section.length(), section.listing()))
                        .toList(),
                counters.perCpu(),
                threads(info, counters.threadOps(), events == null ? Map.of() : events.threadRuns()),
                events == null ? null : events.timeline(),
                notes(scope, partial, metrics),
                info.violations());
    }

    private static Map<String, MetricValue> metrics(
            List<MetricInfo> selected, CounterProbes counters, EventProbes events) {
        Map<String, MetricValue> metrics = new LinkedHashMap<>();
        for (MetricInfo info : selected) {
            MetricValue value = counters.value(info.id());
            if (value == null && events != null) {
                value = events.value(info.id());
            }
            metrics.put(info.id(), value == null ? MetricValue.noData(info.unit(), "events were not read") : value);
        }
        return metrics;
    }

    private static List<ThreadResult> threads(RunInfo info, Map<Integer, Long> ops, Map<Integer, long[]> runs) {
        Map<Integer, String> names = new TreeMap<>();
        info.threads().forEach(thread -> names.put(thread.thread(), thread.name()));
        ops.keySet().forEach(thread -> names.putIfAbsent(thread, "thread " + thread));
        runs.keySet().forEach(thread -> names.putIfAbsent(thread, "thread " + thread));
        List<ThreadResult> threads = new ArrayList<>();
        names.entrySet().stream().limit(MOST_THREADS).forEach(entry -> {
            long[] run = runs.get(entry.getKey());
            threads.add(new ThreadResult(
                    entry.getKey(),
                    entry.getValue(),
                    ops.get(entry.getKey()),
                    run == null ? null : (double) run[0] / info.clockHz(),
                    run == null ? null : run[1]));
        });
        return threads;
    }

    private static List<String> notes(Scope scope, String partial, Map<String, MetricValue> metrics) {
        List<String> notes = new ArrayList<>();
        if (scope.info().violated()) {
            notes.add("VIOLATED: the memory oracle found "
                    + scope.info().violations() + (scope.info().violations() == 1 ? " violation" : " violations")
                    + ", so that no figure of this run can be relied"
                    + " on; the first: " + scope.info().firstViolations().get(0));
        }
        if (!scope.simulated()) {
            notes.add("recorded from a real kernel: it shows no operations, so nothing is said per operation; a"
                    + " CPU-second is a second of any CPU of the machine, busy or not");
        }
        if (RunSpecs.fallback(scope.info()) != null) {
            notes.add(RunSpecs.lacked(scope.info()) + ": the strategy ran as " + RunSpecs.fallback(scope.info()));
        }
        if (partial != null) {
            notes.add(partial);
        }
        if (scope.seconds() <= 0) {
            notes.add("the measured window is empty: there are no rates");
        }
        Number preemptions =
                metrics.containsKey("preemptions") ? metrics.get("preemptions").value() : null;
        if (scope.simulated() && preemptions != null && preemptions.longValue() < ENOUGH_PREEMPTIONS) {
            notes.add("saw " + preemptions + " preemptions, fewer than " + ENOUGH_PREEMPTIONS
                    + ": observed rates of preemptions and aborts are loose, the ones from exposure are not");
        }
        if (scope.info().threads().size() > MOST_THREADS) {
            notes.add("lists the first " + MOST_THREADS + " of "
                    + scope.info().threads().size() + " threads");
        }
        return notes;
    }
}
