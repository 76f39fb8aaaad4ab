/**
 * Intervals, tests and corrections: numbers in, numbers out. The unit of replication is the run (one seed), never the
 * event. Whatever draws at random takes its generator from the caller, so that the same seed gives the same bits.
 * Imports nothing of the project; every value that is not finite is refused with an {@link IllegalArgumentException}.
 */
package io.rseqlab.analyzer.stats;
