package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * The result of {@code why}: the difference in cycles per operation between strategies, taken apart.
 *
 * @param formatVersion version of this document
 * @param baseline the strategy all others are held against
 * @param unit of all numbers: cycles of all CPUs per workload operation
 * @param cells one for each combination of cell and other strategy
 * @param notes what must be known to read the numbers
 */
public record WhyDocument(int formatVersion, String baseline, String unit, List<Difference> cells, List<String> notes) {
    /** Version 1: the first. New keys keep the number; anything else raises it. */
    public static final int FORMAT_VERSION = 1;

    /** What {@code kind} says in the JSON. */
    public static final String KIND = "why";

    /**
     * One strategy against the baseline in one cell, over the seeds both have.
     *
     * @param key the cell
     * @param label what tells it from the others
     * @param strategy the strategy
     * @param n seeds
     * @param whole both wholes, and their difference
     * @param where parts of the whole by where the cycles go; they add up to it
     * @param why parts of the whole by what takes the cycles, priced by the machine's profile; they add up to it; empty
     *     where the profile is not known
     * @param within parts of those parts, which therefore add up to nothing
     * @param unpriced why there are no prices, null where there are
     */
    public record Difference(
            CellKey key,
            String label,
            String strategy,
            int n,
            Part whole,
            List<Part> where,
            List<Part> why,
            List<Part> within,
            String unpriced) {}

    /**
     * A part of the cycles of an operation.
     *
     * @param name what
     * @param baseline mean over the baseline's runs
     * @param candidate mean over the strategy's runs
     * @param difference candidate less baseline, over pairs
     * @param interval of the difference, null below the least number of pairs
     */
    public record Part(String name, double baseline, double candidate, double difference, Interval interval) {}
}
