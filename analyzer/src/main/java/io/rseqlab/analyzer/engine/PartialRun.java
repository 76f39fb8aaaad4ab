package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.RunInfoText;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What one process found in one trace, or in a shard of it: states that merge exactly, whoever merges them, and in
 * whatever order.
 */
public final class PartialRun {
    private final String path;
    /** What the trace says of itself, null as long as nobody asks. */
    private String info;

    private final String partial;
    private final List<MetricInfo> selected;
    private final TimelineWindow window;
    private final int shardCount;
    private final TreeSet<Integer> shards = new TreeSet<>();
    private final Scope scope;
    private final CounterProbes counters;
    private final EventProbes events;

    private PartialRun(
            String path,
            String info,
            String partial,
            List<MetricInfo> selected,
            TimelineWindow window,
            int shardCount,
            Scope scope,
            CounterProbes counters,
            EventProbes events) {
        this.path = path;
        this.info = info;
        this.partial = partial;
        this.selected = selected;
        this.window = window;
        this.shardCount = shardCount;
        this.scope = scope;
        this.counters = counters;
        this.events = events;
    }

    static PartialRun of(Analyzer.CountedRun run, Shard shard, EventProbes events) {
        PartialRun one = new PartialRun(
                run.path().toString(),
                null,
                run.partial(),
                run.selected(),
                run.window(),
                shard.count(),
                run.scope(),
                run.probes(),
                events);
        one.shards.add(shard.index());
        return one;
    }

    /** The trace, as it was named. */
    public String path() {
        return path;
    }

    private String info() {
        if (info == null) {
            info = RunInfoText.write(scope.info());
        }
        return info;
    }

    void write(StateWriter out) {
        out.text(path);
        out.text(info());
        out.text(partial);
        out.text(selected.stream().map(MetricInfo::id).collect(Collectors.joining(" ")));
        out.flag(window != null);
        if (window != null) {
            out.number(window.startCycle());
            out.number(window.endCycle());
        }
        out.flag(events != null);
        out.number(shardCount);
        out.number(shards.size());
        shards.forEach(shard -> out.number(shard));
        counters.write(out);
        if (events != null) {
            events.write(out);
        }
    }

    static PartialRun read(StateReader in) {
        String path = in.text();
        String info = in.text();
        String partial = in.text();
        List<MetricInfo> selected = AnalyzerOptions.selected(Set.of(in.text().split(" ")));
        TimelineWindow window = in.flag() ? new TimelineWindow(in.number(), in.number()) : null;
        boolean events = in.flag();
        int count = in.small();
        RunInfo known = RunInfoText.read(info);
        Scope scope = new Scope(known);
        PartialRun run = new PartialRun(
                path,
                info,
                partial,
                selected,
                window,
                count,
                scope,
                new CounterProbes(scope, selected),
                events ? new EventProbes(scope, selected, window) : null);
        in.entries(() -> run.shards.add(in.small()));
        run.counters.mergeFrom(in);
        if (events) {
            run.events.mergeFrom(in);
        }
        return run;
    }

    /**
     * Takes in another part of the same trace.
     *
     * @throws IllegalArgumentException if it is none, or is here already
     */
    void merge(PartialRun other) {
        if (!info().equals(other.info()) || !Objects.equals(partial, other.partial)) {
            throw new IllegalArgumentException("'" + path + "' is not the same trace in all partial results");
        }
        if (!Objects.equals(window, other.window)
                || !selected.equals(other.selected)
                || (events == null) != (other.events == null)) {
            throw new IllegalArgumentException(
                    "'" + path + "' was analyzed with other options (--metrics, --counters-only, --timeline) in some");
        }
        if (shardCount != other.shardCount) {
            throw new IllegalArgumentException("'" + path + "' is cut into " + shardCount + " shards in one and into "
                    + other.shardCount + " in another");
        }
        for (int shard : other.shards) {
            if (!shards.add(shard)) {
                throw new IllegalArgumentException(
                        "'" + path + "' is there twice" + (shardCount == 1 ? "" : ", in shard " + (shard + 1)));
            }
        }
        counters.merge(other.counters);
        if (events != null) {
            events.merge(other.events);
        }
    }

    /**
     * The result, once every shard is there.
     *
     * @throws IllegalArgumentException if one is missing
     * @throws io.rseqlab.trace.TraceException if events and totals of the trace do not agree
     */
    RunResult result() {
        for (int shard = 0; shard < shardCount; shard++) {
            if (!shards.contains(shard)) {
                throw new IllegalArgumentException(
                        "'" + path + "': shard " + (shard + 1) + " of " + shardCount + " is missing");
            }
        }
        if (events != null && events.totals() != null) {
            TraceSource.requireCounted(path, scope.info(), events.totals());
        }
        return RunAssembler.assemble(path, partial, selected, scope, counters, events);
    }
}
