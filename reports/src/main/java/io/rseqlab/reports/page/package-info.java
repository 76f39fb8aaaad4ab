/**
 * Turns a result and its charts into one HTML file that needs nothing else.
 *
 * <p>May import {@code chart} and {@code analyzer.result}.
 */
package io.rseqlab.reports.page;
