package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long threads under test run between two switches. Quantiles are over whole stretches inside the measured window;
 * the time of a thread also counts the parts of stretches that its ends cut.
 */
final class RunTime implements Pieces.Piece<RunTime> {
    private static final long serialVersionUID = 1L;

    private final CpuEnds ends = new CpuEnds();
    private final Slots threads = new Slots();
    private long[] ticks = new long[8];
    private long[] ended = new long[8];
    private Histogram stretches = new Histogram();

    static MetricInfo info() {
        return MetricInfo.ofEvents(
                "run_time_ns",
                "ns",
                "stretches of threads under test on a CPU, from switch-in to switch-out",
                EnumSet.of(EventKind.SWITCH),
                false,
                scope -> metric(scope).map(Result::stretches));
    }

    static Metric<?, EventBatch, Result> metric(Scope scope) {
        return new OrderedMetric<>(scope, RunTime::new, RunTime::read, piece -> piece.present(scope));
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
    }

    @Override
    public void observe(EventBatch batch, Scope scope) {
        if (!batch.holds(EventKind.SWITCH)) {
            return;
        }
        int[] kinds = batch.kinds();
        long[] cycles = batch.longs(Column.CYCLE);
        int[] cpus = batch.ints(Column.CPU);
        int[] from = batch.ints(Column.THREAD);
        int[] to = batch.ints(Column.OTHER_THREAD);
        int aSwitch = EventKind.SWITCH.ordinal();
        for (int row = 0; row < batch.rows(); row++) {
            if (kinds[row] == aSwitch) {
                onSwitch(cpus[row], Scope.threadOf(from[row]), Scope.threadOf(to[row]), cycles[row], scope);
            }
        }
    }

    private void onSwitch(int cpu, int from, int to, long cycle, Scope scope) {
        int known = ends.size();
        int slot = ends.slot(cpu);
        if (slot == known) {
            ends.first(slot, from, cycle, null);
        } else if (ends.openThread(slot) == from && scope.underTest(from)) {
            close(from, ends.openSince(slot), true, cycle, scope);
        }
        ends.open(slot, to, cycle);
    }

    private void close(int thread, long since, boolean whole, long end, Scope scope) {
        int slot = slot(thread);
        ticks[slot] += scope.cyclesInWindow(since, end);
        if (scope.inWindow(end)) {
            ended[slot]++;
            if (whole && scope.inWindow(since)) {
                stretches.add(end - since);
            }
        }
    }

    private int slot(int thread) {
        int slot = threads.of(thread);
        if (slot == ticks.length) {
            ticks = Arrays.copyOf(ticks, 2 * slot);
            ended = Arrays.copyOf(ended, 2 * slot);
        }
        return slot;
    }

    @Override
    public void append(RunTime next, Scope scope) {
        for (int other = 0; other < next.ends.size(); other++) {
            int known = ends.size();
            int slot = ends.slot(next.ends.cpu(other));
            if (slot == known) {
                ends.copy(slot, next.ends, other);
                continue;
            }
            int thread = next.ends.firstThread(other);
            if (ends.openThread(slot) == thread && scope.underTest(thread)) {
                close(thread, ends.openSince(slot), true, next.ends.firstCycle(other), scope);
            }
            ends.open(slot, next.ends.openThread(other), next.ends.openSince(other));
        }
        for (int other = 0; other < next.threads.size(); other++) {
            int slot = slot(next.threads.id(other));
            ticks[slot] = Math.addExact(ticks[slot], next.ticks[other]);
            ended[slot] = Math.addExact(ended[slot], next.ended[other]);
        }
        stretches = Histogram.merge(stretches, next.stretches);
    }

    @Override
    public void write(StateWriter out) {
        ends.write(out);
        out.number(threads.size());
        threads.each(slot -> {
            out.number(threads.id(slot));
            out.number(ticks[slot]);
            out.number(ended[slot]);
        });
        stretches.write(out);
    }

    private static RunTime read(StateReader in) {
        RunTime piece = new RunTime();
        piece.ends.read(in);
        in.entries(() -> {
            int slot = piece.slot(in.small());
            piece.ticks[slot] = in.number();
            piece.ended[slot] = in.number();
        });
        piece.stretches = Histogram.read(in);
        return piece;
    }

    /** The piece is the whole trace: who left first on a CPU ran there from the start, who is open until the end. */
    private Result present(Scope scope) {
        for (int slot = 0; slot < ends.size(); slot++) {
            if (scope.underTest(ends.firstThread(slot))) {
                long start = scope.info().windowStartCycle();
                close(ends.firstThread(slot), start, false, ends.firstCycle(slot), scope);
            }
            if (scope.underTest(ends.openThread(slot))) {
                int thread = slot(ends.openThread(slot));
                ticks[thread] += scope.cyclesInWindow(ends.openSince(slot), Long.MAX_VALUE);
            }
        }
        SortedMap<Integer, ThreadRun> runs = new TreeMap<>();
        threads.each(slot -> runs.put(threads.id(slot), new ThreadRun(ticks[slot], ended[slot])));
        return new Result(stretches.present("ns", 1e9 / scope.info().clockHz()), runs);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RunTime piece && StateWriter.bytes(this::write).equals(StateWriter.bytes(piece::write));
    }

    @Override
    public int hashCode() {
        return StateWriter.bytes(this::write).hashCode();
    }
}
