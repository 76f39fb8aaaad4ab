package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.Collectors;

/**
 * The first table: a row per cell, a column per strategy, each with its value and how it stands to the baseline. Where
 * there are more strategies than fit beside each other, rows and columns change places.
 */
final class SummarySection {
    /** Columns that a page is wide enough for. */
    private static final int MOST_COLUMNS = 7;

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
        List<String> strategies = new ArrayList<>(draft.strategies());
        if (draft.leaders().crowded()) {
            List<String> order = draft.leaders().order();
            strategies.sort(Comparator.comparingInt(name -> order.contains(name) ? order.indexOf(name) : order.size()));
        }
        List<Cell> cells = draft.fullCells();
        boolean turned = strategies.size() > MOST_COLUMNS && cells.size() < strategies.size();
        List<Views.Headed> columns = turned
                ? cells.stream().map(this::head).toList()
                : strategies.stream().map(this::head).toList();
        List<Views.Line> lines = turned
                ? strategies.stream()
                        .map(strategy -> new Views.Line(
                                head(strategy),
                                cells.stream()
                                        .map(cell -> standing(cell, strategy, head(cell)))
                                        .toList()))
                        .toList()
                : cells.stream()
                        .map(cell -> new Views.Line(
                                head(cell),
                                strategies.stream()
                                        .map(strategy -> standing(cell, strategy, head(strategy)))
                                        .toList()))
                        .toList();
        int others = draft.cells().size() - cells.size();
        String title = headline.title() + " with " + Fmt.confidence(document.confidence())
                + " interval, and how it stands to " + document.baseline()
                + (others == 0
                        ? ""
                        : ". " + others + " more cells, which not every strategy ran in, stand in the curves by thread"
                                + " count and in the tables");
        return new Views.Summary(title, draft.names().shared(), turned ? "strategy" : "cell", columns, lines);
    }

    private Views.Headed head(String strategy) {
        return new Views.Headed(strategy, draft.styles().css(strategy), strategy.equals(document.baseline()), "", "");
    }

    private Views.Headed head(Cell cell) {
        return new Views.Headed(
                draft.names().workload(cell.key()), null, false, draft.names().place(cell.key()), seen(cell));
    }

    private Views.Standing standing(Cell cell, String strategy, Views.Headed column) {
        StrategyResult result = find(cell, strategy);
        Estimate estimate = result == null ? null : result.metrics().get(document.metric());
        Views.Item value = Views.item(Quantity.of(estimate, headline.form()), strategy);
        if (strategy.equals(document.baseline())) {
            return new Views.Standing(column, value, "base", "", "baseline");
        }
        Contrast contrast = cell.contrast(strategy, document.metric());
        if (contrast == null) {
            return new Views.Standing(column, value, "none", "", result == null ? "not run" : "not compared");
        }
        return new Views.Standing(column, value, headline.tone(contrast), Headline.sign(contrast), contrast.verdict());
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
        DoubleSummaryStatistics times = cell.strategies().stream()
                .mapToDouble(StrategyResult::simulatedSeconds)
                .summaryStatistics();
        String least = Fmt.seconds(times.getMin());
        String most = Fmt.seconds(times.getMax());
        String seconds = least.equals(most) ? least : least + " to " + most;
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
