package io.rseqlab.collector.machine;

import java.util.Locale;

/** Why hardware transactions are undone, as counted; programs are told {@code TransactionStatus}. */
public enum TransactionAbort {
    /** The program said XABORT. */
    EXPLICIT,
    /** Another core wanted a line. */
    CONFLICT,
    /** A line that it had written left the first-level cache, or one that it had read the second-level one. */
    CAPACITY,
    /** An interrupt: tick, signal, another processor's call. */
    INTERRUPT,
    /** A system call, a host call, PAUSE, a wild access or a page fault, or nesting that is too deep. */
    INSTRUCTION;

    /** The name in files. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
