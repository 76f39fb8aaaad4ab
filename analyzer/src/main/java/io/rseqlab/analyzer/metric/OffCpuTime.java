package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How long threads under test stay off the CPU, from switch-out to the next switch-in, by why they stopped. Follows a
 * thread over CPUs, and so must not be cut by CPU.
 */
final class OffCpuTime implements Metric<OffCpuTime.State, Event, MetricValue> {
    private static final String UNIT = "ns";

    private final Scope scope;

    OffCpuTime(Scope scope) {
        this.scope = scope;
    }

    static MetricInfo info() {
        return MetricInfo.ofEvents(
                "off_cpu_time_ns",
                UNIT,
                "time of threads under test from switch-out to the next switch-in, by why they stopped",
                OffCpuTime::new);
    }

    /** When a thread stopped, and why. */
    private record Out(long cycle, String why) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** Threads that are out, and closed absences by reason. */
    static final class State implements Serializable {
        private static final long serialVersionUID = 1L;

        private final Shard shard;
        private final TreeMap<Integer, Out> out = new TreeMap<>();
        private final TreeMap<String, Histogram> absences = new TreeMap<>();

        State(Shard shard) {
            this.shard = shard;
        }

        /** The shard says what the state may see, not what it saw. */
        @Override
        public boolean equals(Object other) {
            return other instanceof State state && out.equals(state.out) && absences.equals(state.absences);
        }

        @Override
        public int hashCode() {
            return Objects.hash(out, absences);
        }
    }

    @Override
    public State zero() {
        return new State(Shard.WHOLE);
    }

    @Override
    public State zero(Shard shard) {
        return new State(shard);
    }

    @Override
    public void observe(State state, Event item) {
        if (item.kind() != EventKind.SWITCH) {
            return;
        }
        int next = item.has(Column.OTHER_THREAD) ? (int) item.number(Column.OTHER_THREAD) : -1;
        if (scope.underTest(next) && state.shard.owns(next)) {
            switchIn(state, next, item.cycle());
        }
        int thread = item.thread();
        if (scope.underTest(thread) && state.shard.owns(thread)) {
            String why = item.text(Column.STATE);
            state.out.put(thread, new Out(item.cycle(), why == null ? "unknown" : why));
        }
    }

    private void switchIn(State state, int thread, long cycle) {
        Out out = state.out.remove(thread);
        if (out != null && scope.inWindow(out.cycle()) && scope.inWindow(cycle)) {
            state.absences.computeIfAbsent(out.why(), why -> new Histogram()).add(cycle - out.cycle());
        }
    }

    @Override
    public State merge(State a, State b) {
        State all = new State(Shard.WHOLE);
        all.out.putAll(a.out);
        all.out.putAll(b.out);
        all.absences.putAll(a.absences);
        b.absences.forEach((why, absences) -> all.absences.merge(why, absences, Histogram::merge));
        return all;
    }

    @Override
    public void write(State state, StateWriter out) {
        out.entries(state.out, (thread, gone) -> {
            out.number(thread);
            out.number(gone.cycle());
            out.text(gone.why());
        });
        out.entries(state.absences, (why, absences) -> {
            out.text(why);
            absences.write(out);
        });
    }

    @Override
    public State read(StateReader in) {
        State state = new State(Shard.WHOLE);
        in.entries(() -> state.out.put(in.small(), new Out(in.number(), in.text())));
        in.entries(() -> state.absences.put(in.text(), Histogram.read(in)));
        return state;
    }

    @Override
    public MetricValue present(State state) {
        if (state.absences.isEmpty()) {
            return MetricValue.noData(UNIT, "no thread under test came back to a CPU in the measured window");
        }
        double scale = 1e9 / scope.info().clockHz();
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        Histogram all = state.absences.values().stream().reduce(new Histogram(), Histogram::merge);
        parts.put("all", all.present(UNIT, scale));
        state.absences.forEach((why, absences) -> parts.put(why, absences.present(UNIT, scale)));
        return MetricValue.group(UNIT, parts);
    }

    @Override
    public Partition partition() {
        return Partition.BY_THREAD;
    }
}
