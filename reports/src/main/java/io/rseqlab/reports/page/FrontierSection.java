package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.reports.chart.FrontierChart;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Throughput against stranded memory, where strategies ran with several settings: a strategy may be faster only because
 * it keeps more memory, and then the other is faster with as much. A setting is on the frontier if no other has at
 * least its throughput with no more stranded memory.
 */
final class FrontierSection {
    private static final String GAIN = "throughput_ops_per_s";
    private static final String COST = "cached_bytes.all";
    private static final Pattern BUDGET = Pattern.compile("[:,]budget=(\\d+)");

    /** Pictures beyond so many are not looked at; the tables have all. */
    private static final int MOST_PICTURES = 4;

    private FrontierSection() {}

    /** A setting of a strategy in a cell. */
    private record Setting(String name, String label, Long budgetBytes, Estimate cost, Estimate gain) {
        boolean dominates(Setting other) {
            return this != other
                    && gain.mean() >= other.gain.mean()
                    && cost.mean() <= other.cost.mean()
                    && (gain.mean() > other.gain.mean() || cost.mean() < other.cost.mean());
        }

        String words() {
            return budgetBytes == null ? label : name + " with " + Fmt.count(budgetBytes) + " B";
        }
    }

    /** The section; null where no strategy ran with several settings, or memory was not counted. */
    static Views.Section of(Draft draft) {
        List<Views.Figure> figures = new ArrayList<>();
        List<Views.Grid> grids = new ArrayList<>();
        for (Cell cell : draft.cells()) {
            List<Setting> settings = settings(cell);
            boolean several = settings.stream().map(Setting::name).distinct().count() < settings.size();
            if (!several) {
                continue;
            }
            String where = draft.names().name(cell.key());
            if (figures.size() < MOST_PICTURES
                    && settings.stream().allMatch(one -> one.cost().mean() > 0)) {
                figures.add(picture(draft, where, settings));
            } else {
                grids.add(draft.grid(table(where, settings)));
            }
            Table budgets = budgets(where, settings);
            if (!budgets.rows().isEmpty()) {
                grids.add(draft.grid(budgets));
            }
        }
        return figures.isEmpty() && grids.isEmpty()
                ? null
                : new Views.Section(
                        "frontiers",
                        "Throughput against stranded memory",
                        "Further up is faster, further left keeps less memory in caches that only one CPU or thread"
                                + " gets at. Of two lines the upper one is faster with the same memory.",
                        null,
                        figures,
                        grids);
    }

    /** Of each cell who is the fastest at equal budgets, and who is on the frontier; empty where there is none. */
    static List<String> sentences(Draft draft) {
        List<String> sentences = new ArrayList<>();
        for (Cell cell : draft.cells()) {
            List<Setting> settings = settings(cell);
            if (settings.stream().map(Setting::name).distinct().count() < settings.size()) {
                String where = draft.names().name(cell.key());
                String equal = equalBudgets(settings);
                if (equal != null) {
                    sentences.add(where + ": " + equal);
                }
                List<String> front = settings.stream()
                        .filter(one -> settings.stream().noneMatch(other -> other.dominates(one)))
                        .sorted(Comparator.comparing(one -> one.cost().mean()))
                        .map(Setting::words)
                        .toList();
                sentences.add(where + ": " + front.size() + " of " + settings.size()
                        + " settings are on the frontier of throughput against stranded memory, from the least memory: "
                        + String.join(", ", front) + ".");
            }
        }
        return sentences;
    }

    private static String equalBudgets(List<Setting> settings) {
        Map<String, Integer> wins = new LinkedHashMap<>();
        Table budgets = budgets("", settings);
        budgets.rows().forEach(row -> wins.merge((String) row.get(1), 1, Integer::sum));
        if (wins.isEmpty()) {
            return null;
        }
        List<String> parts = new ArrayList<>();
        wins.forEach((name, count) -> parts.add(name + " at " + count));
        int all = budgets.rows().size();
        return wins.size() == 1
                ? "at equal budgets of cached bytes " + wins.keySet().iterator().next() + " is the fastest, at all "
                        + all + " that were tried."
                : "at equal budgets of cached bytes the fastest is " + String.join(", ", parts) + " of " + all + ".";
    }

    private static List<Setting> settings(Cell cell) {
        List<Setting> settings = new ArrayList<>();
        for (StrategyResult result : cell.strategies()) {
            Estimate cost = result.metrics().get(COST);
            Estimate gain = result.metrics().get(GAIN);
            if (cost != null && cost.mean() != null && gain != null && gain.mean() != null) {
                String label = result.strategy();
                Matcher budget = BUDGET.matcher(label);
                settings.add(new Setting(
                        label.split(":", 2)[0],
                        label,
                        budget.find() ? Long.valueOf(budget.group(1)) : null,
                        cost,
                        gain));
            }
        }
        settings.sort(Comparator.comparing((Setting one) -> one.name())
                .thenComparing(one -> one.cost().mean()));
        return settings;
    }

    private static Views.Figure picture(Draft draft, String where, List<Setting> settings) {
        Map<String, List<FrontierChart.Point>> byName = new LinkedHashMap<>();
        for (Setting one : settings) {
            byName.computeIfAbsent(one.name(), any -> new ArrayList<>())
                    .add(new FrontierChart.Point(value(one.cost(), 1), value(one.gain(), 1e-6)));
        }
        List<FrontierChart.Series> series = new ArrayList<>();
        byName.forEach((name, points) -> series.add(new FrontierChart.Series(name, points)));
        FrontierChart chart = new FrontierChart("Stranded memory, bytes", "Throughput, million operations/s", series);
        String caption = "Throughput against stranded memory: " + where;
        return draft.figure(
                "frontier",
                caption,
                caption + ", a line for each of " + String.join(", ", byName.keySet())
                        + ". The numbers stand in the table below the picture.",
                () -> chart.draw(Styles.of(byName.keySet()), draft.theme()),
                table(where, settings));
    }

    private static FrontierChart.Value value(Estimate estimate, double factor) {
        return estimate.interval() == null
                ? new FrontierChart.Value(estimate.mean() * factor, null, null)
                : new FrontierChart.Value(
                        estimate.mean() * factor,
                        estimate.interval().low() * factor,
                        estimate.interval().high() * factor);
    }

    private static Table table(String where, List<Setting> settings) {
        List<List<Object>> rows = new ArrayList<>();
        for (Setting one : settings) {
            Setting better = settings.stream()
                    .filter(other -> other.dominates(one))
                    .max(Comparator.comparing(other -> other.gain().mean()))
                    .orElse(null);
            rows.add(Arrays.asList(
                    one.budgetBytes() == null ? one.label() : one.name(),
                    one.budgetBytes(),
                    Quantity.of(one.cost(), Quantity.Form.NUMBER),
                    Quantity.of(one.gain(), Quantity.Form.MILLIONS),
                    better == null ? "on the frontier" : "behind " + better.words()));
        }
        return new Table(
                "Settings and the frontier, " + where,
                List.of("strategy", "budget, bytes", "stranded, bytes", "million operations/s", "stands"),
                rows,
                "By the means: behind is who has no more throughput with no less stranded memory. Stranded is what"
                        + " caches hold at the end of the window; a budget is the most that they may.");
    }

    /** Who is the fastest at each budget. */
    private static Table budgets(String where, List<Setting> settings) {
        List<List<Object>> rows = new ArrayList<>();
        settings.stream()
                .map(Setting::budgetBytes)
                .filter(budget -> budget != null && budget > 0)
                .distinct()
                .sorted()
                .forEach(budget -> {
                    List<Setting> equal = settings.stream()
                            .filter(one -> budget.equals(one.budgetBytes()))
                            .sorted(Comparator.comparing(
                                    (Setting one) -> -one.gain().mean()))
                            .toList();
                    if (equal.size() > 1) {
                        rows.add(Arrays.asList(
                                budget,
                                equal.get(0).name(),
                                Quantity.of(equal.get(0).gain(), Quantity.Form.MILLIONS),
                                equal.get(1).name(),
                                Quantity.of(equal.get(1).gain(), Quantity.Form.MILLIONS),
                                equal.get(0).gain().mean() / equal.get(1).gain().mean()));
                    }
                });
        return new Table(
                "The fastest at equal budgets, " + where,
                List.of(
                        "budget, bytes",
                        "fastest",
                        "its million operations/s",
                        "second",
                        "its million operations/s",
                        "fastest over second"),
                rows,
                "By the means; where the intervals overlap, a comparison of the two at that budget decides.");
    }
}
