package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands beside a mean of runs. */
class EstimatesTest {
    private static Estimate estimate(double... throughputs) {
        List<RunResult> runs = new ArrayList<>();
        for (double throughput : throughputs) {
            runs.add(Runs.run("rseq-freelist", 0, runs.size() + 1, throughput));
        }
        return Estimates.of(runs, "throughput_ops_per_s", 0.95, "cell");
    }

    @Test
    void whatIsOneAtMostHasNoIntervalBeyond() {
        List<RunResult> runs = new ArrayList<>();
        for (double fairness : new double[] {1, 1, 1, 1, 0.6, 1}) {
            RunResult run = Runs.run("rseq-freelist", 0, runs.size() + 1, 1);
            run.metrics().put("fairness_jain", MetricValue.of(fairness, "1"));
            runs.add(run);
        }
        Interval interval = Estimates.of(runs, "fairness_jain", 0.95, "cell").interval();
        assertThat(interval.high()).isEqualTo(1);
        assertThat(interval.method()).endsWith("cut at 1, the most there is");
    }

    @Test
    void whatNeverIsNegativeHasNoIntervalBelowZero() {
        Estimate estimate = estimate(0, 0, 0, 0, 0, 9);
        assertThat(estimate.interval().low()).isZero();
        assertThat(estimate.interval().high()).isGreaterThan(estimate.mean());
    }

    @Test
    void whatCanBeNegativeKeepsItsInterval() {
        assertThat(estimate(-1, 0, 1, 0, -1, 1, 0, 0).interval().low()).isNegative();
    }

    @Test
    void anIntervalWithoutWidthSaysThatItTellsNothing() {
        assertThat(estimate(5, 5, 5, 5, 5, 5).note()).contains("nothing about other seeds");
        assertThat(estimate(5, 5, 5, 5, 5, 6).note()).isNull();
    }
}
