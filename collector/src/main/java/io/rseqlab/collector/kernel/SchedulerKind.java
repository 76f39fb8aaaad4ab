package io.rseqlab.collector.kernel;

/** Whose scheduler a kernel has. */
public enum SchedulerKind {
    /** Linux since 6.6: earliest eligible virtual deadline first, see {@link Eevdf}. */
    EEVDF,
    /** FreeBSD: see {@link Ule}. */
    ULE
}
