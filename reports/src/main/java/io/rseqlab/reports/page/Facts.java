package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What a reader must know before the first number, in a few words each; and how to read the page. */
final class Facts {
    private Facts() {}

    static List<Views.Named> of(Draft draft) {
        ComparisonDocument document = draft.model().comparison();
        List<Views.Named> facts = new ArrayList<>();
        if (document != null) {
            facts.add(new Views.Named("baseline", document.baseline()));
            facts.add(new Views.Named("metric", document.metric()));
            facts.add(new Views.Named("n", pairs(document)));
            facts.add(new Views.Named("intervals", Fmt.confidence(document.confidence()) + method(document)));
            if (document.margin() != null) {
                facts.add(new Views.Named("does not matter", "±" + Fmt.confidence(document.margin())));
            }
        }
        double seconds =
                draft.observed().stream().mapToDouble(Observed::seconds).sum();
        if (seconds > 0) {
            facts.add(new Views.Named("time in all runs", Fmt.seconds(seconds)));
        }
        return facts;
    }

    private static Stream<Contrast> contrasts(ComparisonDocument document) {
        return document.cells().stream()
                .map(Cell::contrasts)
                .flatMap(List::stream)
                .filter(contrast -> contrast.metric().equals(document.metric()));
    }

    private static String pairs(ComparisonDocument document) {
        var n = contrasts(document).mapToInt(Contrast::n).summaryStatistics();
        if (n.getCount() == 0) {
            return "nothing compared";
        }
        String range = n.getMin() == n.getMax() ? "" + n.getMin() : n.getMin() + " to " + n.getMax();
        return range + " pairs of runs (seeds) per comparison";
    }

    private static String method(ComparisonDocument document) {
        return contrasts(document)
                .map(Contrast::interval)
                .filter(Objects::nonNull)
                .map(Interval::method)
                .filter(Objects::nonNull)
                .distinct()
                .reduce((a, b) -> a + "; " + b)
                .map(method -> ", " + method)
                .orElse("");
    }

    /** What there is to say where nothing is compared. */
    static List<String> observations(Draft draft) {
        ReportModel model = draft.model();
        List<String> lines = new ArrayList<>();
        List<RunResult> runs = model.runs() == null ? List.of() : model.runs().runs();
        for (RunResult run : runs.subList(0, Math.min(3, runs.size()))) {
            lines.add(observation(run, draft.runNames()));
        }
        if (runs.size() > lines.size()) {
            lines.add((runs.size() - lines.size()) + " more runs stand below; nothing is compared.");
        }
        return lines.isEmpty() ? List.of("There are no runs.") : lines;
    }

    private static String observation(RunResult run, CellNames names) {
        Double aborts = run.number("aborts");
        MetricValue share = run.metric("aborts_per_interruption");
        String text = Observed.place(run, names) + ": "
                + (aborts == null ? "no count of aborts" : aborts(aborts.longValue()));
        if (share != null && share.value() != null) {
            text += " in " + Fmt.count(share.denominator()) + " interruptions ("
                    + Fmt.percent(share.value().doubleValue()) + ")";
        }
        return text + " over " + Fmt.seconds(run.windowSeconds()) + ".";
    }

    private static String aborts(long count) {
        return Fmt.count(count) + (count == 1 ? " abort" : " aborts");
    }

    static List<String> reading(Draft draft) {
        List<String> lines = new ArrayList<>();
        if (draft.model().comparison() != null) {
            lines.add("The unit of replication is the run: every strategy ran with the same seeds, and differences are"
                    + " taken pair by pair.");
            lines.add("“No difference detected” means that these runs do not show one, not that there is none."
                    + " “Equivalent” is said only against a margin that was asked for.");
            lines.add("More seeds make an interval narrower. They do not make the model truer: its error is not inside"
                    + " the interval.");
        }
        if (!draft.model().agreements().isEmpty()) {
            lines.add("A prediction is made from the machine's profile alone: nothing is fitted to the points shown."
                    + " “No data” as an error means that the measurement was disturbed or too thin.");
        }
        lines.add("Point at a number to see all its digits. Every number of the tables is in the JSON embedded in this"
                + " file (element rseqlab-data) and in " + ReportPage.DATA + " beside it. “No data” is not zero.");
        return lines;
    }
}
