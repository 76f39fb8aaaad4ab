package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.Core;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.parquet.TraceWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Has a run write what it measured so far every now and then, so that a killed run leaves it. When that is, depends on
 * the work done alone, in micro-operations: so the same specification is cut into the same parts.
 */
final class Checkpoints {
    /** Work between checkpoints: some seconds of a host core. Shorter runs have none, and one part of each table. */
    static final long WORK_MICRO_OPS = 100_000_000;

    /** Checkpoints become rarer as a run grows, so that it has hundreds of parts at most; it may lose this share. */
    private static final int SHARE = 50;

    private final Simulation simulation;
    private final TraceWriter writer;
    private final IntervalCounters intervals;
    private final long workMicroOps;
    private long done;
    /** Counts up to {@link #cutCycle}, until all events before it are written; null for none. */
    private List<Counter> cut;

    private long cutCycle;

    /**
     * Begins with the measured window.
     *
     * @param workMicroOps the least work between checkpoints
     */
    Checkpoints(Simulation simulation, TraceWriter writer, IntervalCounters intervals, long workMicroOps) {
        this.simulation = simulation;
        this.writer = writer;
        this.intervals = intervals;
        this.workMicroOps = workMicroOps;
        done = work();
    }

    private long work() {
        long sum = 0;
        for (Core core : simulation.machine().cores) {
            sum += core.microOps();
        }
        return sum;
    }

    /** The run has come to a cycle, and all events before {@code settled} are known. */
    void reached(long cycle, long settled) {
        if (cut != null) {
            if (settled >= cutCycle) {
                simulation.log().release(cutCycle);
                writer.checkpoint(cutCycle, cut);
                cut = null;
            }
            return;
        }
        long work = work();
        if (work - done >= Math.max(workMicroOps, work / SHARE)) {
            done = work;
            cutCycle = cycle;
            cut = counts(cycle);
        }
    }

    /** All counts of the window up to a cycle that the run has come to. */
    List<Counter> counts(long cycle) {
        List<Counter> all = new ArrayList<>(intervals.rowsTo(cycle));
        all.addAll(WindowCounters.of(simulation, cycle));
        return all;
    }
}
