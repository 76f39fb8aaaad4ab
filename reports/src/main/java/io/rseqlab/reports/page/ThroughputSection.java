package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.reports.chart.CurveChart;
import io.rseqlab.reports.chart.DotChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The headline metric: ratios to the baseline, then the values themselves, each with its interval. */
final class ThroughputSection {
    /** Longest part of a file name that a place makes. */
    private static final int MOST_SLUG = 100;

    private static final double FAR = 2;

    private static final String RATIOS = "Ratio to the baseline first: where the whisker does not touch the line at 1,"
            + " the difference shows, unless correcting for the number of comparisons (Holm) takes it back; the verdict"
            + " says. Then: ";

    private final Draft draft;
    private final ComparisonDocument document;
    private final Headline headline;

    private ThroughputSection(Draft draft) {
        this.draft = draft;
        this.document = draft.model().comparison();
        this.headline = Headline.of(document);
    }

    /**
     * The section; null where nothing is compared.
     *
     * @param ranking picture of all strategies where they are more than colours, if it does not stand above
     */
    static Views.Section of(Draft draft, Views.Figure ranking) {
        if (draft.model().comparison() == null) {
            return null;
        }
        if (draft.leaders().crowded()) {
            return new ThroughputSection(draft).crowded(ranking);
        }
        List<Views.Figure> figures = new ArrayList<>();
        ThroughputSection section = new ThroughputSection(draft);
        // Where a map shows all ratios in one picture, one for each place says nothing new.
        Map<String, List<Cell>> panels = draft.model().comparison().crossovers() == null ? draft.panels() : Map.of();
        panels.forEach((place, cells) -> section.addRatios(figures, place, cells));
        // The same as small multiples stands above.
        if (!SweepSection.fits(draft)) {
            section.addCurves(figures);
        }
        panels.forEach((place, cells) -> section.addValues(figures, place, cells));
        if (figures.isEmpty() && section.mapped()) {
            return null;
        }
        return new Views.Section(
                "throughput",
                section.headline.title(),
                (panels.isEmpty() ? "" : RATIOS)
                        + "The values themselves; where several numbers of threads ran, over them. Whiskers are "
                        + Fmt.confidence(section.document.confidence())
                        + " intervals; where there is none to see, it is"
                        + " narrower than the mark.",
                figures.isEmpty() ? "no run has " + section.document.metric() : null,
                figures,
                List.of());
    }

    /** Where strategies are more than colours, each cell's dots would be too many to tell apart. */
    private Views.Section crowded(Views.Figure ranking) {
        List<Views.Figure> figures = new ArrayList<>();
        if (ranking != null) {
            figures.add(ranking);
        }
        if (!SweepSection.fits(draft)) {
            addCurves(figures);
        }
        boolean any = draft.cells().stream()
                .anyMatch(cell -> draft.strategies().stream().anyMatch(name -> estimate(cell, name) != null));
        List<Views.Grid> folded = any
                ? List.of(
                        draft.grid(valueTable(headline.title() + ", every cell", draft.cells())),
                        draft.grid(ratioTable("Ratio to " + document.baseline() + ", every cell", draft.cells())))
                : List.of();
        return new Views.Section(
                "throughput",
                headline.title(),
                crowdedIntro(ranking != null, figures.size() > (ranking == null ? 0 : 1)),
                any ? null : "no run has " + document.metric(),
                figures,
                List.of(),
                folded);
    }

    private static String crowdedIntro(boolean ranked, boolean curves) {
        String values = curves
                ? "the values themselves over thread counts, each line with its name at its end."
                : "the values themselves in the tables.";
        return ranked ? "All strategies against the baseline, then " + values : "T" + values.substring(1);
    }

    /** True where a map shows what this section would say of single points. */
    private boolean mapped() {
        return document.crossovers() != null
                && document.cells().stream().flatMap(this::contrastsOf).anyMatch(contrast -> contrast.ratio() != null);
    }

    private Stream<Contrast> contrastsOf(Cell cell) {
        return cell.contrasts().stream().filter(contrast -> contrast.metric().equals(document.metric()));
    }

    private void addRatios(List<Views.Figure> figures, String place, List<Cell> cells) {
        List<DotChart.Series> all = new ArrayList<>();
        for (String strategy : draft.strategies()) {
            List<DotChart.Dot> dots = new ArrayList<>();
            for (int row = 0; row < cells.size(); row++) {
                for (Contrast contrast : contrasts(cells.get(row), strategy)) {
                    dots.add(dot(row, contrast));
                }
            }
            if (!dots.isEmpty()) {
                all.add(new DotChart.Series(strategy, strategy, false, dots));
            }
        }
        if (!all.isEmpty()) {
            figures.add(ratioFigure(place, cells, all));
        }
    }

    private Views.Figure ratioFigure(String place, List<Cell> cells, List<DotChart.Series> all) {
        List<DotChart.Series> near = near(all);
        String what = headline.moreIsBetter() ? "right of 1 is better" : "left of 1 is better";
        DotChart chart = new DotChart(
                headline.name() + ", ratio to " + document.baseline() + " (log scale; " + what + ")",
                rows(cells),
                near,
                DotChart.Layout.RATIO,
                1.0,
                document.margin(),
                false);
        String caption = "Ratio to " + document.baseline() + in(place);
        for (DotChart.Series one : all) {
            if (!near.contains(one)) {
                caption += "; " + one.name() + " lies off the chart, at " + span(one);
            }
        }
        return draft.figure(
                "ratio" + slug(place),
                caption,
                alt(caption, rows(cells)),
                () -> chart.draw(draft.styles(), draft.theme()),
                ratioTable("Ratio to " + document.baseline() + in(place), cells));
    }

    /** Without the strategies that are always far from both the baseline and the first other one. */
    private static List<DotChart.Series> near(List<DotChart.Series> all) {
        double lowest = Math.min(1, lowest(all.get(0))) / FAR;
        double highest = Math.max(1, highest(all.get(0))) * FAR;
        return all.stream()
                .filter(one -> highest(one) >= lowest && lowest(one) <= highest)
                .toList();
    }

    private static double lowest(DotChart.Series series) {
        return series.dots().stream().mapToDouble(DotChart.Dot::value).min().orElseThrow();
    }

    private static double highest(DotChart.Series series) {
        return series.dots().stream().mapToDouble(DotChart.Dot::value).max().orElseThrow();
    }

    private static String span(DotChart.Series series) {
        String low = Fmt.number(lowest(series));
        String high = Fmt.number(highest(series));
        return low.equals(high) ? low : low + " to " + high;
    }

    /** A ratio with its interval. */
    static DotChart.Dot dot(int row, Contrast contrast) {
        return new DotChart.Dot(
                row,
                contrast.ratio(),
                contrast.interval() == null ? null : contrast.interval().low(),
                contrast.interval() == null ? null : contrast.interval().high());
    }

    private List<Contrast> contrasts(Cell cell, String strategy) {
        return cell.contrasts().stream()
                .filter(contrast -> contrast.metric().equals(document.metric()))
                .filter(contrast -> contrast.strategy().equals(strategy))
                .filter(contrast -> contrast.ratio() != null && contrast.ratio() > 0)
                .toList();
    }

    private Table ratioTable(String title, List<Cell> cells) {
        List<List<Object>> rows = new ArrayList<>();
        for (Cell cell : cells) {
            for (Contrast contrast : cell.contrasts()) {
                rows.add(Arrays.asList(
                        draft.names().name(cell.key()),
                        contrast.strategy(),
                        contrast.metric(),
                        Quantity.of(contrast.ratio(), contrast.interval(), Quantity.Form.NUMBER),
                        contrast.n(),
                        contrast.p(),
                        contrast.pHolm(),
                        contrast.correlation(),
                        contrast.verdict()));
            }
        }
        return new Table(
                title,
                List.of("cell", "strategy", "metric", "ratio", "pairs", "p", "p (Holm)", "correlation", "verdict"),
                rows,
                "p: " + tests(cells) + ", over pairs of runs with the same seed; Holm: corrected over all"
                        + " comparisons of the same metric, those of every cell of this page.");
    }

    private static String tests(List<Cell> cells) {
        List<String> tests = cells.stream()
                .flatMap(cell -> cell.contrasts().stream())
                .map(Contrast::test)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        return tests.isEmpty() ? "none, too few seeds" : String.join(" or ", tests);
    }

    private void addValues(List<Views.Figure> figures, String place, List<Cell> cells) {
        List<DotChart.Series> series = new ArrayList<>();
        for (String strategy : draft.strategies()) {
            List<DotChart.Dot> dots = new ArrayList<>();
            for (int row = 0; row < cells.size(); row++) {
                Estimate estimate = estimate(cells.get(row), strategy);
                if (estimate != null && estimate.mean() != null) {
                    dots.add(new DotChart.Dot(row, shown(estimate.mean()), low(estimate), high(estimate)));
                }
            }
            if (!dots.isEmpty()) {
                series.add(new DotChart.Series(strategy, strategy, false, dots));
            }
        }
        if (series.isEmpty()) {
            return;
        }
        DotChart chart = new DotChart(headline.title(), rows(cells), series, DotChart.Layout.RATE, null, null, false);
        String caption = headline.title() + in(place);
        figures.add(draft.figure(
                "values" + slug(place),
                caption,
                alt(caption, rows(cells)),
                () -> chart.draw(draft.styles(), draft.theme()),
                valueTable(caption, cells)));
    }

    private Table valueTable(String title, List<Cell> cells) {
        List<List<Object>> rows = new ArrayList<>();
        for (Cell cell : cells) {
            for (StrategyResult result : cell.strategies()) {
                Estimate estimate = result.metrics().get(document.metric());
                rows.add(Arrays.asList(
                        draft.names().name(cell.key()),
                        result.strategy(),
                        Quantity.of(estimate, headline.form()),
                        estimate == null ? null : estimate.n(),
                        estimate == null || estimate.interval() == null
                                ? null
                                : estimate.interval().method()));
            }
        }
        return new Table(title, List.of("cell", "strategy", headline.title(), "runs", "interval by"), rows, null);
    }

    /** Cells that differ in the number of threads alone, where there are several. */
    private List<List<Cell>> byThreads() {
        Map<CellKey, List<Cell>> groups = new LinkedHashMap<>();
        for (Cell cell : draft.cells()) {
            CellKey key = cell.key();
            CellKey without = new CellKey(
                    key.workload(), key.machine(), key.kernel(), key.cpus(), null, key.inject(), key.variant());
            if (key.threads() != null) {
                groups.computeIfAbsent(without, any -> new ArrayList<>()).add(cell);
            }
        }
        return groups.values().stream()
                .filter(cells -> cells.size() > 1)
                .map(cells -> cells.stream()
                        .sorted(Comparator.comparing(cell -> cell.key().threads()))
                        .toList())
                .toList();
    }

    private void addCurves(List<Views.Figure> figures) {
        for (List<Cell> cells : byThreads()) {
            List<CurveChart.Series> series = new ArrayList<>();
            for (String strategy : draft.strategies()) {
                List<CurveChart.Point> points = cells.stream()
                        .map(cell -> point(cell, strategy))
                        .filter(Objects::nonNull)
                        .toList();
                if (points.size() > 1) {
                    series.add(new CurveChart.Series(strategy, points));
                }
            }
            if (!series.isEmpty()) {
                CellKey key = cells.get(0).key();
                CurveChart chart = new CurveChart("threads (log scale)", headline.title(), series);
                String caption = headline.title() + ", by thread count: "
                        + draft.names().workload(key) + (key.cpus() == null ? "" : " on " + key.cpus() + " CPUs");
                List<String> names = cells.stream()
                        .map(cell -> cell.key().threads() + " threads")
                        .toList();
                figures.add(draft.figure(
                        "threads",
                        caption,
                        alt(caption, names),
                        () -> chart.draw(draft.styles(), draft.theme()),
                        valueTable(caption, cells)));
            }
        }
    }

    private CurveChart.Point point(Cell cell, String strategy) {
        Estimate estimate = estimate(cell, strategy);
        return estimate == null || estimate.mean() == null
                ? null
                : new CurveChart.Point(cell.key().threads(), shown(estimate.mean()), low(estimate), high(estimate));
    }

    private Estimate estimate(Cell cell, String strategy) {
        return cell.strategies().stream()
                .filter(result -> result.strategy().equals(strategy))
                .map(result -> result.metrics().get(document.metric()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private double shown(double value) {
        return value * headline.factor();
    }

    private Double low(Estimate estimate) {
        return estimate.interval() == null ? null : shown(estimate.interval().low());
    }

    private Double high(Estimate estimate) {
        return estimate.interval() == null ? null : shown(estimate.interval().high());
    }

    private List<String> rows(List<Cell> cells) {
        List<String> workloads =
                cells.stream().map(cell -> draft.names().workload(cell.key())).toList();
        boolean enough = workloads.stream().distinct().count() == workloads.size();
        return enough
                ? workloads
                : cells.stream().map(cell -> draft.names().name(cell.key())).toList();
    }

    private static String alt(String caption, List<String> rows) {
        return caption + ", for " + String.join(", ", rows) + ". The numbers stand in the table below the chart.";
    }

    private static String in(String place) {
        return place.isEmpty() ? "" : ": " + place;
    }

    /** A place as part of a picture's file name, which file systems want short. */
    static String slug(String place) {
        String slug = place.toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        if (slug.length() > MOST_SLUG) {
            slug = slug.substring(0, MOST_SLUG) + "-" + Integer.toHexString(place.hashCode());
        }
        return slug.isEmpty() ? "" : "-" + slug;
    }
}
