package io.rseqlab.analyzer.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * The result of {@code advise}: which strategy suits a program, how far the others are behind, what it costs in memory
 * and tail, and what the answer hangs on.
 *
 * @param formatVersion version of this document
 * @param subject the trace, or the figures, that advice was asked on
 * @param figures what the program is like, by name with the unit last; null for what is unknown
 * @param run on what it was run: machine, kernel, cpus, threads, seeds, and how much of a trace
 * @param metric by which strategies are ranked
 * @param margin relative difference that does not matter
 * @param confidence of all intervals
 * @param winner the best strategy, null where it is undecided or there is a doubt
 * @param sentences the answer in words, the verdict first
 * @param places rankings with different work between calls, the program's own among them
 * @param neighbours who wins where something else is changed, one thing at a time
 * @param crossovers between which places the winner changes, the nearest first
 * @param extrapolated whether the machine was never held against a real one of as many CPUs
 * @param likeness of a trace, what was run of it beside all of it; empty without a trace
 * @param doubt why the runs are no answer for the program, and what to do; null where they are one
 * @param notes what must be known to read the numbers
 */
public record AdviceDocument(
        int formatVersion,
        String subject,
        Map<String, Object> figures,
        Map<String, Object> run,
        String metric,
        double margin,
        double confidence,
        String winner,
        List<String> sentences,
        List<Place> places,
        List<Neighbour> neighbours,
        List<Change> crossovers,
        boolean extrapolated,
        List<Resemblance> likeness,
        String doubt,
        List<String> notes) {
    /** Version 1: the first. New keys keep the number; anything else raises it. */
    public static final int FORMAT_VERSION = 1;

    /** What {@code kind} says in the JSON. */
    public static final String KIND = "advice";

    /**
     * All strategies at one place.
     *
     * @param thinkFactor the program's work between calls times this
     * @param winner the best strategy, null where it is undecided
     * @param contenders the best, and all that are not shown to be worse
     * @param seeds seeds that all ran with
     * @param comparisons pairs that p values are corrected over
     * @param test the test that p values are of
     * @param strategies best first
     */
    public record Place(
            double thinkFactor,
            String winner,
            List<String> contenders,
            int seeds,
            int comparisons,
            String test,
            List<Standing> strategies) {}

    /**
     * One strategy at one place; means over the seeds, null for no data.
     *
     * @param strategy its name
     * @param mean of the metric
     * @param ratio to the best one's, by geometric means over the seeds
     * @param interval of the ratio, null for the best and with too few seeds
     * @param pHolm p of no difference to the best, corrected over all pairs
     * @param state best, worse, equivalent, undecided or too_few_seeds
     * @param allocatorNsPerOp time in malloc and free per operation
     * @param mallocP99Ns quantile of the time that malloc takes
     * @param mallocP999Ns the same
     * @param freeP99Ns quantile of the time that free takes
     * @param freeP999Ns the same
     * @param cachedBytes free memory stranded with a CPU or thread at the end
     * @param footprintOverPeakLive memory taken from the system over the most bytes live at once
     * @param orderWaitShare of a trace: share of the threads' time in which they waited to keep its order
     */
    public record Standing(
            String strategy,
            double mean,
            double ratio,
            Interval interval,
            Double pHolm,
            String state,
            Double allocatorNsPerOp,
            @JsonProperty("malloc_p99_ns") Double mallocP99Ns,
            @JsonProperty("malloc_p999_ns") Double mallocP999Ns,
            @JsonProperty("free_p99_ns") Double freeP99Ns,
            @JsonProperty("free_p999_ns") Double freeP999Ns,
            Double cachedBytes,
            Double footprintOverPeakLive,
            Double orderWaitShare) {}

    /**
     * Who wins where one thing is changed.
     *
     * @param axis what
     * @param value its value there
     * @param winner the best strategy, null where it is undecided
     * @param contenders the best, and all that are not shown to be worse
     * @param best the best mean
     * @param lead the best mean over the second
     * @param note what is not in these figures, null where that is nothing of its own
     */
    public record Neighbour(
            String axis, double value, String winner, List<String> contenders, String best, double lead, String note) {}

    /**
     * A figure of the whole trace and of what was run of it.
     *
     * @param figure its name
     * @param trace of the whole trace
     * @param run of what was run
     * @param alike whether the part can stand for the whole in it
     */
    public record Resemblance(String figure, Double trace, Double run, boolean alike) {}

    /**
     * A change of the winner between two neighbouring places.
     *
     * @param axis along what: think_factor, remote_free_ratio, threads
     * @param from the place nearer to the program's own
     * @param to the place farther away
     * @param before who wins at {@code from}, null for undecided
     * @param after who wins at {@code to}, null for undecided
     * @param sentence in words
     */
    public record Change(String axis, String from, String to, String before, String after, String sentence) {}
}
