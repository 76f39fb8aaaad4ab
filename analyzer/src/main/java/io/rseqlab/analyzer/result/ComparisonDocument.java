package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * The result of {@code compare}: strategies against a baseline, cell by cell.
 *
 * @param formatVersion version of this document
 * @param baseline the strategy all others are held against
 * @param metric the headline metric
 * @param margin the difference that does not matter, relative; null where none was given
 * @param confidence of all intervals
 * @param verdicts the answer in sentences, most general first
 * @param cells the combinations
 * @param modelError what is not inside the intervals
 * @param skipped combinations and runs left out, each with the reason
 * @param notes what must be known to read the numbers
 */
public record ComparisonDocument(
        int formatVersion,
        String baseline,
        String metric,
        Double margin,
        double confidence,
        List<String> verdicts,
        List<Cell> cells,
        String modelError,
        List<String> skipped,
        List<String> notes) {
    /** Version 1: the first. New keys keep the number; anything else raises it. */
    public static final int FORMAT_VERSION = 1;

    /** What {@code kind} says in the JSON. */
    public static final String KIND = "comparison";
}
