package io.rseqlab.collector.live;

import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the native driver counted in one window; null for what it cannot know or what means nothing there.
 *
 * @param strategy what allocated
 * @param threads number of threads
 * @param elapsedS length of the window in seconds
 * @param cpuS CPU time of the threads in it, in seconds
 * @param ops operations of the workload
 * @param throughputOpsPerS operations per second of the window
 * @param aborts sections that the kernel aborted
 * @param interruptions returns to user mode with a switch-in or a signal
 * @param preemptions switches away from a thread that could run, yields apart
 * @param migrations moves of threads between CPUs
 * @param voluntarySwitches times that a thread went to sleep
 * @param signals timer signals delivered
 * @param lineTransferBeforeNs one-way transfer of a cache line between the first two CPUs, before the window
 * @param lineTransferAfterNs the same, after it
 * @param cycleBeforeTsc cycles of the time stamp counter for one of the core's, on the slower CPU, before the window
 * @param cycleAfterTsc the same, after it
 * @param nopsBeforeTsc cycles of the time stamp counter for eight no-operations, on the slower CPU, before the window
 * @param nopsAfterTsc the same, after it
 * @param gaps times that nothing went on on one of the first two CPUs, ticks among them, before and after the window
 * @param gapsTsc how long that was together, in cycles of the time stamp counter
 * @param lookedTsc for how long that was looked for, both CPUs together
 * @param tscHz rate of the time stamp counter
 * @param waitedS how long the driver waited for the host to leave the CPUs alone, in seconds
 * @param abortPlaces aborts by section and what stands at the interrupted instruction, such as {@code pop/read head};
 *     null where that was not recorded; not from the driver
 * @param othersCpuShare share of the CPUs that other programs had meanwhile, 0 to 1; not from the driver
 * @param balanced true if every object was found in exactly one place in the end
 */
public record NativeWindow(
        String strategy,
        int threads,
        double elapsedS,
        double cpuS,
        long ops,
        double throughputOpsPerS,
        Long aborts,
        long interruptions,
        Long preemptions,
        Long migrations,
        long voluntarySwitches,
        long signals,
        Double lineTransferBeforeNs,
        Double lineTransferAfterNs,
        Double cycleBeforeTsc,
        Double cycleAfterTsc,
        Double nopsBeforeTsc,
        Double nopsAfterTsc,
        Long gaps,
        Long gapsTsc,
        Long lookedTsc,
        Double tscHz,
        Double waitedS,
        Map<String, Long> abortPlaces,
        Double othersCpuShare,
        boolean balanced) {

    private static final int FORMAT = 1;

    /** Keys that every answer has. */
    private static final List<String> ALWAYS = List.of(
            "strategy",
            "threads",
            "elapsed_s",
            "cpu_s",
            "throughput_ops_per_s",
            "ops",
            "interruptions",
            "voluntary_switches",
            "signals",
            "balanced");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** The same with the share that others had, and with where aborts happened. */
    NativeWindow with(Double othersShare, Map<String, Long> places) {
        return new NativeWindow(
                strategy,
                threads,
                elapsedS,
                cpuS,
                ops,
                throughputOpsPerS,
                aborts,
                interruptions,
                preemptions,
                migrations,
                voluntarySwitches,
                signals,
                lineTransferBeforeNs,
                lineTransferAfterNs,
                cycleBeforeTsc,
                cycleAfterTsc,
                nopsBeforeTsc,
                nopsAfterTsc,
                gaps,
                gapsTsc,
                lookedTsc,
                tscHz,
                waitedS,
                places,
                othersShare,
                balanced);
    }

    /**
     * Reads the driver's line.
     *
     * @throws NativeException if it is none, or of another version
     */
    static NativeWindow parse(String json) {
        try {
            JsonNode tree = tree(json);
            if (tree.path("format").asInt(0) != FORMAT) {
                throw new NativeException("the native driver answers in another format than version " + FORMAT);
            }
            ALWAYS.forEach(tree::required);
            return MAPPER.treeToValue(tree, NativeWindow.class);
        } catch (JacksonException e) {
            throw new NativeException("the native driver's answer cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /** The driver's line as a tree. */
    static JsonNode tree(String json) {
        return MAPPER.readTree(json);
    }
}
