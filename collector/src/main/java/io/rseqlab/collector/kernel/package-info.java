/**
 * The kernel: scheduler, system calls, exit to user mode, rseq policies, signals, membarrier, futex. Time is cycles of
 * the machine's clock. May import isa, machine and trace (events only).
 */
package io.rseqlab.collector.kernel;
