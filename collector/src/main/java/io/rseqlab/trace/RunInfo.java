package io.rseqlab.trace;

import java.util.List;
import java.util.Map;

/**
 * What a trace says of itself: {@code run.json}. Nothing in a simulated trace's depends on the clock, host or folder it
 * was made in.
 *
 * @param formatVersion version of the trace contract, see {@link #FORMAT_VERSION}
 * @param modelVersion version of the simulator's rules and timing; empty for recorded traces
 * @param source {@code simulated} or {@code recorded}
 * @param state {@code complete}, or {@code partial} when the run was cut short
 * @param clockHz ticks of the cycle column per second: core cycles when simulated, 1e9 when recorded
 * @param cpus number of CPUs
 * @param windowStartCycle first tick of the measured window: the end of warm-up
 * @param windowEndCycle first tick after the measured window
 * @param offsetUnit unit of the offset column: {@code instructions} or {@code bytes}
 * @param spec the resolved run specification; for recorded traces the source's name and format
 * @param sections the sections that programs declare; empty when recorded
 * @param threads the threads under test
 * @param totals sums of the counters over the measured window, by counter id
 * @param contentHash digest over the decoded columns of all parts, hexadecimal
 * @param violations what the memory oracle found, in number; null where there was none, and in a run that was killed
 * @param firstViolations the first of them in words; null where violations is
 */
public record RunInfo(
        int formatVersion,
        String modelVersion,
        String source,
        String state,
        long clockHz,
        int cpus,
        long windowStartCycle,
        long windowEndCycle,
        String offsetUnit,
        Map<String, Object> spec,
        List<SectionInfo> sections,
        List<ThreadInfo> threads,
        Map<String, Long> totals,
        String contentHash,
        Long violations,
        List<String> firstViolations) {

    /** Version 1: the first. A new nullable column keeps the number; anything else raises it. */
    public static final int FORMAT_VERSION = 1;

    public static final String SIMULATED = "simulated";
    public static final String RECORDED = "recorded";
    public static final String COMPLETE = "complete";
    public static final String PARTIAL = "partial";

    /** What a trace says of itself that no memory oracle watched. */
    public RunInfo(
            int formatVersion,
            String modelVersion,
            String source,
            String state,
            long clockHz,
            int cpus,
            long windowStartCycle,
            long windowEndCycle,
            String offsetUnit,
            Map<String, Object> spec,
            List<SectionInfo> sections,
            List<ThreadInfo> threads,
            Map<String, Long> totals,
            String contentHash) {
        this(
                formatVersion,
                modelVersion,
                source,
                state,
                clockHz,
                cpus,
                windowStartCycle,
                windowEndCycle,
                offsetUnit,
                spec,
                sections,
                threads,
                totals,
                contentHash,
                null,
                null);
    }

    /** True where the memory oracle found something wrong. */
    public boolean violated() {
        return violations != null && violations > 0;
    }

    /** The same with what the memory oracle found. */
    public RunInfo withViolations(long count, List<String> first) {
        return with(spec, state, windowEndCycle, totals, contentHash, count, List.copyOf(first));
    }

    /**
     * True where the writer came to its end, be it early: then the window, the totals and the content hash are those of
     * what the trace holds. A writer that was killed leaves the window that was planned.
     */
    public boolean finished() {
        return contentHash != null;
    }

    /** The same with a window that ends at another cycle. */
    public RunInfo withWindowEnd(long cycle) {
        return with(spec, state, cycle, totals, contentHash, violations, firstViolations);
    }

    /** The same with what only the end of a trace knows. */
    public RunInfo withEnding(String newState, Map<String, Long> newTotals, String newContentHash) {
        return with(spec, newState, windowEndCycle, newTotals, newContentHash, violations, firstViolations);
    }

    /** The same with a specification that says the same. */
    public RunInfo withSpec(Map<String, Object> newSpec) {
        return with(newSpec, state, windowEndCycle, totals, contentHash, violations, firstViolations);
    }

    private RunInfo with(
            Map<String, Object> newSpec,
            String newState,
            long newWindowEnd,
            Map<String, Long> newTotals,
            String newContentHash,
            Long newViolations,
            List<String> newFirst) {
        return new RunInfo(
                formatVersion,
                modelVersion,
                source,
                newState,
                clockHz,
                cpus,
                windowStartCycle,
                newWindowEnd,
                offsetUnit,
                newSpec,
                sections,
                threads,
                newTotals,
                newContentHash,
                newViolations,
                newFirst);
    }

    /**
     * A section that a program declares.
     *
     * @param name the section's name
     * @param length micro-operations from its start to its commit, both included
     * @param listing its micro-operations, one line each
     */
    public record SectionInfo(String name, int length, List<String> listing) {}

    /**
     * A thread under test.
     *
     * @param thread its number in the thread column
     * @param name what to call it
     */
    public record ThreadInfo(int thread, String name) {}
}
