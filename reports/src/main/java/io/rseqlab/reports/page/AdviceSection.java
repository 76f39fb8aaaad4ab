package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.AdviceDocument.Neighbour;
import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import io.rseqlab.reports.chart.DotChart;
import io.rseqlab.reports.chart.Styles;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Advice: who is how far behind the best, as a picture; then each strategy's speed, tail and memory in tables. */
final class AdviceSection {
    private final Draft draft;
    private final AdviceDocument advice;

    private AdviceSection(Draft draft) {
        this.draft = draft;
        this.advice = draft.model().advice();
    }

    /** The picture on the first screen: every strategy against the best, with each amount of work between calls. */
    static Views.Figure first(Draft draft) {
        return new AdviceSection(draft).picture();
    }

    static Views.Section of(Draft draft) {
        return new AdviceSection(draft).section();
    }

    private Views.Section section() {
        List<Views.Grid> grids = new ArrayList<>();
        List<Views.Grid> folded = new ArrayList<>();
        for (Place place : advice.places()) {
            if (place.thinkFactor() == 1) {
                grids.add(draft.grid(standings(place)));
            } else {
                folded.add(draft.grid(standings(place)));
            }
        }
        if (!advice.neighbours().isEmpty()) {
            grids.add(draft.grid(neighbours()));
        }
        draft.model().tables().forEach(table -> grids.add(draft.grid(table)));
        return new Views.Section(
                "advice",
                "Speed, tail and memory",
                "The best first. Memory is what a strategy keeps besides what the program holds: a choice between two"
                        + " that are about as fast is one of memory and tail.",
                null,
                List.of(),
                grids,
                folded);
    }

    private Views.Figure picture() {
        List<String> order = order();
        List<DotChart.Series> series = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Place place : advice.places()) {
            String name = words(place);
            names.add(name);
            List<DotChart.Dot> dots = new ArrayList<>();
            for (Standing standing : place.strategies()) {
                boolean bare = standing.interval() == null;
                dots.add(new DotChart.Dot(
                        order.indexOf(standing.strategy()),
                        standing.ratio(),
                        bare ? null : standing.interval().low(),
                        bare ? null : standing.interval().high()));
            }
            series.add(new DotChart.Series(name, name, place.thinkFactor() != 1, dots));
        }
        DotChart chart = new DotChart(
                "Throughput over that of the best (log scale; the grey band does not matter)",
                order,
                series,
                DotChart.Layout.RATIO,
                1.0,
                advice.margin(),
                false);
        String caption = "How far each strategy is behind the best, with " + Fmt.confidence(advice.confidence())
                + " intervals: further left is slower";
        return draft.figure(
                "advice",
                caption,
                caption + ": " + String.join(", ", order) + ". The numbers stand in the table below the picture.",
                () -> chart.draw(Styles.ofPlaces(names), draft.theme()),
                ratios());
    }

    /** As the program is: best first. */
    private List<String> order() {
        return advice.places().stream()
                .filter(place -> place.thinkFactor() == 1)
                .flatMap(place -> place.strategies().stream())
                .map(Standing::strategy)
                .toList();
    }

    private static String words(Place place) {
        String factor = new BigDecimal(Double.toString(place.thinkFactor()))
                .stripTrailingZeros()
                .toPlainString();
        return place.thinkFactor() == 1 ? "as it is" : "×" + factor + " of the work between calls";
    }

    private Table ratios() {
        List<List<Object>> rows = new ArrayList<>();
        for (Place place : advice.places()) {
            for (Standing standing : place.strategies()) {
                rows.add(Arrays.asList(
                        words(place),
                        standing.strategy(),
                        Quantity.of(standing.ratio(), standing.interval(), Quantity.Form.NUMBER),
                        standing.state().replace('_', ' ')));
            }
        }
        return new Table(
                "Throughput over that of the best",
                List.of("work between calls", "strategy", "ratio", "stands"),
                rows,
                null);
    }

    private Table neighbours() {
        List<List<Object>> rows = new ArrayList<>();
        for (Neighbour neighbour : advice.neighbours()) {
            rows.add(Arrays.asList(
                    neighbour.axis().replace('_', ' '),
                    neighbour.value(),
                    neighbour.winner() == null ? "undecided" : neighbour.winner(),
                    Quantity.percent(neighbour.lead() - 1),
                    String.join(", ", neighbour.contenders()),
                    neighbour.note() == null ? "" : neighbour.note()));
        }
        return new Table(
                "Who wins where one thing is changed",
                List.of(
                        "axis",
                        "value",
                        "winner",
                        "lead of the best mean over the second",
                        "not shown to be worse",
                        "note"),
                rows,
                null);
    }

    private static Table standings(Place place) {
        List<List<Object>> rows = new ArrayList<>();
        for (Standing standing : place.strategies()) {
            rows.add(Arrays.asList(
                    standing.strategy(),
                    Quantity.of(standing.mean(), Quantity.Form.MILLIONS),
                    Quantity.of(standing.ratio(), standing.interval(), Quantity.Form.PERCENT),
                    standing.state().replace('_', ' '),
                    standing.pHolm(),
                    seconds(standing.allocatorNsPerOp()),
                    seconds(standing.mallocP99Ns()),
                    seconds(standing.mallocP999Ns()),
                    seconds(standing.freeP99Ns()),
                    seconds(standing.freeP999Ns()),
                    standing.cachedBytes(),
                    standing.footprintOverPeakLive()));
        }
        return new Table(
                "Strategies, " + words(place),
                List.of(
                        "strategy",
                        "million operations/s",
                        "of the best",
                        "stands",
                        "p (Holm)",
                        "malloc and free per operation",
                        "malloc p99",
                        "malloc p99.9",
                        "free p99",
                        "free p99.9",
                        "stranded bytes",
                        "footprint over peak live"),
                rows,
                "p is corrected over all " + place.comparisons() + " pairs of strategies.");
    }

    private static Quantity seconds(Double nanos) {
        return nanos == null ? null : Quantity.seconds(nanos * 1e-9);
    }
}
