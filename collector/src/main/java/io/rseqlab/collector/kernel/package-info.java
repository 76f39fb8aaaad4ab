/**
 * The operating system: scheduler, exit to user mode, the rules of restartable sequences, signals, futexes, membarrier.
 *
 * <p>May import {@code machine}, {@code isa} and the events of {@code trace}.
 */
package io.rseqlab.collector.kernel;
