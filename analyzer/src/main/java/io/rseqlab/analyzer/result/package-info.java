/**
 * The second contract: the versioned result document that every table, chart and page is drawn from.
 *
 * <p>May import nothing.
 */
package io.rseqlab.analyzer.result;
