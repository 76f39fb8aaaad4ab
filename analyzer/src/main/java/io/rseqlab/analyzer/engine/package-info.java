/**
 * Runs metrics over the shards of traces on as many threads as there are.
 *
 * <p>May import {@code metric}, {@code result}, {@code trace} and {@code trace.parquet}.
 */
package io.rseqlab.analyzer.engine;
