/**
 * The hardware: cores that execute programs with dataflow timing, simulated memory, caches and coherence, machine
 * profiles. Knows nothing of threads' meaning, of kernels or of traces. May import isa.
 *
 * <p>Timing is written twice, and {@code Interpreter} is right. {@code SelfLoop} knows a decrement-and-branch to
 * itself. Whoever changes timing changes the interpreter first, then this: {@code EnginesTest} compares all state over
 * random programs on odd machines, {@code EnginesAgreeTest} whole traces.
 */
package io.rseqlab.collector.machine;
