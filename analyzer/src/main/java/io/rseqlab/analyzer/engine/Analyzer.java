package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.EventCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Analyzes traces on several threads: traces side by side, and a trace in shards where there are more threads than
 * traces. States are exact and shards merge in their order, so the number of threads changes no bit of the result.
 */
public final class Analyzer {
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
            List<Callable<CountedRun>> counting = new ArrayList<>();
            traces.forEach(trace -> counting.add(() -> count(trace, options, Shard.WHOLE)));
            List<CountedRun> runs = all(pool, counting);
            List<EventProbes> events = observeEvents(pool, runs, options);
            List<RunResult> results = new ArrayList<>();
            for (int run = 0; run < runs.size(); run++) {
                CountedRun one = runs.get(run);
                results.add(RunAssembler.assemble(
                        one.source().path().toString(),
                        one.source().partial(),
                        one.scope(),
                        one.probes(),
                        events.get(run)));
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
            List<Callable<PartialRun>> work = new ArrayList<>();
            for (Path trace : traces) {
                work.add(() -> {
                    CountedRun run = count(trace, options, shard);
                    EventProbes events = options.events() ? observe(run, shard) : null;
                    return PartialRun.of(run, shard, events);
                });
            }
            return all(pool, work);
        } finally {
            pool.shutdownNow();
        }
    }

    private static CountedRun count(Path trace, AnalyzerOptions options, Shard shard) {
        TraceSource source = TraceSource.open(trace);
        Scope scope = new Scope(source.info());
        CounterProbes probes = new CounterProbes(scope);
        for (int row = shard.index(); row < source.counters().size(); row += shard.count()) {
            probes.observe(source.counters().get(row));
        }
        boolean shown = options.events() && options.timeline();
        TimelineWindow window = shown ? TimelineWindow.choose(source.info(), source.counters()) : null;
        return new CountedRun(source.withoutCounters(), scope, probes, window);
    }

    /** One entry per run: its merged shards, or null where events are not read. */
    private static List<EventProbes> observeEvents(
            ExecutorService pool, List<CountedRun> runs, AnalyzerOptions options) {
        int shards = options.events() && !runs.isEmpty() ? (options.threads() + runs.size() - 1) / runs.size() : 0;
        List<Callable<EventProbes>> observing = new ArrayList<>();
        for (CountedRun run : runs) {
            for (int shard = 0; shard < shards; shard++) {
                Shard one = new Shard(shard, shards);
                observing.add(() -> observe(run, one));
            }
        }
        List<EventProbes> observed = all(pool, observing);
        List<EventProbes> merged = new ArrayList<>();
        for (int run = 0; run < runs.size(); run++) {
            merged.add(merge(observed.subList(run * shards, (run + 1) * shards)));
        }
        return merged;
    }

    private static EventProbes merge(List<EventProbes> shards) {
        if (shards.isEmpty()) {
            return null;
        }
        EventProbes first = shards.get(0);
        shards.subList(1, shards.size()).forEach(first::merge);
        return first;
    }

    private static EventProbes observe(CountedRun run, Shard shard) {
        EventProbes probes = new EventProbes(run.scope(), shard, run.window());
        EventCounters counted =
                shard.index() == 0 ? new EventCounters(run.source().reader().info()) : null;
        try (EventCursor events = run.source().reader().events(Metrics.eventColumns())) {
            while (events.next()) {
                probes.observe(events.event());
                if (counted != null) {
                    counted.accept(events.event());
                }
            }
        }
        if (counted != null) {
            run.source().requireCounted(counted);
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

    /** A trace whose counters are counted. */
    record CountedRun(TraceSource source, Scope scope, CounterProbes probes, TimelineWindow window) {}
}
