/**
 * The only room that knows JFreeChart: a data set goes in, a PNG comes out, drawn with one theme and bundled fonts.
 *
 * <p>May import {@code analyzer.result}.
 */
package io.rseqlab.reports.chart;
