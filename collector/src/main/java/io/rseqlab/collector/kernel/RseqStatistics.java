package io.rseqlab.collector.kernel;

import java.util.Arrays;
import java.util.Locale;

/**
 * The kernel's own counters of restartable sequences, under the names of debugfs rseq/stats (CONFIG_RSEQ_STATS of
 * 6.19), so that simulated and real figures can be held side by side.
 */
public final class RseqStatistics {
    /** What is counted. */
    public enum Kind {
        /** Exits to user mode. */
        EXIT,
        /** Signals delivered to threads with a registration. */
        SIGNAL,
        /** Exits that were notified and went through the slow path. */
        SLOWP,
        /** Exits after a switch that the fast path dealt with (7.x). */
        FASTP,
        /** Times that the id fields were written. */
        IDS,
        /** Times that an armed section was looked at. */
        CS,
        /** Times that an armed section was forgotten, the instruction pointer being outside. */
        CLEAR,
        /** Threads moved to their abort handler. */
        FIXUP,
        /** Slice extensions granted (7.0). No strategy asks for any, so traces do not carry these. */
        SGRANT,
        /** Slice extensions whose time ran out. */
        SEXPIR,
        /** Slice extensions that a second request to be switched out, or other work, ended. */
        SREVOK,
        /** Slice extensions given back with rseq_slice_yield. */
        SYIELD,
        /** Slice extensions ended by another system call. */
        SABORT;

        /** True if traces carry it. */
        public boolean isTraced() {
            return compareTo(FIXUP) <= 0;
        }

        /** The kernel's name. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int KINDS = Kind.values().length;

    private final long[] counts;

    RseqStatistics(int cpus) {
        counts = new long[cpus * KINDS];
    }

    void add(Kind kind, int cpu) {
        counts[cpu * KINDS + kind.ordinal()]++;
    }

    /** A count of one CPU since the last {@link #clear}. */
    public long count(Kind kind, int cpu) {
        return counts[cpu * KINDS + kind.ordinal()];
    }

    /** A count over all CPUs. */
    public long total(Kind kind) {
        long total = 0;
        for (int index = kind.ordinal(); index < counts.length; index += KINDS) {
            total += counts[index];
        }
        return total;
    }

    /** Starts again from 0. */
    public void clear() {
        Arrays.fill(counts, 0);
    }
}
