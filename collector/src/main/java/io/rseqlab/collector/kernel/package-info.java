/**
 * <<<<<<< HEAD The kernel: scheduler, exit to user mode, rseq policies, signals, futex. Time is cycles of the machine's
 * clock. May import machine, isa and trace (events only). ======= The operating system: scheduler, exit to user mode,
 * the rules of restartable sequences, signals, futexes, membarrier.
 *
 * <p>May import {@code machine}, {@code isa} and the events of {@code trace}. >>>>>>> analyzer
 */
package io.rseqlab.collector.kernel;
