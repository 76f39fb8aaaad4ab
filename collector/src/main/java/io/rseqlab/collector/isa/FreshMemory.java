package io.rseqlab.collector.isa;

/** Simulated memory before a run begins, for state that a run would take long to come to. */
public interface FreshMemory extends MemoryView {
    /** Address of so many more bytes of the heap, whole pages. */
    long extend(long bytes);

    void write64(long address, long value);
}
