/**
 * The real kernel: recorder, importers of text traces, the native driver, calibration of machine profiles.
 *
 * <p>May import {@code trace} and the profiles of {@code machine}.
 */
package io.rseqlab.collector.live;
