package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.reports.chart.Heading;
import io.rseqlab.reports.chart.RankChart;
import io.rseqlab.reports.chart.TailChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How long malloc and free take: the whole distribution where it matters most, quantiles everywhere. */
final class LatencySection {
    private static final double[] QUANTILES = {0.5, 0.99, 0.999};

    /** Those of which all strategies are ranked. */
    private static final Map<String, Double> RANKED = new TreeMap<>(Map.of("p50", 0.5, "p99", 0.99));

    private LatencySection() {}

    static Views.Section of(Draft draft) {
        List<Views.Figure> figures = new ArrayList<>();
        Focus.places(draft).forEach((place, all) -> {
            if (draft.leaders().crowded()) {
                addRanks(draft, figures, place, all);
            }
            addFigure(draft, figures, place, all);
        });
        Table quantiles = quantiles("Latency quantiles, every cell", draft.observed());
        boolean none = quantiles.rows().isEmpty();
        boolean crowded = draft.leaders().crowded();
        return new Views.Section(
                "latency",
                "Latency of malloc and free",
                "The share of operations that take longer than the time below it. Lower and further left is better;"
                        + " waiting, interrupts and time off the CPU are inside.",
                none
                        ? "no run has latencies: recorded traces carry none, simulated ones have them in their counters"
                        : null,
                figures,
                none || crowded ? List.of() : List.of(draft.grid(quantiles)),
                none || !crowded ? List.of() : List.of(draft.grid(quantiles)));
    }

    /** Half of the operations and the slow ones of all strategies, in the order of their throughput. */
    private static void addRanks(Draft draft, List<Views.Figure> figures, String place, List<Observed> all) {
        List<String> order = new ArrayList<>(draft.leaders().order());
        all.forEach(one -> {
            if (!order.contains(Draft.orRecorded(one.strategy()))) {
                order.add(Draft.orRecorded(one.strategy()));
            }
        });
        String unit = all.stream()
                .flatMap(one -> one.latency().values().stream())
                .map(LatencyHistogram::unit)
                .findFirst()
                .orElse("cycles");
        List<RankChart.Panel> panels = new ArrayList<>();
        for (String operation : operations(all)) {
            RANKED.forEach((name, quantile) -> {
                List<RankChart.Mark> marks = marks(all, operation, quantile, order);
                if (!marks.isEmpty()) {
                    panels.add(new RankChart.Panel(operation + ", " + name, marks));
                }
            });
        }
        if (!panels.isEmpty()) {
            String what = "Latency, " + unit + " (log scale; left is better): " + place;
            RankChart chart = new RankChart(
                    new Heading(what + ". \u2605 the best of its panel", ""),
                    order.stream()
                            .map(name -> new RankChart.Row(name, "", "", draft.isBaseline(name)))
                            .toList(),
                    null,
                    false,
                    panels);
            String caption = what + ". All strategies, in the order of the ranking above";
            figures.add(draft.figure(
                    "latency-ranking" + ThroughputSection.slug(place),
                    caption,
                    caption + ". The numbers stand in the table below the picture.",
                    () -> chart.draw(draft.styles(), draft.theme()),
                    quantiles(caption, all)));
        }
    }

    private static List<RankChart.Mark> marks(
            List<Observed> all, String operation, double quantile, List<String> order) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (Observed one : all) {
            LatencyHistogram histogram = one.latency().get(operation);
            if (histogram != null && histogram.total() > 0) {
                values.put(Draft.orRecorded(one.strategy()), Math.max(1, quantile(histogram, quantile)));
            }
        }
        long least = values.entrySet().stream()
                .filter(one -> !Bounds.isBound(one.getKey()))
                .mapToLong(Map.Entry::getValue)
                .min()
                .orElse(0);
        List<RankChart.Mark> marks = new ArrayList<>();
        values.forEach((name, value) -> marks.add(new RankChart.Mark(
                order.indexOf(name), value, null, null, Fmt.count(value), value == least && !Bounds.isBound(name))));
        return marks;
    }

    private static void addFigure(Draft draft, List<Views.Figure> figures, String place, List<Observed> all) {
        List<TailChart.Panel> panels = new ArrayList<>();
        for (String operation : operations(all)) {
            List<TailChart.Series> series = new ArrayList<>();
            String unit = "cycles";
            for (Observed one : all) {
                LatencyHistogram histogram = one.latency().get(operation);
                if (histogram != null && histogram.total() > 0 && draft.drawsCurve(one.strategy())) {
                    series.add(new TailChart.Series(Draft.orRecorded(one.strategy()), histogram.cumulative()));
                    unit = histogram.unit();
                }
            }
            if (!series.isEmpty()) {
                panels.add(new TailChart.Panel(operation + ", " + unit + " (log scale)", series));
            }
        }
        if (!panels.isEmpty()) {
            long left = all.stream()
                    .filter(one -> !draft.drawsCurve(one.strategy()))
                    .count();
            String caption = "Latency distribution: " + place
                    + (left == 0 ? "" : "; " + left + " strategies are left out, and in the picture above");
            String alt = caption + ", " + String.join(" and ", operations(all))
                    + " for each strategy. Quantiles stand in the table below the chart.";
            figures.add(draft.figure(
                    "latency" + ThroughputSection.slug(place),
                    caption,
                    alt,
                    () -> new TailChart(panels).draw(draft.styles(), draft.theme()),
                    quantiles(caption, all)));
        }
    }

    private static Set<String> operations(Collection<Observed> all) {
        Set<String> operations = new LinkedHashSet<>();
        for (String usual : List.of("malloc", "free")) {
            if (all.stream().anyMatch(one -> one.latency().containsKey(usual))) {
                operations.add(usual);
            }
        }
        all.forEach(one -> operations.addAll(one.latency().keySet()));
        return operations;
    }

    private static Table quantiles(String title, Collection<Observed> all) {
        List<List<Object>> rows = new ArrayList<>();
        for (Observed one : all) {
            one.latency().forEach((operation, histogram) -> {
                if (histogram.total() > 0) {
                    List<Object> row = new ArrayList<>(
                            Arrays.asList(one.place(), Draft.orRecorded(one.strategy()), operation, histogram.total()));
                    for (double quantile : QUANTILES) {
                        row.add(quantile(histogram, quantile));
                    }
                    row.add(highest(histogram));
                    row.add(histogram.unit());
                    rows.add(row);
                }
            });
        }
        return new Table(
                title,
                List.of("cell", "strategy", "operation", "operations", "p50", "p99", "p99.9", "highest", "unit"),
                rows,
                "Upper bounds of histogram buckets, runs of a strategy summed.");
    }

    /** The upper bound of the first bucket at which the share is reached. */
    private static Long quantile(LatencyHistogram histogram, double share) {
        for (double[] point : histogram.cumulative()) {
            if (point[1] >= share) {
                return (long) point[0];
            }
        }
        return highest(histogram);
    }

    private static long highest(LatencyHistogram histogram) {
        List<double[]> points = histogram.cumulative();
        return (long) points.get(points.size() - 1)[0];
    }
}
