package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.SizeClasses;

/**
 * What a strategy must know of a run to lay out its memory and write its programs.
 *
 * @param cpus number of CPUs
 * @param cpusPerCache CPUs that share a third-level cache: the first so many, the next so many
 * @param threads number of threads
 * @param sizes the sizes of blocks that the workload asks for
 * @param padTurns turns of the decrement-and-branch loop between reads and commit (0: only the test that skips it)
 * @param callEvery one pass in so many makes a system call first in its section, 0 for none
 * @param callSleepCycles how long that call sleeps, 0 to yield
 * @param rseq the kernel offers rseq: threads have a registered area, sections may be used
 * @param concurrencyIds the kernel writes concurrency ids (mm_cid) into the rseq area
 * @param transactions the machine has hardware transactions
 * @param threadsEnd threads end during the run and call {@code "thread_end"} before they do; others follow them
 * @param stopFlag address of the word that becomes non-zero when threads must end
 * @param clockHz cycles of a second
 * @param layout where memory is reserved
 */
public record StrategyContext(
        int cpus,
        int cpusPerCache,
        int threads,
        SizeClasses sizes,
        int padTurns,
        int callEvery,
        long callSleepCycles,
        boolean rseq,
        boolean concurrencyIds,
        boolean transactions,
        boolean threadsEnd,
        long stopFlag,
        long clockHz,
        Layout layout) {
    /** The same with more threads: those of the allocator's own come behind the workload's. */
    StrategyContext withOwnThreads(int more) {
        return new StrategyContext(
                cpus,
                cpusPerCache,
                threads + more,
                sizes,
                padTurns,
                callEvery,
                callSleepCycles,
                rseq,
                concurrencyIds,
                transactions,
                threadsEnd,
                stopFlag,
                clockHz,
                layout);
    }
}
