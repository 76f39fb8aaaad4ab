/**
 * Metrics, one file each: exact state that merges in any order, and is presented once.
 *
 * <p>May import {@code trace}.
 */
package io.rseqlab.analyzer.metric;
