package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * The result of {@code analyze}: one entry per trace.
 *
 * @param formatVersion version of this document
 * @param runs the traces in the order given
 */
public record AnalysisDocument(int formatVersion, List<RunResult> runs) {
    /** Version 1: the first. New keys keep the number; anything else raises it. */
    public static final int FORMAT_VERSION = 1;

    /** What {@code kind} says in the JSON. */
    public static final String KIND = "analysis";

    public AnalysisDocument(List<RunResult> runs) {
        this(FORMAT_VERSION, List.copyOf(runs));
    }
}
