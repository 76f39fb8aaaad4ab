package io.rseqlab.collector.kernel;

/** Hears what the trace does not carry. */
public interface KernelListener {
    /** An attempt was aborted by the kernel. */
    void aborted(int thread, int section);

    /** Fault injection kept the kernel from aborting an attempt. */
    void abortSuppressed(int thread, int section, int position, long cycle);

    /** The kernel's log has a warning about a thread. */
    default void warned(int thread, String what, long cycle) {}

    /** A thread was killed or touched unmapped memory. */
    void killed(int thread, String reason, long address, long cycle);
}
