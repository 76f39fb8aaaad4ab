package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.result.Bounds;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.CostDraws;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Goodness;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.Comparator;
import java.util.List;

/** A comparison as tables for people and for programs. */
final class ComparisonText {
    private static final int COLUMNS = 120;

    private static final String LEGEND = "corr.: correlation of the pairs. Aborts per million operations and per"
            + " interruption, as seen; exposure: the\nlatter from exposure. p99 in cycles; lines: cache lines fetched"
            + " from other cores. Ratios as numbers: --format csv.\n";

    private ComparisonText() {}

    /**
     * Writes the document in one of its forms.
     *
     * @param shifts whether tables and rows have the shifts of quantiles, which JSON always has
     */
    static void write(ComparisonDocument document, Format format, boolean shifts, Output output) {
        switch (format) {
            case JSON -> output.write(ResultJson.write(document));
            case CSV -> output.write(rows(document, shifts).csv());
            case PARQUET -> output.bytes(rows(document, shifts)::parquet);
            case TABLE ->
                output.write((document.crossovers() == null ? table(document) : CrossoverText.table(document))
                        + (shifts ? ShiftText.tables(document) : ""));
        }
    }

    /** Verdicts first, then one table per cell, then what must be known to read them. */
    static String table(ComparisonDocument document) {
        StringBuilder text = new StringBuilder();
        document.verdicts().forEach(verdict -> text.append(verdict).append('\n'));
        boolean drawn = document.cells().stream()
                .flatMap(cell -> cell.contrasts().stream())
                .anyMatch(contrast -> contrast.costs() != null);
        for (Cell cell : document.cells()) {
            text.append('\n').append(heading(cell.key())).append('\n');
            text.append(headline(document, cell));
            text.append(drawn ? costs(document, cell) : "");
            text.append(context(document, cell));
        }
        text.append('\n').append(LEGEND).append(bounds(document));
        text.append(document.modelError()).append('\n');
        document.skipped().forEach(line -> text.append("Skipped: ").append(line).append('\n'));
        document.notes().forEach(line -> text.append("Note: ").append(line).append('\n'));
        return text.toString();
    }

    /** Why a strategy is in the tables and never the best. */
    static String bounds(ComparisonDocument document) {
        return document.cells().stream()
                .flatMap(cell -> cell.strategies().stream())
                .map(StrategyResult::strategy)
                .filter(Bounds::isBound)
                .findFirst()
                .map(bound ->
                        bound + " is a bound that no program can run: compared with, and never called the best.\n")
                .orElse("");
    }

    /** The baseline, then the others by the headline metric, the best first; who has no value of it comes last. */
    private static List<StrategyResult> bestFirst(ComparisonDocument document, Cell cell) {
        Comparator<Double> better = Goodness.moreIsBetter(document.metric())
                ? Comparator.<Double>naturalOrder().reversed()
                : Comparator.naturalOrder();
        Comparator<StrategyResult> order = Comparator.comparing(
                (StrategyResult strategy) -> !strategy.strategy().equals(document.baseline()));
        return cell.strategies().stream()
                .sorted(order.thenComparing(strategy -> strategy.mean(document.metric()), Comparator.nullsLast(better)))
                .toList();
    }

    private static String headline(ComparisonDocument document, Cell cell) {
        long comparisons = comparisons(document);
        TextTable table = new TextTable(
                "strategy",
                ">n",
                ">" + document.metric(),
                "interval",
                comparisons == 0 ? ">p" : ">p (Holm of " + comparisons + ")",
                ">corr.",
                "against " + document.baseline());
        for (StrategyResult strategy : bestFirst(document, cell)) {
            Estimate estimate = strategy.metrics().get(document.metric());
            Contrast contrast = cell.contrast(strategy.strategy(), document.metric());
            table.row(
                    strategy.strategy(),
                    Numbers.of(estimate == null ? 0 : estimate.n()),
                    Numbers.of(strategy.mean(document.metric())),
                    Numbers.of(estimate == null ? null : estimate.interval()),
                    Numbers.of(contrast == null ? null : contrast.pHolm()),
                    Numbers.of(contrast == null ? null : contrast.correlation()),
                    contrast == null ? "baseline" : contrast.verdict());
        }
        return table.render();
    }

    /** How far the headline's winners hang on costs that are known as ranges. */
    private static String costs(ComparisonDocument document, Cell cell) {
        TextTable table = new TextTable(
                "costs drawn from their ranges", "winner flips", "share of draws", ">lowest ratio", ">highest ratio");
        for (Contrast contrast : cell.contrasts()) {
            CostDraws costs = contrast.costs();
            if (contrast.metric().equals(document.metric()) && costs != null) {
                table.row(
                        contrast.strategy(),
                        "in " + costs.flips() + " of " + costs.draws() + " draws",
                        Numbers.of(costs.interval()),
                        Numbers.of(costs.ratioLow()),
                        Numbers.of(costs.ratioHigh()));
            }
        }
        return "\n" + table.render();
    }

    /** The comparisons that p values are corrected over: those of all cells in the headline metric. */
    private static long comparisons(ComparisonDocument document) {
        return document.cells().stream()
                .flatMap(cell -> cell.contrasts().stream())
                .filter(contrast -> contrast.metric().equals(document.metric()) && contrast.p() != null)
                .count();
    }

    private static String context(ComparisonDocument document, Cell cell) {
        TextTable table = new TextTable(
                "strategy",
                ">simul. s",
                ">preempt.",
                ">aborts",
                ">/Mop",
                ">/interrupt.",
                ">exposure",
                ">malloc p99",
                ">free p99",
                ">atomics/op",
                ">lines/op");
        for (StrategyResult strategy : bestFirst(document, cell)) {
            table.row(
                    strategy.strategy(),
                    Numbers.of(strategy.simulatedSeconds()),
                    Numbers.of(strategy.events().get("preemptions")),
                    Numbers.of(strategy.events().get("aborts")),
                    mean(strategy, "aborts_per_mop"),
                    mean(strategy, "aborts_per_interruption"),
                    mean(strategy, "aborts_per_interruption_exposure"),
                    mean(strategy, "latency_cycles.malloc.p99"),
                    mean(strategy, "latency_cycles.free.p99"),
                    mean(strategy, "atomics_per_op"),
                    mean(strategy, "line_transfers_per_op.all"));
        }
        return "\n" + table.render();
    }

    private static String mean(StrategyResult strategy, String path) {
        return Numbers.of(strategy.mean(path));
    }

    /** One row per cell, strategy and metric, and if wanted one per quantile that latencies were compared in. */
    static ResultRows rows(ComparisonDocument document, boolean shifts) {
        ResultRows rows = new ResultRows("comparison")
                .texts("workload", "machine", "kernel")
                .wholes("cpus", "threads")
                .texts("inject", "variant", "strategy", "metric")
                .reals("mean", "low", "high")
                .texts("unit")
                .wholes("n")
                .texts("baseline")
                .reals("ratio", "ratio_low", "ratio_high", "p", "p_holm", "correlation")
                .texts("test", "outcome", "verdict")
                .reals("model_error")
                .wholes("cost_draws", "cost_flips")
                .reals("cost_ratio_low", "cost_ratio_high");
        for (Cell cell : document.cells()) {
            for (StrategyResult strategy : cell.strategies()) {
                strategy.metrics().forEach((path, estimate) -> line(rows, cell, strategy.strategy(), path, estimate));
            }
            if (shifts) {
                ShiftText.add(rows, cell);
            }
        }
        return rows;
    }

    private static void line(ResultRows rows, Cell cell, String strategy, String path, Estimate estimate) {
        Contrast contrast = cell.contrast(strategy, path);
        boolean none = contrast == null;
        CostDraws costs = none ? null : contrast.costs();
        rows.row(
                cell.key().workload(),
                cell.key().machine(),
                cell.key().kernel(),
                cell.key().cpus(),
                cell.key().threads(),
                cell.key().inject(),
                cell.key().variant(),
                strategy,
                path,
                estimate.mean(),
                low(estimate.interval()),
                high(estimate.interval()),
                estimate.unit(),
                estimate.n(),
                none ? null : contrast.baseline(),
                none ? null : contrast.ratio(),
                none ? null : low(contrast.interval()),
                none ? null : high(contrast.interval()),
                none ? null : contrast.p(),
                none ? null : contrast.pHolm(),
                none ? null : contrast.correlation(),
                none ? null : contrast.test(),
                none ? null : contrast.outcome(),
                none ? null : contrast.verdict(),
                none ? null : contrast.modelError(),
                costs == null ? null : costs.draws(),
                costs == null ? null : costs.flips(),
                costs == null ? null : costs.ratioLow(),
                costs == null ? null : costs.ratioHigh());
    }

    static Double low(Interval interval) {
        return interval == null ? null : interval.low();
    }

    static Double high(Interval interval) {
        return interval == null ? null : interval.high();
    }

    /** A cell's name; where it does not fit a line, with its place on the next. */
    private static String heading(CellKey key) {
        String label = key.label();
        boolean fits = label.length() <= COLUMNS || !label.startsWith(key.workload() + " ");
        return fits
                ? label
                : key.workload() + "\n" + label.substring(key.workload().length() + 1);
    }
}
