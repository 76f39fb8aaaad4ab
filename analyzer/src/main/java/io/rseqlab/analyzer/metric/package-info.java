/**
 * Metrics: pure algebras over events and counters that merge. State is exact integers until presented, so that threads,
 * files and any order of merging give the same bits. Imports the trace contract, the values of the result document and
 * the numbers of {@code stats}.
 */
package io.rseqlab.analyzer.metric;
