package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.EventGroup;
import io.rseqlab.trace.parquet.EventScan;
import io.rseqlab.trace.parquet.WrittenTrace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Analyzes traces on several threads: traces side by side, and the row groups of a trace in stretches where there are
 * more threads than traces. States are exact and merge to the same whatever the cuts, so the number of threads changes
 * no bit of the result. Memory does not grow with the length of a trace: a thread holds a row group's columns as they
 * are in the file, and one page of each decoded.
 */
public final class Analyzer {
    /** More stretches than threads, so that threads end together though stretches differ. */
    private static final int TASKS_PER_THREAD = 4;

    private Analyzer() {}

    /**
     * Analyzes traces in the order given.
     *
     * @param traces trace directories, see {@link Traces#find}
     * @throws io.rseqlab.trace.TraceException if one cannot be read
     */
    public static AnalysisDocument analyze(List<Path> traces, AnalyzerOptions options) {
        ExecutorService pool = Executors.newFixedThreadPool(options.threads(), Analyzer::worker);
        try {
            List<RunResult> results = new ArrayList<>();
            for (PartialRun run : observe(pool, traces, options, Shard.WHOLE)) {
                results.add(run.result());
            }
            return new AnalysisDocument(results);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Analyzes with {@link AnalyzerOptions#DEFAULT}. */
    public static AnalysisDocument analyze(List<Path> traces) {
        return analyze(traces, AnalyzerOptions.DEFAULT);
    }

    /** Analyzes one trace, without further threads: for those who have many traces and threads of their own. */
    public static RunResult analyze(Path trace) {
        CountedRun run = count(trace, AnalyzerOptions.DEFAULT, Shard.WHOLE);
        return PartialRun.of(run, Shard.WHOLE, observe(run, run.groups())).result();
    }

    /** The same of a trace that was just written: what is still at hand of it is not read back. */
    public static RunResult analyze(WrittenTrace trace) {
        EventBatch events = trace.events();
        if (events == null || !RunInfo.COMPLETE.equals(trace.info().state())) {
            return analyze(trace.directory());
        }
        CountedRun run = count(
                trace.directory(),
                null,
                trace.info(),
                trace.counters(),
                AnalyzerOptions.DEFAULT,
                Shard.WHOLE,
                List.of());
        EventProbes probes = new EventProbes(run.scope(), run.selected(), run.window());
        if (events.rows() > 0) {
            probes.observe(events);
        }
        return PartialRun.of(run, Shard.WHOLE, probes).result();
    }

    private static Thread worker(Runnable work) {
        Thread thread = new Thread(work, "analyzer");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Analyzes one part of each trace, to be merged with the others by another process.
     *
     * @param shard which part of each trace; {@link Shard#WHOLE} for all of it
     * @return one part per trace, in the order given
     */
    public static List<PartialRun> partial(List<Path> traces, AnalyzerOptions options, Shard shard) {
        ExecutorService pool = Executors.newFixedThreadPool(options.threads(), Analyzer::worker);
        try {
            return observe(pool, traces, options, shard);
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<PartialRun> observe(
            ExecutorService pool, List<Path> traces, AnalyzerOptions options, Shard shard) {
        List<Callable<CountedRun>> counting = new ArrayList<>();
        traces.forEach(trace -> counting.add(() -> count(trace, options, shard)));
        List<CountedRun> runs = all(pool, counting);
        List<Callable<EventProbes>> observing = new ArrayList<>();
        List<Integer> upTo = new ArrayList<>();
        for (CountedRun run : runs) {
            if (options.events()) {
                int tasks = Math.min(
                        TASKS_PER_THREAD * options.threads() / runs.size(),
                        run.groups().size());
                int cuts = Math.max(1, tasks);
                for (int cut = 0; cut < cuts; cut++) {
                    Shard piece = new Shard(cut, cuts);
                    int size = run.groups().size();
                    List<EventGroup> groups = run.groups().subList(piece.from(size), piece.to(size));
                    observing.add(() -> observe(run, groups));
                }
            }
            upTo.add(observing.size());
        }
        List<EventProbes> observed = all(pool, observing);
        List<PartialRun> parts = new ArrayList<>();
        int from = 0;
        for (int run = 0; run < runs.size(); run++) {
            parts.add(PartialRun.of(runs.get(run), shard, merge(observed.subList(from, upTo.get(run)))));
            from = upTo.get(run);
        }
        return parts;
    }

    private static CountedRun count(Path trace, AnalyzerOptions options, Shard shard) {
        TraceSource source = TraceSource.open(trace);
        List<EventGroup> groups = options.events() ? source.reader().eventGroups() : List.of();
        List<EventGroup> mine = groups.subList(shard.from(groups.size()), shard.to(groups.size()));
        return count(trace, source.partial(), source.info(), source.counters(), options, shard, mine);
    }

    private static CountedRun count(
            Path trace,
            String partial,
            RunInfo info,
            List<Counter> counters,
            AnalyzerOptions options,
            Shard shard,
            List<EventGroup> groups) {
        Scope scope = new Scope(info);
        List<MetricInfo> selected = AnalyzerOptions.selected(options.metrics());
        CounterProbes probes = new CounterProbes(scope, selected);
        int rows = counters.size();
        probes.observe(counters.subList(shard.from(rows), shard.to(rows)));
        boolean shown = options.events() && options.timeline();
        TimelineWindow window = shown ? TimelineWindow.choose(info, counters) : null;
        return new CountedRun(trace, partial, scope, selected, probes, window, groups);
    }

    /** Null where there is nothing to merge. */
    private static EventProbes merge(List<EventProbes> pieces) {
        if (pieces.isEmpty()) {
            return null;
        }
        EventProbes first = pieces.get(0);
        pieces.subList(1, pieces.size()).forEach(first::merge);
        return first;
    }

    private static EventProbes observe(CountedRun run, List<EventGroup> groups) {
        EventProbes probes = new EventProbes(run.scope(), run.selected(), run.window());
        EventGroup.Wanted wanted = EventProbes.wanted(run.scope(), run.selected(), run.window());
        try (EventScan events = new EventScan(groups, wanted)) {
            while (events.next()) {
                probes.observe(events);
            }
        }
        return probes;
    }

    private static <T> List<T> all(ExecutorService pool, List<Callable<T>> tasks) {
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while analyzing", e);
        }
    }

    private static RuntimeException unwrapped(ExecutionException failure) {
        if (failure.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        if (failure.getCause() instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("analysis failed", failure.getCause());
    }

    /**
     * A trace whose counters are counted.
     *
     * @param path where it lies
     * @param partial what is there of it and what is missing; null for a complete trace
     * @param scope what metrics know of it
     * @param selected the metrics
     * @param probes what its counters said
     * @param window what its timeline shows, null for none
     * @param groups the row groups of events that are to be read
     */
    record CountedRun(
            Path path,
            String partial,
            Scope scope,
            List<MetricInfo> selected,
            CounterProbes probes,
            TimelineWindow window,
            List<EventGroup> groups) {}
}
