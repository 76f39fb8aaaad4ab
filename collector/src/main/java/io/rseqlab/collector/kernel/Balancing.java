package io.rseqlab.collector.kernel;

/** Moves waiting tasks from busy CPUs to less busy ones. */
interface Balancing {
    /** The machine is up: from now on time passes. */
    default void start() {}

    /** True if a CPU is to balance at a tick. */
    boolean due(CpuState cpu, long tick);

    /** Balances on behalf of a CPU. */
    void balance(CpuState cpu, long tick, long now);

    /** A CPU is about to be idle: takes a waiting task from another. */
    void pullForIdle(CpuState cpu, long now);

    /** An idle CPU that a busy one with waiting tasks wakes up to balance, null for none. */
    CpuState idleNear(CpuState cpu);
}
