package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who stands out on a page of more strategies than there are colours: the baseline, the bound, the two that the program
 * is about, who is the best somewhere, and then the best over all cells. The ratios are those of the contrasts.
 */
final class Leaders {
    /** So many stand out: more colours than these are looked up one by one. */
    private static final int MOST = 8;

    private static final List<String> QUESTION = List.of("rseq-freelist", "message-passing");

    private final boolean crowded;
    private final ComparisonDocument document;
    private final List<String> order = new ArrayList<>();
    private final Set<String> first = new LinkedHashSet<>();

    private Leaders(boolean crowded, ComparisonDocument document) {
        this.crowded = crowded;
        this.document = document;
    }

    /**
     * Those of a page.
     *
     * @param document what is compared, or null
     * @param cells the cells that they are ranked over
     * @param names of all that is drawn
     */
    static Leaders of(ComparisonDocument document, List<Cell> cells, Collection<String> names) {
        Leaders leaders = new Leaders(names.size() > Styles.MOST, document);
        if (document != null) {
            leaders.rank(cells);
            leaders.choose(cells);
        }
        names.stream().limit(MOST - Math.min(MOST, leaders.first.size())).forEach(leaders.first::add);
        return leaders;
    }

    private void rank(List<Cell> cells) {
        Map<String, List<Double>> logs = new LinkedHashMap<>();
        for (Cell cell : cells) {
            ratios(cell)
                    .forEach((strategy, ratio) -> logs.computeIfAbsent(strategy, any -> new ArrayList<>())
                            .add(Math.log(ratio)));
        }
        Map<String, Double> means = new HashMap<>();
        logs.forEach((strategy, all) -> means.put(
                strategy,
                all.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
        logs.keySet().stream().sorted(better(means)).forEach(order::add);
    }

    private Comparator<String> better(Map<String, Double> values) {
        Comparator<String> rising = Comparator.comparing(values::get);
        return (Headline.of(document).moreIsBetter() ? rising.reversed() : rising).thenComparing(name -> name);
    }

    private void choose(List<Cell> cells) {
        first.add(document.baseline());
        order.stream().filter(Bounds::isBound).forEach(first::add);
        QUESTION.stream().filter(order::contains).forEach(first::add);
        Map<String, Integer> wins = new LinkedHashMap<>();
        cells.stream()
                .map(this::contenders)
                .filter(ranked -> !ranked.isEmpty())
                .forEach(ranked -> wins.merge(ranked.get(0), 1, Integer::sum));
        wins.keySet().stream()
                .sorted(Comparator.comparing((String name) -> -wins.get(name)).thenComparing(order::indexOf))
                .limit(MOST - Math.min(MOST, first.size()))
                .forEach(first::add);
        order.stream()
                .filter(name -> !first.contains(name))
                .limit(MOST - Math.min(MOST, first.size()))
                .forEach(first::add);
    }

    /** The ratios of a cell to the baseline, its own included; empty where there is none. */
    Map<String, Double> ratios(Cell cell) {
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (Contrast contrast : cell.contrasts()) {
            if (contrast.metric().equals(document.metric()) && contrast.ratio() != null && contrast.ratio() > 0) {
                ratios.putIfAbsent(document.baseline(), 1.0);
                ratios.put(contrast.strategy(), contrast.ratio());
            }
        }
        return ratios;
    }

    /** Those of a cell that a program could run, the best first. */
    List<String> contenders(Cell cell) {
        Map<String, Double> ratios = ratios(cell);
        return ratios.keySet().stream()
                .filter(name -> !Bounds.isBound(name))
                .sorted(better(ratios))
                .toList();
    }

    /** True where names are more than colours, so that what is drawn has to be chosen. */
    boolean crowded() {
        return crowded;
    }

    /** All that have a ratio, the best over all cells first. */
    List<String> order() {
        return order;
    }

    /** Those that stand out. */
    Set<String> first() {
        return first;
    }
}
