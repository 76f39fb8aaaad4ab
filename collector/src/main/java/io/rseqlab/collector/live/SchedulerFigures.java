package io.rseqlab.collector.live;

import java.util.List;

/**
 * What a scheduler did with the threads of an experiment, on a machine or in the model.
 *
 * @param seconds length of the window
 * @param threads in the order of the experiment
 */
public record SchedulerFigures(double seconds, List<OfThread> threads) {
    public SchedulerFigures {
        threads = List.copyOf(threads);
    }

    /**
     * What one thread saw.
     *
     * @param startCpu CPU it ran on first
     * @param cpuS seconds of CPU time
     * @param turns how often it did what its kind does
     * @param voluntarySwitches times it was switched out because it waited
     * @param involuntarySwitches times it was switched out though it could go on, yields included
     * @param migrations changes of its CPU
     * @param slicesUs how long it ran at a time, microseconds; gaps of less than 150 do not count
     * @param latenciesUs how long it took from the wake-up (of a sleep: from when it should have ended) until it ran,
     *     microseconds
     */
    public record OfThread(
            int startCpu,
            double cpuS,
            long turns,
            long voluntarySwitches,
            long involuntarySwitches,
            long migrations,
            List<Double> slicesUs,
            List<Double> latenciesUs) {}
}
