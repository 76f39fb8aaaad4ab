package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.ComparisonOptions;
import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.Table;
import java.util.ArrayList;
import java.util.List;

/** Advice as one page: the answer, who is how far behind, what the program is like, and the runs as a comparison. */
final class AdvicePage {
    private AdvicePage() {}

    /**
     * The page.
     *
     * @param command the line that makes it again
     * @param runs those of the program as it is: a table of all would be corrected for comparisons that nobody made
     */
    static ReportModel of(
            String command, AdviceDocument advice, AdviceSubject subject, List<RunResult> runs, MachineFacts machines) {
        String best = advice.places().stream()
                .filter(place -> place.thinkFactor() == 1)
                .findFirst()
                .orElseThrow()
                .strategies()
                .get(0)
                .strategy();
        ComparisonOptions options = new ComparisonOptions(
                        best, advice.metric(), advice.margin(), null, advice.confidence())
                .withErrors(machines);
        List<List<Object>> figures = new ArrayList<>();
        subject.figures().forEach(figure -> figures.add(List.of(figure.label(), figure.text())));
        ReportModel model = ReportModel.of("Advice on " + advice.subject())
                .withCommand(command)
                .withAdvice(advice)
                .withComparison(Comparison.compare(runs, options))
                .withTable(new Table("What the program is like", List.of("figure", "value"), figures, null))
                .withNotModelled("The program's own cache footprint, and memory that it maps by itself.");
        if (Likeness.isOfPart(advice.likeness())) {
            model = model.withTable(Likeness.table(advice.likeness()));
        }
        for (String sentence : advice.sentences()) {
            model = model.withVerdict(sentence);
        }
        for (String note : advice.notes()) {
            model = model.withNote(note);
        }
        return model;
    }
}
