/**
 * Intervals, paired bootstrap, permutation tests, Holm. Numbers in, numbers out.
 *
 * <p>May import nothing.
 */
package io.rseqlab.analyzer.stats;
