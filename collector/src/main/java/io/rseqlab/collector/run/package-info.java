/**
 * Puts a run together from its specification, writes its trace, and offers the verbs that make traces.
 *
 * <p>May import every other room of the collector, and {@code trace}.
 */
package io.rseqlab.collector.run;
