/**
 * Traces on disk: the only room that knows Parquet. Writes and reads the parts and {@code run.json} of a trace
 * directory. Imports {@code io.rseqlab.trace}, parquet-java and Jackson.
 */
package io.rseqlab.trace.parquet;
