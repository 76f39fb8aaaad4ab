package io.rseqlab.reports.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is faster only because of more memory is told from who is faster with the same. */
class FrontierSectionTest {
    private static Estimate estimate(double mean, String unit) {
        return new Estimate(mean, null, 1, unit, List.of(mean), null);
    }

    private static StrategyResult result(String label, double strandedBytes, double opsPerSecond) {
        Map<String, Estimate> metrics = new LinkedHashMap<>();
        metrics.put("throughput_ops_per_s", estimate(opsPerSecond, "ops/s"));
        metrics.put("cached_bytes.all", estimate(strandedBytes, "bytes"));
        return HandMade.result(label, metrics);
    }

    private static Views.Section section(StrategyResult... results) {
        return FrontierSection.of(draft(results));
    }

    private static Draft draft(StrategyResult... results) {
        CellKey key = new CellKey("churn", "zen5-vm-2", "linux-6.18", 2, 8, null, null);
        Cell cell = new Cell(key, "churn", List.of(results), new ArrayList<>(), "");
        ReportModel model = ReportModel.of("t").withComparison(HandMade.document(List.of(cell), List.of("a verdict")));
        return new Draft(model);
    }

    private static List<String> column(Views.Grid grid, int column) {
        return grid.rows().stream()
                .map(row -> row.items().get(column))
                .map(item -> item.words() == null ? item.number().text() : item.words())
                .toList();
    }

    /**
     * b with 4000 bytes has less than a with 2000, and so is behind it; b with 1000 is the slowest and cheapest, and so
     * is not.
     */
    @Test
    void aSettingIsBehindIfAnotherHasMoreForLess() {
        Views.Section section = section(
                result("a:budget=100", 2000, 9e6),
                result("a:budget=200", 8000, 12e6),
                result("b:budget=100", 1000, 5e6),
                result("b:budget=200", 4000, 8e6));
        assertThat(section.figures()).hasSize(1);
        Views.Grid table = section.figures().get(0).grid();
        assertThat(column(table, 0)).containsExactly("a", "a", "b", "b");
        assertThat(column(table, 4))
                .containsExactly("on the frontier", "on the frontier", "on the frontier", "behind a with 100 B");
        Views.Grid budgets = section.grids().get(0);
        assertThat(column(budgets, 0)).containsExactly("100", "200");
        assertThat(column(budgets, 1)).containsExactly("a", "a");
        assertThat(column(budgets, 5)).containsExactly("1.800", "1.500");
    }

    @Test
    void theAnswerIsASentence() {
        Draft draft = draft(
                result("a:budget=100", 2000, 9e6),
                result("a:budget=200", 8000, 12e6),
                result("b:cap=3,budget=100", 1000, 10e6),
                result("b:cap=3,budget=200", 4000, 8e6));
        assertThat(FrontierSection.sentences(draft))
                .containsExactly(
                        "churn: at equal budgets of cached bytes the fastest is b at 1, a at 1 of 2.",
                        "churn: 2 of 4 settings are on the frontier of throughput against stranded memory, from the"
                                + " least memory: b with 100 B, a with 200 B.");
        assertThat(FrontierSection.sentences(
                        draft(result("a:budget=1", 2, 9), result("a:budget=2", 8, 12), result("b:budget=1", 3, 8))))
                .first()
                .isEqualTo("churn: at equal budgets of cached bytes a is the fastest, at all 1 that were tried.");
        assertThat(FrontierSection.sentences(draft(result("a", 1, 1), result("b", 1, 2))))
                .isEmpty();
    }

    @Test
    void withOneSettingOfEachThereIsNoFrontier() {
        assertThat(section(result("a", 2000, 9e6), result("b", 1000, 5e6))).isNull();
    }

    @Test
    void nothingStrandedIsInTheTableAndNotOnALogarithmicAxis() {
        Views.Section section = section(result("a:budget=100", 0, 9e6), result("a:budget=200", 10, 12e6));
        assertThat(section.figures()).isEmpty();
        assertThat(column(section.grids().get(0), 4)).containsExactly("on the frontier", "on the frontier");
    }
}
