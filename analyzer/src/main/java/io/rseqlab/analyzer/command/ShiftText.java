package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.QuantileShifts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Shifts of latency quantiles as tables for people and as rows for programs. */
final class ShiftText {
    /** Columns of a row behind those of a metric with its pairs and baseline; see {@link ComparisonText#rows}. */
    private static final int CONTRAST_COLUMNS = 14;

    private static final String LEGEND =
            "Quantiles of the runs merged; intervals from resampled runs, for each quantile by itself.\n"
                    + "bucket: differences below it are below what was recorded; no interval reaches less far.\n"
                    + "runs: how many the values beyond the quantile are as good as; ! few, so that the\n"
                    + "interval is wide.\n";

    private ShiftText() {}

    /** A table for each cell, strategy and operation. */
    static String tables(ComparisonDocument document) {
        StringBuilder text = new StringBuilder();
        for (Cell cell : document.cells()) {
            for (QuantileShifts shifts : cell.quantileShifts()) {
                text.append("\nLatency of ")
                        .append(shifts.operation())
                        .append(" in ")
                        .append(shifts.unit())
                        .append(", quantile by quantile: ")
                        .append(cell.label())
                        .append(", n=")
                        .append(shifts.n())
                        .append('\n')
                        .append(table(shifts));
            }
        }
        return text.isEmpty() ? "\nNo latencies, so no shifts of their quantiles.\n" : text + LEGEND;
    }

    private static String table(QuantileShifts shifts) {
        TextTable table = new TextTable(
                "quantile",
                ">" + shifts.strategy(),
                ">" + shifts.baseline(),
                ">difference",
                "interval",
                ">bucket",
                ">runs");
        for (QuantileShifts.Point point : shifts.points()) {
            table.row(
                    point.name(),
                    Numbers.of(point.strategy()),
                    Numbers.of(point.baseline()),
                    Numbers.of(point.difference()),
                    Numbers.of(point.interval()),
                    Numbers.of(point.resolution()),
                    runs(shifts, point));
        }
        return table.render();
    }

    private static String runs(QuantileShifts shifts, QuantileShifts.Point point) {
        return point.effectiveRuns() == null
                ? Numbers.NO_DATA
                : String.format(Locale.ROOT, "%.1f%s", point.effectiveRuns(), point.heldByFew(shifts.n()) ? " !" : "");
    }

    /** A row for each difference; its metric is {@code latency_shift_cycles.OPERATION.QUANTILE}. */
    static void add(ResultRows rows, Cell cell) {
        CellKey key = cell.key();
        for (QuantileShifts shifts : cell.quantileShifts()) {
            for (QuantileShifts.Point point : shifts.points()) {
                List<Object> row = new ArrayList<>(Arrays.asList(
                        key.workload(),
                        key.machine(),
                        key.kernel(),
                        key.cpus(),
                        key.threads(),
                        key.inject(),
                        key.variant(),
                        shifts.strategy(),
                        "latency_shift_" + shifts.unit() + "." + shifts.operation() + "."
                                + point.name().replace(".", ""),
                        point.difference(),
                        ComparisonText.low(point.interval()),
                        ComparisonText.high(point.interval()),
                        shifts.unit(),
                        shifts.n(),
                        shifts.baseline()));
                row.addAll(Collections.nCopies(CONTRAST_COLUMNS, null));
                rows.row(row.toArray());
            }
        }
    }
}
