package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Why;
import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.analyzer.result.WhyDocument.Difference;
import io.rseqlab.analyzer.result.WhyDocument.Part;
import io.rseqlab.reports.page.Quantity;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Why strategies differ, for a page: of each strategy the cell in which it differs most. */
final class WhyTables {
    private static final int MOST = 5;

    private WhyTables() {}

    /** The page with a table for each strategy other than the baseline; as it is where nothing can be taken apart. */
    static ReportModel on(ReportModel model, List<RunResult> runs, String baseline, double confidence) {
        WhyDocument document;
        try {
            document = Why.of(runs, baseline, confidence, new MachineFacts(null));
        } catch (IllegalArgumentException nothing) {
            return model;
        }
        Map<String, Double> strategies = new TreeMap<>(document.cells().stream()
                .collect(Collectors.groupingBy(Difference::strategy, Collectors.averagingDouble(WhyTables::logRatio))));
        ReportModel more = model;
        for (String strategy : shown(strategies)) {
            Difference most = document.cells().stream()
                    .filter(cell -> cell.strategy().equals(strategy))
                    .max(Comparator.comparingDouble(WhyTables::share))
                    .orElseThrow();
            Table table = table(document, most);
            more = more.withTable(
                    strategies.size() <= MOST
                            ? table
                            : new Table(
                                    table.title(),
                                    table.headers(),
                                    table.rows(),
                                    table.note() + " Of " + strategies.size() + " strategies the " + MOST
                                            + " that take the fewest cycles are shown; the verb why has them all."));
        }
        return more;
    }

    /** All of few strategies; of many those that take the fewest cycles over all cells, and no bound. */
    static List<String> shown(Map<String, Double> strategies) {
        return strategies.size() <= MOST
                ? List.copyOf(strategies.keySet())
                : strategies.keySet().stream()
                        .filter(name -> !Bounds.isBound(name))
                        .sorted(Comparator.comparing(strategies::get))
                        .limit(MOST)
                        .toList();
    }

    private static double share(Difference cell) {
        return Math.abs(logRatio(cell));
    }

    private static double logRatio(Difference cell) {
        return Math.log(cell.whole().candidate() / cell.whole().baseline());
    }

    /** One cell taken apart. */
    static Table table(WhyDocument document, Difference cell) {
        List<List<Object>> rows = new ArrayList<>();
        add(rows, "whole", List.of(cell.whole()));
        add(rows, "where", cell.where());
        add(rows, "why", cell.why());
        add(rows, "within these", cell.within());
        String note = "The parts of 'where' and of 'why' each add up to the whole. "
                + String.join(
                        "; ",
                        document.notes().stream()
                                .filter(line -> !line.startsWith("skipped"))
                                .toList())
                + "." + (cell.unpriced() == null ? "" : " No prices: " + cell.unpriced() + ".");
        return new Table(
                "Why: " + cell.strategy() + " against " + document.baseline() + ", cycles of all CPUs per operation, "
                        + cell.label() + " (n = " + cell.n() + "; where it differs most)",
                List.of("", "part", document.baseline(), cell.strategy(), "difference"),
                rows,
                note);
    }

    private static void add(List<List<Object>> rows, String group, List<Part> parts) {
        for (Part part : parts) {
            rows.add(Arrays.asList(
                    group,
                    part.name(),
                    part.baseline(),
                    part.candidate(),
                    Quantity.of(part.difference(), part.interval(), Quantity.Form.NUMBER)));
        }
    }
}
