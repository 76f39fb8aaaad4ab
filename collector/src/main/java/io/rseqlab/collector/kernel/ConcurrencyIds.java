package io.rseqlab.collector.kernel;

/**
 * The concurrency ids of the process: small numbers, never the same for two threads that run at the same time. What is
 * not overridden is what a kernel without them does: the CPU's number takes their place.
 */
interface ConcurrencyIds {
    /** No id. */
    int NONE = -1;

    /** A thread was made. */
    default void started(Task task) {}

    /** A thread has ended; the CPU that it ran on still has it. */
    default void ended(Task task) {}

    /** The threads of the process may run on more CPUs: those in a mask. */
    default void allowed(long mask) {}

    /** A thread stops running. */
    default void switchedOut(Task task, CpuState cpu, long now) {}

    /** A thread is about to run: it gets its id. */
    default void switchedIn(Task task, CpuState cpu, long now) {
        task.concurrencyId = cpu.id;
    }

    /** A thread that does not run changes its CPU. */
    default void migrated(Task task, CpuState from, CpuState to, long now) {}

    /** The scan's work, done by a running thread on its way to user mode. */
    default void scan(long now) {}
}
