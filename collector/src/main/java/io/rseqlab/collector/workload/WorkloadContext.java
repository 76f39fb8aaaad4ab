package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Layout;

/**
 * What a workload must know of a run.
 *
 * @param threads number of threads
 * @param layout where memory is reserved
 * @param seeds 64-bit non-zero seeds of the threads' random streams, one each; they do not depend on the strategy
 * @param stopFlag address of the word that becomes non-zero when threads must end
 * @param clockHz cycles of a second
 * @param wakeUpCycles from a futex wake until the woken thread runs, where its CPU was idle
 */
public record WorkloadContext(
        int threads, Layout layout, long[] seeds, long stopFlag, long clockHz, long wakeUpCycles) {}
