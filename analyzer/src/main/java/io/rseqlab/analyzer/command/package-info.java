/**
 * The verbs that read traces and results.
 *
 * <p>May import every other room of the analyzer, and {@code trace}.
 */
package io.rseqlab.analyzer.command;
