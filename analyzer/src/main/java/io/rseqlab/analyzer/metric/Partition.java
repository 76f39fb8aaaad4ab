package io.rseqlab.analyzer.metric;

/** How a metric's input may be cut into shards without changing its answer. */
public enum Partition {
    /** Anyhow: every item counts by itself. */
    ANY,
    /** By CPU: items of one CPU stay together and in order. */
    BY_CPU,
    /** By thread: items that name a thread, as the one or the other, reach that thread's shard, in order. */
    BY_THREAD
}
