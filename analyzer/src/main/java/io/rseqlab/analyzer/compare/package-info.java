/**
 * Pairs runs by workload and seed, applies the statistics, words the verdict, finds crossovers.
 *
 * <p>May import {@code stats} and {@code result}.
 */
package io.rseqlab.analyzer.compare;
