/**
 * The metrics on Apache Spark: deals stretches of traces out to executors, which run the analyzer's engine on them, and
 * merges what comes back. Knows nothing of metrics itself.
 *
 * <p>May import {@code analyzer.engine}, {@code analyzer.metric}, {@code analyzer.result}, {@code trace} and
 * {@code trace.parquet}. No other room may import it, and no other room knows Spark.
 */
package io.rseqlab.spark;
