package io.rseqlab.collector.kernel;

/**
 * One way back to user mode, as far as a policy asks.
 *
 * @param signal a signal is about to be delivered
 * @param scheduled the thread was switched out, asked by membarrier, or registered since it was last in user mode
 * @param interrupted user mode was left by an interrupt or an exception, not by a system call
 * @param idsChanged the id fields are not what they would be written as
 * @param extended the registered area is longer than its first version
 */
public record UserExit(boolean signal, boolean scheduled, boolean interrupted, boolean idsChanged, boolean extended) {}
