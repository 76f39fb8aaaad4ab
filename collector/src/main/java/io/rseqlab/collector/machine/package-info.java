/**
 * The hardware: cores that execute programs with dataflow timing, simulated memory, caches and coherence, machine
 * profiles. Knows nothing of threads' meaning, of kernels or of traces. May import isa.
 *
 * <p>Timing is written three times, and {@code Interpreter} is right. {@code SelfLoop} knows a decrement-and-branch to
 * itself; {@code BlockWriter}, with {@code BlockCode} and {@code BlockMemory}, writes for each micro-operation what its
 * case of the interpreter does, and {@code Block.retire} groups retirement and counts exposure. Whoever changes timing
 * changes the interpreter first, then these: {@code EnginesTest} compares all state over random programs on odd
 * machines, {@code EnginesAgreeTest} whole traces. What blocks may assume beforehand stands in {@code Block.fits} and
 * {@code BlockCompiler.measure}: a new cause of delay has to be added to their bounds.
 */
package io.rseqlab.collector.machine;
