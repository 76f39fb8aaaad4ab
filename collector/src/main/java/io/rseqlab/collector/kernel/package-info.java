/**
 * The kernel: scheduler, exit to user mode, rseq policies, signals, futex. Time is cycles of the machine's clock. May
 * import isa, machine and trace (events only).
 */
package io.rseqlab.collector.kernel;
