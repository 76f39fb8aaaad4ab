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
 */
public record WorkloadContext(int threads, Layout layout, long[] seeds, long stopFlag, long clockHz) {}
