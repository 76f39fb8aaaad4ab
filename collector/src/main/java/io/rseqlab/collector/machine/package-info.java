/**
 * The hardware: cores that execute programs with dataflow timing, simulated memory, caches and coherence, machine
 * profiles. Knows nothing of threads' meaning, of kernels or of traces. May import isa.
 */
package io.rseqlab.collector.machine;
