/**
 * The micro-benchmarks of publications, as programs of the model: what their loops execute, on which CPUs, and how long
 * one operation takes. The published figures themselves are not here.
 *
 * <p>May import {@code isa}, {@code machine}, {@code kernel} and {@code trace}.
 */
package io.rseqlab.collector.published;
