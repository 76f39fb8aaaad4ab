/**
 * The real kernel: recorder, importers of text traces, the native driver, calibration of machine profiles; recorder and
 * importers of malloc calls.
 *
 * <p>May import {@code trace}, {@code trace.malloc}, {@code trace.parquet} and the profiles of {@code machine}.
 */
package io.rseqlab.collector.live;
