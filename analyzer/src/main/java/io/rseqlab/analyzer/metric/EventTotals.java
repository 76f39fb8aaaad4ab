package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Events of the measured window, by the counter that counts them, to be held against the trace's own totals:
 * preemptions, yields, wakeups and migrations of threads under test, all of what else there is.
 */
final class EventTotals implements Metric<EventTotals.State, EventBatch, Map<CounterName, Long>> {
    private static final CounterName[] BY_KIND = new CounterName[EventKind.values().length];
    private static final boolean[] UNDER_TEST = new boolean[BY_KIND.length];

    static {
        count(EventKind.SWITCH, CounterName.SWITCHES, false);
        count(EventKind.PREEMPT, CounterName.PREEMPTIONS, true);
        count(EventKind.WAKEUP, CounterName.WAKEUPS, true);
        count(EventKind.MIGRATE, CounterName.MIGRATIONS, true);
        count(EventKind.ABORT, CounterName.ABORTS, false);
        count(EventKind.STALE_CPU_RESTART, CounterName.STALE_CPU_RESTARTS, false);
        count(EventKind.SIGNAL, CounterName.SIGNALS, false);
        count(EventKind.SYSCALL, CounterName.SYSCALLS, false);
        count(EventKind.MEMBARRIER_IPI, CounterName.MEMBARRIER_IPIS, false);
        count(EventKind.FAULT, CounterName.FAULTS, false);
    }

    private final Scope scope;

    EventTotals(Scope scope) {
        this.scope = scope;
    }

    private static void count(EventKind kind, CounterName name, boolean underTest) {
        BY_KIND[kind.ordinal()] = name;
        UNDER_TEST[kind.ordinal()] = underTest;
    }

    /** Counts by kind, and yields behind them. */
    static final class State implements Serializable {
        private static final long serialVersionUID = 1L;

        private final long[] counts = new long[BY_KIND.length + 1];

        @Override
        public boolean equals(Object other) {
            return other instanceof State state && Arrays.equals(counts, state.counts);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(counts);
        }
    }

    @Override
    public State zero() {
        return new State();
    }

    @Override
    public void observe(State state, EventBatch batch) {
        boolean some = false;
        for (EventKind kind : EventKind.values()) {
            some |= BY_KIND[kind.ordinal()] != null && batch.holds(kind);
        }
        if (!some) {
            return;
        }
        int[] kinds = batch.kinds();
        long[] cycles = batch.longs(Column.CYCLE);
        int[] threads = batch.ints(Column.THREAD);
        int rows = batch.rows();
        for (int row = 0; row < rows; row++) {
            int kind = kinds[row];
            boolean counts = scope.inWindow(cycles[row]) && (!UNDER_TEST[kind] || scope.underTest(threads[row]));
            state.counts[kind] += counts ? 1 : 0;
        }
        if (batch.holds(EventKind.SWITCH)) {
            countYields(state, batch, kinds, cycles, threads);
        }
    }

    private void countYields(State state, EventBatch batch, int[] kinds, long[] cycles, int[] threads) {
        int[] states = batch.codes(Column.STATE);
        int yielded = Arrays.asList(batch.texts(Column.STATE)).indexOf("yielded");
        if (yielded < 0) {
            return;
        }
        int aSwitch = EventKind.SWITCH.ordinal();
        for (int row = 0; row < batch.rows(); row++) {
            if (states[row] == yielded
                    && kinds[row] == aSwitch
                    && scope.inWindow(cycles[row])
                    && scope.underTest(threads[row])) {
                state.counts[BY_KIND.length]++;
            }
        }
    }

    @Override
    public State merge(State a, State b) {
        State all = new State();
        Arrays.setAll(all.counts, kind -> Math.addExact(a.counts[kind], b.counts[kind]));
        return all;
    }

    @Override
    public Map<CounterName, Long> present(State state) {
        Map<CounterName, Long> totals = new EnumMap<>(CounterName.class);
        if (Arrays.stream(state.counts).allMatch(count -> count == 0)) {
            return totals;
        }
        for (int kind = 0; kind < BY_KIND.length; kind++) {
            if (BY_KIND[kind] != null) {
                totals.put(BY_KIND[kind], state.counts[kind]);
            }
        }
        totals.put(CounterName.YIELDS, state.counts[BY_KIND.length]);
        return totals;
    }

    @Override
    public void write(State state, StateWriter out) {
        for (long count : state.counts) {
            out.number(count);
        }
    }

    @Override
    public State read(StateReader in) {
        State state = new State();
        Arrays.setAll(state.counts, kind -> in.number());
        return state;
    }
}
