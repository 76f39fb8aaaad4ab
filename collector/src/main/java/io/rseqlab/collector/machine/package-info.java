/**
 * The cores: dataflow timing, caches and coherence, and the machine profiles that say what everything costs.
 *
 * <p>May import {@code isa}.
 */
package io.rseqlab.collector.machine;
