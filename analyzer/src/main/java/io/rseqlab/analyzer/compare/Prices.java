package io.rseqlab.analyzer.compare;

/**
 * What a machine's profile says single things cost, in cycles: with them, counts become parts of the time.
 *
 * @param microOp a micro-operation where nothing is waited for: one over the dispatch width
 * @param atomic a locked operation on a line that is here
 * @param lineTransfer a line from the cache of a core that shares the third level
 * @param threadSwitch a switch between threads
 * @param abort moving a section to its abort handler
 * @param syscall into the kernel and out again
 */
public record Prices(
        double microOp, double atomic, double lineTransfer, double threadSwitch, double abort, double syscall) {}
