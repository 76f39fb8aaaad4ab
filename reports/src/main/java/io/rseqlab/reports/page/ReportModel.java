package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.ComparisonDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * All that a page says. Immutable; begin with {@link #of} and add.
 *
 * @param title heading of the page
 * @param verdicts sentences said first, before those of the comparison
 * @param command the command line that makes the page again, or null
 * @param advice which strategy suits a program, or null
 * @param comparison strategies against a baseline, or null
 * @param runs traces by themselves, such as long runs or recordings; or null
 * @param agreements predictions beside measurements
 * @param tables tables that the maker of the page adds
 * @param notes what must be known to read the numbers
 * @param notModelled what the numbers leave out
 */
public record ReportModel(
        String title,
        List<String> verdicts,
        String command,
        AdviceDocument advice,
        ComparisonDocument comparison,
        AnalysisDocument runs,
        List<Agreement> agreements,
        List<Table> tables,
        List<String> notes,
        List<String> notModelled) {

    public ReportModel {
        Objects.requireNonNull(title, "title");
        verdicts = List.copyOf(verdicts);
        agreements = List.copyOf(agreements);
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
        notModelled = List.copyOf(notModelled);
    }

    public static ReportModel of(String title) {
        return new ReportModel(title, List.of(), null, null, null, null, List.of(), List.of(), List.of(), List.of());
    }

    public ReportModel withVerdict(String sentence) {
        return new ReportModel(
                title,
                plus(verdicts, sentence),
                command,
                advice,
                comparison,
                runs,
                agreements,
                tables,
                notes,
                notModelled);
    }

    public ReportModel withCommand(String line) {
        return new ReportModel(title, verdicts, line, advice, comparison, runs, agreements, tables, notes, notModelled);
    }

    public ReportModel withComparison(ComparisonDocument document) {
        return new ReportModel(
                title, verdicts, command, advice, document, runs, agreements, tables, notes, notModelled);
    }

    /** Advice on a program: its picture comes first. */
    public ReportModel withAdvice(AdviceDocument document) {
        return new ReportModel(
                title, verdicts, command, document, comparison, runs, agreements, tables, notes, notModelled);
    }

    /** Traces shown by themselves, beside a comparison or alone. */
    public ReportModel withRuns(AnalysisDocument document) {
        return new ReportModel(
                title, verdicts, command, advice, comparison, document, agreements, tables, notes, notModelled);
    }

    /** Predictions of one quantity beside what was measured. */
    public ReportModel withAgreement(Agreement agreement) {
        return new ReportModel(
                title,
                verdicts,
                command,
                advice,
                comparison,
                runs,
                plus(agreements, agreement),
                tables,
                notes,
                notModelled);
    }

    public ReportModel withTable(Table table) {
        return new ReportModel(
                title,
                verdicts,
                command,
                advice,
                comparison,
                runs,
                agreements,
                plus(tables, table),
                notes,
                notModelled);
    }

    public ReportModel withNote(String note) {
        return new ReportModel(
                title, verdicts, command, advice, comparison, runs, agreements, tables, plus(notes, note), notModelled);
    }

    /** Something that the numbers leave out. */
    public ReportModel withNotModelled(String thing) {
        return new ReportModel(
                title,
                verdicts,
                command,
                advice,
                comparison,
                runs,
                agreements,
                tables,
                notes,
                plus(notModelled, thing));
    }

    private static <T> List<T> plus(List<T> list, T item) {
        List<T> longer = new ArrayList<>(list);
        longer.add(item);
        return longer;
    }
}
