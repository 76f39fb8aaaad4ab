/**
 * The real kernel: recorder, importers of text traces, the native driver, calibration of machine profiles.
 *
 * <p>May import {@code trace}, {@code trace.parquet} and the profiles of {@code machine}.
 */
package io.rseqlab.collector.live;
