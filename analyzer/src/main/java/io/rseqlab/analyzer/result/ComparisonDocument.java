package io.rseqlab.analyzer.result;

import java.util.ArrayList;
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
 * @param crossovers maps of the cells over one axis or two, null where none were asked for
 * @param winners the best of all strategies over the same axes, null where there are no maps or only two strategies
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
        List<String> notes,
        List<CrossoverMap> crossovers,
        List<WinnerMap> winners) {
    /** Version 1: the first. New keys keep the number; anything else raises it. */
    public static final int FORMAT_VERSION = 1;

    /** What {@code kind} says in the JSON. */
    public static final String KIND = "comparison";

    /** A comparison without maps. */
    public ComparisonDocument(
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
        this(
                formatVersion,
                baseline,
                metric,
                margin,
                confidence,
                verdicts,
                cells,
                modelError,
                skipped,
                notes,
                null,
                null);
    }

    /** The same with other words on the model's error: those of more runs than stand in the cells. */
    public ComparisonDocument withModelError(String words) {
        return with(verdicts, words, notes, crossovers, winners);
    }

    /**
     * The same with maps.
     *
     * @param maps the maps
     * @param newVerdicts the answer in sentences, now that there are maps
     * @param moreNotes what must be known to read them
     */
    public ComparisonDocument withCrossovers(
            List<CrossoverMap> maps, List<String> newVerdicts, List<String> moreNotes) {
        List<String> all = new ArrayList<>(notes);
        all.addAll(moreNotes);
        return with(List.copyOf(newVerdicts), modelError, all, List.copyOf(maps), null);
    }

    /**
     * The same with the best of all strategies.
     *
     * @param best as maps; null for none
     * @param sentence on them, which goes before all others
     * @param note what must be known to read it
     */
    public ComparisonDocument withWinners(List<WinnerMap> best, String sentence, String note) {
        List<String> sentences = new ArrayList<>(List.of(sentence));
        sentences.addAll(verdicts);
        List<String> all = new ArrayList<>(notes);
        all.add(note);
        return with(sentences, modelError, all, crossovers, best == null ? null : List.copyOf(best));
    }

    private ComparisonDocument with(
            List<String> newVerdicts,
            String newModelError,
            List<String> newNotes,
            List<CrossoverMap> newCrossovers,
            List<WinnerMap> newWinners) {
        return new ComparisonDocument(
                formatVersion,
                baseline,
                metric,
                margin,
                confidence,
                newVerdicts,
                cells,
                newModelError,
                skipped,
                newNotes,
                newCrossovers,
                newWinners);
    }
}
