package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.reports.chart.TailChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How long malloc and free take: the whole distribution where it matters most, quantiles everywhere. */
final class LatencySection {
    private static final double[] QUANTILES = {0.5, 0.99, 0.999};

    private LatencySection() {}

    static Views.Section of(Draft draft) {
        List<Views.Figure> figures = new ArrayList<>();
        Focus.places(draft).forEach((place, all) -> addFigure(draft, figures, place, all));
        Table quantiles = quantiles("Latency quantiles, every cell", draft.observed());
        boolean none = quantiles.rows().isEmpty();
        return new Views.Section(
                "latency",
                "Latency of malloc and free",
                "The share of operations that take longer than the time below it. Lower and further left is better;"
                        + " waiting, interrupts and time off the CPU are inside.",
                none
                        ? "no run has latencies: recorded traces carry none, simulated ones have them in their counters"
                        : null,
                figures,
                none ? List.of() : List.of(draft.grid(quantiles)));
    }

    private static void addFigure(Draft draft, List<Views.Figure> figures, String place, List<Observed> all) {
        List<TailChart.Panel> panels = new ArrayList<>();
        for (String operation : operations(all)) {
            List<TailChart.Series> series = new ArrayList<>();
            String unit = "cycles";
            for (Observed one : all) {
                LatencyHistogram histogram = one.latency().get(operation);
                if (histogram != null && histogram.total() > 0) {
                    series.add(new TailChart.Series(Draft.orRecorded(one.strategy()), histogram.cumulative()));
                    unit = histogram.unit();
                }
            }
            if (!series.isEmpty()) {
                panels.add(new TailChart.Panel(operation + ", " + unit + " (log scale)", series));
            }
        }
        if (!panels.isEmpty()) {
            String caption = "Latency distribution: " + place;
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
