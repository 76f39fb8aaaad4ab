/**
 * The hardware: cores that execute programs with dataflow timing, simulated memory, caches and coherence, machine
 * profiles. Knows nothing of threads' meaning, of kernels or of traces. May import isa.
 *
 * <p>Timing is written three times, and {@code Interpreter} is right; what it does about each kind of micro-operation
 * stands in {@code MicroOp} and, by kind, in {@code ArithmeticOps}, {@code MemoryOps}, {@code BranchOps} and
 * {@code SystemOps}. {@code SelfLoop} knows a decrement-and-branch to itself; {@code Scheduler} knows a path of which
 * every load and store hits. {@code BlockWriter}, with {@code BlockCode} and {@code BlockMemory}, writes what
 * micro-operations do about values. Whoever changes timing changes the micro-operations first, then these:
 * {@code EnginesTest} compares all state over random programs on odd machines, {@code EnginesAgreeTest} whole traces.
 * What times depend on stands in {@code Timing}, and what may hold dispatch back besides in {@code Block.isFree}: a new
 * cause of delay has to be added to one of them.
 *
 * <p>Hardware transactions ({@code Transaction}) are the interpreter's alone, one micro-operation a turn; beginning one
 * disturbs a core, so that no period holds one.
 */
package io.rseqlab.collector.machine;
