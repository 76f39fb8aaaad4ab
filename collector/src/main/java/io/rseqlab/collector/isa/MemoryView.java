package io.rseqlab.collector.isa;

/** Reads simulated memory from outside, without cost or effect on it. */
@FunctionalInterface
public interface MemoryView {
    /** The 64-bit word at an aligned address. */
    long read64(long address);
}
