package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RunSpec;
import java.util.concurrent.Semaphore;

/**
 * How many runs fit into the JVM's heap at a time. What a run takes grows with its CPUs, threads and live objects and
 * not with its length; the constants are those of {@code docs/performance.md} (cost against size) with half as much
 * again.
 */
final class HostMemory {
    private static final double BASE_MIB = 12;
    private static final double MIB_PER_CPU = 0.32;
    private static final double MIB_PER_THREAD = 0.045;

    /** Block, its line in the caches, its owner in the oracle's books. */
    private static final double MIB_PER_LIVE_OBJECT = 300.0 / (1 << 20);

    /** Of the heap, the rest being for the writers' buffers and what is not collected yet. */
    private static final double SHARE = 0.7;

    private final int totalMib;
    private final Semaphore free;

    HostMemory(long heapBytes) {
        totalMib = Math.max(1, (int) Math.min(Integer.MAX_VALUE, SHARE * heapBytes / (1 << 20)));
        free = new Semaphore(totalMib, true);
    }

    /** Heap that a run takes, about, in MiB. */
    static int mibOf(RunSpec spec) {
        double live = spec.workload().parameters().stream()
                        .anyMatch(parameter -> parameter.name().equals("live"))
                ? spec.workloadSettings().number("live")
                : 0;
        return (int) Math.ceil(
                BASE_MIB + MIB_PER_CPU * spec.cpus() + spec.threads() * (MIB_PER_THREAD + live * MIB_PER_LIVE_OBJECT));
    }

    /** How many such runs fit at a time; at least one, which is tried in any case. */
    int fitting(RunSpec spec) {
        return Math.max(1, totalMib / mibOf(spec));
    }

    /** Waits until a run fits; one that is larger than all there is waits until nothing else runs. */
    int take(RunSpec spec) throws InterruptedException {
        int mib = Math.min(totalMib, mibOf(spec));
        free.acquire(mib);
        return mib;
    }

    void give(int mib) {
        free.release(mib);
    }
}
