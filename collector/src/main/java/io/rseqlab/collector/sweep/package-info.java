/**
 * Experiments: reads a file that says what varies, plans its runs, makes them on several host cores, and lays their
 * traces out as one data set. A sweep that was killed goes on where it was.
 *
 * <p>May import {@code collector.run}, {@code collector.spec}, {@code collector.strategy}, {@code collector.workload},
 * {@code trace} and {@code trace.parquet}.
 */
package io.rseqlab.collector.sweep;
