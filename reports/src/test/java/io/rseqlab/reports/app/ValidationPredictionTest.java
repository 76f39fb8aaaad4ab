package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each figure of a prediction comes from the runs that are made for it, and from no other. */
class ValidationPredictionTest {
    private static final MachineProfile MACHINE = ProfileReader.shipped("zen4-vm-2");
    private static final MachineProfile STOLEN = MACHINE.stolen(1000, 20e-6);
    private static final ValidationPoint STEADY = ValidationPoint.churn("rseq-freelist", 8);
    private static final ValidationPoint CONVOY = ValidationPoint.churn("percpu-lock", 8);

    private static RunResult run(Map<String, MetricValue> metrics) {
        return new RunResult(
                "trace",
                null,
                "simulated",
                "complete",
                Map.of(),
                null,
                null,
                1,
                1,
                2,
                "instructions",
                metrics,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                null);
    }

    private static RunResult steady(double throughput, double exposure) {
        return run(Map.of(
                "throughput_ops_per_s", MetricValue.of(throughput, "1/s"),
                "aborts_per_interruption_exposure", MetricValue.of(exposure, "")));
    }

    private static final RunResult INTERRUPTED = run(Map.of(
            "aborts_per_interruption", MetricValue.of(0.7, ""),
            "aborts_per_interruption_exposure", MetricValue.of(0.1, ""),
            "interruptions", MetricValue.of(400, "interruptions")));

    private static final RunResult NATURAL = run(Map.of(
            "preemptions_per_cpu_s", MetricValue.of(255.0, "1/CPU-s"),
            "interruptions_per_cpu_s", MetricValue.of(300.0, "1/CPU-s"),
            "preemptions", MetricValue.of(41, "switches")));

    @Test
    void seedsAreAveragedAndTicksTakeTheirTime() {
        List<RunResult> seeds = List.of(steady(1e8, 0.4), steady(3e8, 0.6));
        ValidationPrediction predicted = ValidationPrediction.of(MACHINE, STEADY, seeds, INTERRUPTED, NATURAL);
        // 250 ticks a second of 54262 tsc each, out of 2.5961e9 tsc
        assertThat(predicted.throughput()).isCloseTo(2e8 * (1 - 250 * 54262 / 2.5961e9), within(1e3));
        assertThat(predicted.abortsPerInterruption()).isCloseTo(0.5, within(1e-12));
        assertThat(predicted.abortsPerInterruptionObserved()).isEqualTo(0.7);
        assertThat(predicted.interruptions()).isEqualTo(400);
        assertThat(predicted.preemptionsPerCpuSecond()).isEqualTo(255);
        assertThat(predicted.preemptions()).isEqualTo(41);
        // on two CPUs, 600 interruptions a second, every other one an abort
        assertThat(predicted.abortsPerMop()).isCloseTo(300e6 / predicted.throughput(), within(1e-12));
    }

    @Test
    void windowsThatHadTicksAreNotChargedThemTwice() {
        ValidationPrediction predicted = ValidationPrediction.of(STOLEN, CONVOY, List.of(steady(1e8, 0.4)), null, null);
        assertThat(predicted.throughput()).isEqualTo(1e8);
    }

    @Test
    void whatTheHostTakesAwayIsChargedWhereWindowsDidNotHaveIt() {
        double alone = ValidationPrediction.of(MACHINE, STEADY, List.of(steady(1e8, 0.4)), null, null)
                .throughput();
        double stolen = ValidationPrediction.of(STOLEN, STEADY, List.of(steady(1e8, 0.4)), null, null)
                .throughput();
        assertThat(alone - stolen).isCloseTo(0.02 * 1e8, within(1.0));
        ValidationPoint mutex = ValidationPoint.churn("global-mutex", 2);
        assertThat(ValidationPrediction.of(STOLEN, mutex, List.of(steady(1e8, 0.4)), null, null)
                        .throughput())
                .isCloseTo(alone, within(1.0));
    }

    @Test
    void withoutTheRunThereIsNoFigure() {
        ValidationPrediction predicted =
                ValidationPrediction.of(MACHINE, STEADY, List.of(steady(1e8, 0.4)), null, null);
        assertThat(predicted.abortsPerInterruption()).isNull();
        assertThat(predicted.abortsPerMop()).isNull();
        assertThat(predicted.preemptionsPerCpuSecond()).isNull();
    }
}
