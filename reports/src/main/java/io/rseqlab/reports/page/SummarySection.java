package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.Collectors;

/** The first table: a row per cell, a column per strategy, each with its value and how it stands to the baseline. */
final class SummarySection {
    private final Draft draft;
    private final ComparisonDocument document;
    private final Headline headline;

    private SummarySection(Draft draft) {
        this.draft = draft;
        this.document = draft.model().comparison();
        this.headline = Headline.of(document);
    }

    static Views.Summary of(Draft draft) {
        return draft.cells().isEmpty() ? null : new SummarySection(draft).build();
    }

    private Views.Summary build() {
        List<Views.Column> columns = draft.strategies().stream()
                .map(name -> new Views.Column(name, draft.styles().css(name), name.equals(document.baseline())))
                .toList();
        List<Views.Line> lines = draft.fullCells().stream().map(this::line).toList();
        int others = draft.cells().size() - lines.size();
        String title = headline.title() + " with " + Fmt.confidence(document.confidence())
                + " interval, and how it stands to " + document.baseline()
                + (others == 0
                        ? ""
                        : ". " + others + " more cells, which not every strategy ran in, stand in the curves by thread"
                                + " count and in the tables");
        return new Views.Summary(title, draft.names().shared(), columns, lines);
    }

    private Views.Line line(Cell cell) {
        List<Views.Standing> standings = draft.strategies().stream()
                .map(strategy -> standing(cell, strategy))
                .toList();
        return new Views.Line(
                draft.names().workload(cell.key()), draft.names().place(cell.key()), seen(cell), standings);
    }

    private Views.Standing standing(Cell cell, String strategy) {
        StrategyResult result = find(cell, strategy);
        Estimate estimate = result == null ? null : result.metrics().get(document.metric());
        Views.Item value = Views.item(Quantity.of(estimate, headline.form()), strategy);
        String color = draft.styles().css(strategy);
        if (strategy.equals(document.baseline())) {
            return new Views.Standing(strategy, color, value, "base", "", "baseline");
        }
        Contrast contrast = contrast(cell, strategy);
        if (contrast == null) {
            return new Views.Standing(strategy, color, value, "none", "", result == null ? "not run" : "not compared");
        }
        return new Views.Standing(
                strategy, color, value, headline.tone(contrast), Headline.sign(contrast), contrast.verdict());
    }

    private Contrast contrast(Cell cell, String strategy) {
        return cell.contrasts().stream()
                .filter(contrast -> contrast.metric().equals(document.metric()))
                .filter(contrast -> contrast.strategy().equals(strategy))
                .findFirst()
                .orElse(null);
    }

    private static StrategyResult find(Cell cell, String strategy) {
        return cell.strategies().stream()
                .filter(result -> result.strategy().equals(strategy))
                .findFirst()
                .orElse(null);
    }

    /** What the numbers of a row rest on. */
    private static String seen(Cell cell) {
        List<String> words = new ArrayList<>();
        String seeds = cell.strategies().stream()
                .map(result -> result.seeds().size())
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining("–"));
        words.add("n = " + seeds + " seeds");
        String seconds = cell.strategies().stream()
                .mapToDouble(StrategyResult::simulatedSeconds)
                .distinct()
                .sorted()
                .mapToObj(Fmt::seconds)
                .distinct()
                .collect(Collectors.joining(" to "));
        words.add(seconds + " simulated per strategy");
        for (String event : List.of("preemptions", "migrations", "aborts")) {
            words.add(range(cell, event) + " " + event);
        }
        return String.join(", ", words);
    }

    private static String range(Cell cell, String event) {
        LongSummaryStatistics counts = cell.strategies().stream()
                .mapToLong(result -> result.events().getOrDefault(event, 0L))
                .summaryStatistics();
        String lowest = Fmt.count(counts.getMin());
        return counts.getMin() == counts.getMax() ? lowest : lowest + "–" + Fmt.count(counts.getMax());
    }
}
