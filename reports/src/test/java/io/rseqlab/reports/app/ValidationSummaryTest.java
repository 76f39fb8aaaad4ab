package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as near enough is what decides whether the model is believed: each border is worked out by hand. */
class ValidationSummaryTest {
    private static Validation.Point point(
            String strategy, String workload, boolean shared, double measured, double half, double predicted) {
        Validation.Figure figure =
                new Validation.Figure(measured, measured - half, measured + half, predicted, predicted / measured - 1);
        return new Validation.Point(
                strategy,
                workload,
                2,
                shared,
                shared ? HostState.NEAR : null,
                figure,
                null,
                null,
                null,
                null,
                30.0,
                0.0,
                9,
                0);
    }

    private static Validation.Point aborting(String workload, double measured, double predicted) {
        Validation.Figure figure = new Validation.Figure(measured, 0, 1, predicted, predicted - measured);
        Validation.Point plain = point("rseq-freelist", workload, false, 100, 1, 100);
        return new Validation.Point(
                plain.strategy(),
                workload,
                2,
                false,
                null,
                plain.throughputOpsPerS(),
                new Validation.Aborts(figure, 1000, null, 0),
                null,
                null,
                null,
                30.0,
                0.0,
                9,
                0);
    }

    @Test
    void throughputIsNearInsideTheSpreadOrWithinATenthAndAFifthWhereShared() {
        ValidationSummary summary = ValidationSummary.of(List.of(
                point("a", "w1", false, 100, 30, 125),
                point("b", "w2", false, 100, 1, 109),
                point("c", "w3", false, 100, 1, 111),
                point("d", "w4", true, 100, 1, 119),
                point("e", "w5", true, 100, 1, 79)));
        assertThat(summary.unshared().near()).isEqualTo(2);
        assertThat(summary.unshared().of()).isEqualTo(3);
        assertThat(summary.shared().near()).isEqualTo(1);
        assertThat(summary.shared().of()).isEqualTo(2);
    }

    @Test
    void abortsAreNearWithinATwentiethAndATenthWithoutPad() {
        ValidationSummary summary = ValidationSummary.of(List.of(
                aborting("churn:pad=50", 0.6, 0.64),
                aborting("churn:pad=500", 0.9, 0.84),
                aborting("churn", 0.4, 0.49)));
        assertThat(summary.aborts().near()).isEqualTo(2);
        assertThat(summary.aborts().of()).isEqualTo(3);
    }

    @Test
    void rankingCountsOnlyPairsOfOneCellThatWereMeasuredApart() {
        ValidationSummary summary = ValidationSummary.of(List.of(
                point("a", "w", false, 100, 5, 100),
                point("b", "w", false, 120, 5, 90),
                point("c", "w", false, 104, 5, 200),
                point("d", "other", false, 300, 5, 10)));
        assertThat(summary.ranking().of()).isEqualTo(2);
        assertThat(summary.ranking().near()).isZero();
        assertThat(summary.inverted())
                .containsExactly(
                        "a against b on w, 2 threads: measured ratio 0.83, predicted 1.11",
                        "b against c on w, 2 threads: measured ratio 1.15, predicted 0.45");
    }
}
