package io.rseqlab.collector.strategy.block;

/** Offsets of the kernel's per-thread rseq area, {@code struct rseq} of {@code linux/rseq.h}. */
public final class RseqArea {
    /** 32 bits: a possible CPU number at any time, good as an index. */
    public static final int CPU_ID_START = 0;
    /** 32 bits: the CPU's number; equal to the former while the thread has not moved since that was read. */
    public static final int CPU_ID = 4;
    /** 32 bits: the concurrency id, from Linux 6.3 on. */
    public static final int MM_CID = 24;

    private RseqArea() {}
}
