package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.RunInfo;
import java.util.EnumSet;
import java.util.Set;

/** What a metric must know of the trace to present its counts. */
public final class Scope {
    /** Counts derived from kernel events: whoever has the events has them. */
    private static final Set<CounterName> KERNEL = EnumSet.range(CounterName.SWITCHES, CounterName.FAULTS);

    /**
     * Counts that a run takes only with the memory oracle, a strategy that knows or a kernel with rseq: without a row
     * they are unknown.
     */
    private static final Set<CounterName> OPTIONAL =
            EnumSet.range(CounterName.KERNEL_RSEQ_EXIT, CounterName.KERNEL_RSEQ_FIXUP);

    static {
        OPTIONAL.addAll(EnumSet.of(
                CounterName.PEAK_LIVE_BLOCKS,
                CounterName.CACHED_BLOCKS,
                CounterName.POOL_BLOCKS,
                CounterName.FOOTPRINT_BYTES));
    }

    private final RunInfo info;
    private final long windowStart;
    private final long windowEnd;
    /** By thread, up to the last under test. */
    private final boolean[] threads;

    public Scope(RunInfo info) {
        this.info = info;
        windowStart = info.windowStartCycle();
        windowEnd = info.windowEndCycle();
        threads = new boolean
                [1
                        + info.threads().stream()
                                .mapToInt(RunInfo.ThreadInfo::thread)
                                .max()
                                .orElse(-1)];
        info.threads().forEach(thread -> threads[thread.thread()] = true);
    }

    /** What the trace says of itself. */
    public RunInfo info() {
        return info;
    }

    public boolean simulated() {
        return RunInfo.SIMULATED.equals(info.source());
    }

    /** Bytes of a block, 0 where the trace does not say. */
    long blockBytes() {
        return info.spec().get("block_bytes") instanceof Number bytes ? bytes.longValue() : 0;
    }

    /** Length of the measured window in seconds, 0 where there is none. */
    public double seconds() {
        return info.clockHz() <= 0 ? 0 : (double) windowCycles() / info.clockHz();
    }

    public long windowCycles() {
        return Math.max(0, info.windowEndCycle() - info.windowStartCycle());
    }

    /** CPUs times window, for recorded traces too: every CPU of the machine counts, busy or not. */
    public double cpuSeconds() {
        return info.cpus() * seconds();
    }

    /** How much of a span lies in the measured window, 0 where nothing does. */
    long cyclesInWindow(long from, long to) {
        return Math.max(0, Math.min(to, windowEnd) - Math.max(from, windowStart));
    }

    /** True where the cycle lies in the measured window. */
    public boolean inWindow(long cycle) {
        return cycle >= windowStart && cycle < windowEnd;
    }

    /**
     * True where the trace counts that, so that no row means zero. Counters are sparse: without this, a count that was
     * never taken could not be told from one that is zero. A recording names in its totals what it observed; a
     * simulated run counts everything, unless it was cut short before it wrote its counts: then only what its events
     * show.
     */
    public boolean measures(CounterName name) {
        CounterName taken = name == CounterName.ABORT_CAUSES ? CounterName.ABORTS : name;
        if (!simulated()) {
            return info.totals().containsKey(taken.id());
        }
        boolean counted = complete() || info.totals().containsKey(CounterName.EXPOSURE_CYCLES.id());
        return counted ? !OPTIONAL.contains(taken) : KERNEL.contains(taken);
    }

    /** True for threads under test: all but the idle task where the trace names none. */
    public boolean underTest(int thread) {
        return thread >= 0 && (threads.length == 0 || (thread < threads.length && threads[thread]));
    }

    /** A thread column's value as the thread, or -1 where the row has none or means the idle task. */
    static int threadOf(int value) {
        return Math.max(-1, value);
    }

    public boolean complete() {
        return RunInfo.COMPLETE.equals(info.state());
    }

    /** Why {@link #measures} is false. */
    public String whyNot(CounterName name) {
        if (!simulated()) {
            return "recorded traces have no " + name.id();
        }
        return complete() ? "the run did not count " + name.id() : "the run was cut short before it wrote " + name.id();
    }
}
