/**
 * Turns a result and its charts into one HTML file that needs nothing else.
 *
 * <p>May import {@code chart}, {@code analyzer.result}, and {@code analyzer.stats} for the binomial interval of counts
 * that it sums over runs.
 */
package io.rseqlab.reports.page;
