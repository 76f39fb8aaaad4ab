/**
 * The kernel: scheduler, exit to user mode, rseq policies, signals, futex. Time is cycles of the machine's clock. May
 * import machine, isa and trace (events only).
 */
package io.rseqlab.collector.kernel;
