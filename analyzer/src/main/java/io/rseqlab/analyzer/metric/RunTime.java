package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.io.Serializable;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long threads under test run between two switches. Quantiles are over whole stretches inside the measured window;
 * the time of a thread also counts the parts of stretches that its ends cut.
 */
final class RunTime implements Metric<RunTime.State, Event, RunTime.Result> {
    private final Scope scope;

    RunTime(Scope scope) {
        this.scope = scope;
    }

    static MetricInfo info() {
        return MetricInfo.ofEvents(
                "run_time_ns",
                "ns",
                "stretches of threads under test on a CPU, from switch-in to switch-out",
                scope -> new RunTime(scope).map(Result::stretches));
    }

    /**
     * What is presented.
     *
     * @param stretches quantiles of whole stretches
     * @param threads time by thread
     */
    record Result(MetricValue stretches, SortedMap<Integer, ThreadRun> threads) {}

    /**
     * Time of one thread.
     *
     * @param ticks time on a CPU inside the window
     * @param stretches stretches that ended inside the window
     */
    record ThreadRun(long ticks, long stretches) implements Serializable {
        private static final long serialVersionUID = 1L;

        ThreadRun plus(ThreadRun other) {
            return new ThreadRun(Math.addExact(ticks, other.ticks), Math.addExact(stretches, other.stretches));
        }
    }

    /** Who runs on a CPU, and since when; {@code whole} if the switch-in was seen. */
    private record Open(int thread, long since, boolean whole) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** Open stretches by CPU, and what is closed. */
    static final class State implements Serializable {
        private static final long serialVersionUID = 1L;

        private final TreeMap<Integer, Open> open = new TreeMap<>();
        private final TreeMap<Integer, ThreadRun> threads = new TreeMap<>();
        private Histogram stretches = new Histogram();

        @Override
        public boolean equals(Object other) {
            return other instanceof State state
                    && open.equals(state.open)
                    && threads.equals(state.threads)
                    && stretches.equals(state.stretches);
        }

        @Override
        public int hashCode() {
            return Objects.hash(open, threads, stretches);
        }
    }

    @Override
    public State zero() {
        return new State();
    }

    @Override
    public void observe(State state, Event item) {
        if (item.kind() != EventKind.SWITCH) {
            return;
        }
        long start = scope.info().windowStartCycle();
        Open open = state.open.getOrDefault(item.cpu(), new Open(item.thread(), start, false));
        if (open.thread() == item.thread() && scope.underTest(item.thread())) {
            close(state, open, item.cycle());
        }
        int next = item.has(Column.OTHER_THREAD) ? (int) item.number(Column.OTHER_THREAD) : -1;
        state.open.put(item.cpu(), new Open(next, item.cycle(), true));
    }

    private void close(State state, Open open, long end) {
        long ticks = clipped(open.since(), end);
        boolean ended = scope.inWindow(end);
        state.threads.merge(open.thread(), new ThreadRun(ticks, ended ? 1 : 0), ThreadRun::plus);
        if (ended && open.whole() && scope.inWindow(open.since())) {
            state.stretches.add(end - open.since());
        }
    }

    private long clipped(long from, long to) {
        long start = Math.max(from, scope.info().windowStartCycle());
        return Math.max(0, Math.min(to, scope.info().windowEndCycle()) - start);
    }

    @Override
    public State merge(State a, State b) {
        State all = new State();
        all.open.putAll(a.open);
        all.open.putAll(b.open);
        all.threads.putAll(a.threads);
        b.threads.forEach((thread, run) -> all.threads.merge(thread, run, ThreadRun::plus));
        all.stretches = Histogram.merge(a.stretches, b.stretches);
        return all;
    }

    @Override
    public void write(State state, StateWriter out) {
        out.entries(state.open, (cpu, open) -> {
            out.number(cpu);
            out.number(open.thread());
            out.number(open.since());
            out.flag(open.whole());
        });
        out.entries(state.threads, (thread, run) -> {
            out.number(thread);
            out.number(run.ticks());
            out.number(run.stretches());
        });
        state.stretches.write(out);
    }

    @Override
    public State read(StateReader in) {
        State state = new State();
        in.entries(() -> state.open.put(in.small(), new Open(in.small(), in.number(), in.flag())));
        in.entries(() -> state.threads.put(in.small(), new ThreadRun(in.number(), in.number())));
        state.stretches = Histogram.read(in);
        return state;
    }

    @Override
    public Result present(State state) {
        TreeMap<Integer, ThreadRun> threads = new TreeMap<>(state.threads);
        for (Open open : state.open.values()) {
            if (scope.underTest(open.thread())) {
                long ticks = clipped(open.since(), scope.info().windowEndCycle());
                threads.merge(open.thread(), new ThreadRun(ticks, 0), ThreadRun::plus);
            }
        }
        return new Result(state.stretches.present("ns", 1e9 / scope.info().clockHz()), threads);
    }

    @Override
    public Partition partition() {
        return Partition.BY_CPU;
    }
}
