package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * A short window of a run, CPU by CPU.
 *
 * @param startCycle first tick shown
 * @param endCycle first tick not shown
 * @param clockHz ticks per second
 * @param cpus CPUs of the run
 * @param segments who ran where and when; idle time has none
 * @param marks what happened
 * @param truncated true where the window holds more than was kept
 */
public record Timeline(
        long startCycle,
        long endCycle,
        long clockHz,
        int cpus,
        List<Segment> segments,
        List<Mark> marks,
        boolean truncated) {

    /**
     * A stretch of one thread on one CPU.
     *
     * @param cpu where
     * @param thread who
     * @param name what to call the thread
     * @param startCycle first tick
     * @param endCycle first tick after
     * @param end why it ended: preempted, yielded, blocked, exited, or null where the window ends
     */
    public record Segment(int cpu, int thread, String name, long startCycle, long endCycle, String end) {}

    /**
     * A moment.
     *
     * @param kind event kind: preempt, migrate, abort, stale_cpu_restart, signal, membarrier_ipi, fault
     * @param cycle when
     * @param cpu where
     * @param thread to whom
     * @param label what to say of it: causes and section of an abort, CPUs of a migration
     * @param targetCpu for a migration, where to; else null
     */
    public record Mark(String kind, long cycle, int cpu, int thread, String label, Integer targetCpu) {}
}
