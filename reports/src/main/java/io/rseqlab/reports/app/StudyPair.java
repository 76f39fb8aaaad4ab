package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.RunResult;
import java.util.List;

/**
 * Two strategies that a study holds against each other.
 *
 * @param question what the pair is to decide, as the beginning of a sentence
 * @param candidate name of the strategy in question
 * @param baseline name of the strategy it is held against
 */
record StudyPair(String question, String candidate, String baseline) {
    /**
     * Message passing against caches per CPU, on one back end and between allocators; then the review's hypothesis,
     * that a section is to SuperMalloc's lock per CPU what messages are to snmalloc, in two halves.
     */
    static final List<StudyPair> MESSAGE_PASSING = List.of(
            new StudyPair("Message passing against caches per CPU, all else equal", "message-passing", "rseq-freelist"),
            new StudyPair("Message passing against caches per CPU, allocators", "snmalloc", "tcmalloc-percpu"),
            new StudyPair("Message passing against SuperMalloc with rseq", "snmalloc", "supermalloc-rseq"),
            new StudyPair("What rseq does for SuperMalloc", "supermalloc-rseq", "supermalloc"));

    /** The runs of the two. */
    List<RunResult> of(List<RunResult> runs) {
        return runs.stream()
                .filter(run -> candidate.equals(run.key().strategy())
                        || baseline.equals(run.key().strategy()))
                .toList();
    }

    /** Whether both ran. */
    boolean in(List<RunResult> runs) {
        List<String> names = runs.stream().map(run -> run.key().strategy()).toList();
        return names.contains(candidate) && names.contains(baseline);
    }
}
