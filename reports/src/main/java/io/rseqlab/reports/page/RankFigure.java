package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.reports.chart.Heading;
import io.rseqlab.reports.chart.RankChart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Where strategies are more than colours: all of them as rows, the best on top, with a panel for each cell. */
final class RankFigure {
    /** More panels than these are not compared; the table has all. */
    private static final int MOST_PANELS = 8;

    /** From here on a ratio reads better as a factor than as per cent more. */
    private static final double LEAST_FACTOR = 2;

    private final Draft draft;
    private final ComparisonDocument document;
    private final Leaders leaders;
    private final Headline headline;

    /** Cells that have ratios. */
    private final List<Cell> cells;

    private RankFigure(Draft draft) {
        this.draft = draft;
        this.document = draft.model().comparison();
        this.leaders = draft.leaders();
        this.headline = Headline.of(document);
        this.cells = draft.fullCells().stream()
                .filter(cell -> !leaders.ratios(cell).isEmpty())
                .toList();
    }

    private static RankFigure in(Draft draft) {
        boolean many = draft.leaders().crowded() && draft.model().comparison() != null;
        RankFigure figure = many ? new RankFigure(draft) : null;
        return figure == null || figure.cells.isEmpty() ? null : figure;
    }

    /** The picture; null where strategies are few, or nothing is compared. */
    static Views.Figure of(Draft draft) {
        RankFigure figure = in(draft);
        return figure == null ? null : figure.figure();
    }

    /**
     * Of each cell who has the best mean, by how much, and where the baseline stands; empty where there is no picture,
     * and where a map says it of each point.
     */
    static List<String> sentences(Draft draft) {
        RankFigure figure = in(draft);
        return figure == null || figure.document.winners() != null
                ? List.of()
                : figure.drawn().stream().map(figure::sentence).toList();
    }

    /** Of too many cells some from all over: neighbours on an axis are the most alike. */
    private List<Cell> drawn() {
        if (cells.size() <= MOST_PANELS) {
            return cells;
        }
        return IntStream.range(0, MOST_PANELS)
                .mapToObj(i -> cells.get(Math.round(i * (cells.size() - 1f) / (MOST_PANELS - 1))))
                .toList();
    }

    private Views.Figure figure() {
        String what = headline.name() + " over that of " + document.baseline();
        String title = what + ", all " + leaders.order().size() + " strategies";
        RankChart chart = new RankChart(
                new Heading(
                        what + " (at the line; log scale, " + (headline.moreIsBetter() ? "right" : "left")
                                + " is better). \u2605 the best of its panel",
                        draft.names().shared()),
                rows(),
                1.0,
                false,
                drawn().stream()
                        .map(cell -> new RankChart.Panel(draft.names().name(cell.key()), marks(cell)))
                        .toList());
        String caption = title
                + (cells.size() > 1 ? ", the best over the panels on top. " : ", the best on top. ")
                + intervals()
                + leftOut();
        return draft.figure(
                "ranking",
                caption,
                caption + " The numbers stand in the table below the picture.",
                () -> chart.draw(draft.styles(), draft.theme()),
                table(title));
    }

    private List<RankChart.Row> rows() {
        List<RankChart.Row> rows = new ArrayList<>();
        int rank = 0;
        for (String name : leaders.order()) {
            boolean bound = Bounds.isBound(name);
            rank += bound ? 0 : 1;
            boolean baseline = name.equals(document.baseline());
            rows.add(new RankChart.Row(
                    name,
                    bound ? "" : String.valueOf(rank),
                    baseline ? " (baseline)" : bound ? " (a bound)" : "",
                    baseline));
        }
        return rows;
    }

    private List<RankChart.Mark> marks(Cell cell) {
        List<RankChart.Mark> marks = new ArrayList<>();
        String best = leaders.contenders(cell).get(0);
        for (Map.Entry<String, Double> one : leaders.ratios(cell).entrySet()) {
            Contrast contrast = cell.contrast(one.getKey(), document.metric());
            boolean bare = contrast == null || contrast.interval() == null;
            marks.add(new RankChart.Mark(
                    leaders.order().indexOf(one.getKey()),
                    one.getValue(),
                    bare ? null : contrast.interval().low(),
                    bare ? null : contrast.interval().high(),
                    figures(one.getValue()),
                    one.getKey().equals(best)));
        }
        return marks;
    }

    private static String figures(double ratio) {
        return String.format(Locale.ROOT, ratio < 9.995 ? "%.2f" : ratio < 99.95 ? "%.1f" : "%.0f", ratio);
    }

    private String intervals() {
        List<Contrast> all = drawn().stream()
                .flatMap(cell ->
                        leaders.ratios(cell).keySet().stream().map(name -> cell.contrast(name, document.metric())))
                .filter(Objects::nonNull)
                .toList();
        long bare = all.stream().filter(one -> one.interval() == null).count();
        if (bare == 0) {
            return "Bars are " + Fmt.confidence(document.confidence())
                    + " intervals; where there is none to see, it is narrower than the mark.";
        }
        IntSummaryStatistics seeds = all.stream().mapToInt(Contrast::n).summaryStatistics();
        return (bare < all.size() ? "Some have no interval" : "No intervals") + ": " + PairedLogRatio.LEAST_N
                + " seeds are the least for one, and "
                + (bare < all.size() ? "some have as few as " + seeds.getMin() : "here are " + seeds.getMax()) + ".";
    }

    private String leftOut() {
        List<String> words = new ArrayList<>();
        int more = draft.cells().size() - drawn().size();
        if (more > 0) {
            words.add(more + (more == 1 ? " cell" : " cells"));
        }
        List<String> without = draft.strategies().stream()
                .filter(name -> !leaders.order().contains(name))
                .toList();
        if (!without.isEmpty()) {
            words.add("without a ratio, " + String.join(", ", without));
        }
        return words.isEmpty() ? "" : " Left out, and in the tables: " + String.join("; ", words) + ".";
    }

    private String sentence(Cell cell) {
        List<String> ranked = leaders.contenders(cell);
        String best = ranked.get(0);
        int place = ranked.indexOf(document.baseline());
        List<String> ahead = new ArrayList<>();
        ranked.stream().skip(1).limit(1).forEach(second -> ahead.add(ahead(cell, best, second)));
        if (place > 1) {
            ahead.add(ahead(cell, best, document.baseline()) + " (place " + (place + 1) + ")");
        }
        return draft.names().name(cell.key()) + ": " + best + " has the best mean"
                + (ahead.isEmpty() ? "" : ", ahead " + String.join(" and ", ahead)) + ".";
    }

    private String ahead(Cell cell, String better, String worse) {
        double ratio = leaders.ratios(cell).get(better) / leaders.ratios(cell).get(worse);
        double factor = headline.moreIsBetter() ? ratio : 1 / ratio;
        String size = factor >= LEAST_FACTOR
                ? "a factor of " + figures(factor)
                : Fmt.percent(headline.moreIsBetter() ? ratio - 1 : 1 - ratio);
        return "by " + size + (headline.moreIsBetter() ? " over " : " under ") + worse;
    }

    private Table table(String title) {
        List<List<Object>> rows = new ArrayList<>();
        for (Cell cell : cells) {
            List<String> ranked = leaders.contenders(cell);
            Map<String, Double> ratios = leaders.ratios(cell);
            for (String name : leaders.order()) {
                Contrast contrast = cell.contrast(name, document.metric());
                if (ratios.containsKey(name)) {
                    rows.add(Arrays.asList(
                            draft.names().name(cell.key()),
                            Bounds.isBound(name) ? "bound" : String.valueOf(ranked.indexOf(name) + 1),
                            name,
                            Quantity.of(
                                    ratios.get(name),
                                    contrast == null ? null : contrast.interval(),
                                    Quantity.Form.NUMBER),
                            Quantity.of(find(cell, name).metrics().get(document.metric()), headline.form()),
                            contrast == null ? "baseline" : contrast.verdict()));
                }
            }
        }
        return new Table(
                title,
                List.of(
                        "cell",
                        "place",
                        "strategy",
                        "ratio to " + document.baseline(),
                        headline.title(),
                        "against " + document.baseline()),
                rows,
                "Places are by the ratios, geometric means over the seeds; a bound has none.");
    }

    private static StrategyResult find(Cell cell, String strategy) {
        return cell.strategies().stream()
                .filter(result -> result.strategy().equals(strategy))
                .findFirst()
                .orElseThrow();
    }
}
