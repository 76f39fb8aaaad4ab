package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.live.Host;
import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.reports.app.ValidationMeasurement.Spread;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A comparison that flatters the model is worse than none: every figure here is worked out by hand. */
class ValidationTest {
    private static final ValidationPoint POINT = ValidationGrid.QUICK.points().get(0);

    /** A window of one second, eight threads on two CPUs that never sleep, of which others have nothing. */
    private static NativeWindow window(
            double cpuSeconds, double throughput, long aborts, long interruptions, double before, double after) {
        return window(cpuSeconds, throughput, aborts, interruptions, before, after, 0.0);
    }

    private static NativeWindow window(
            double cpuSeconds,
            double throughput,
            long aborts,
            long interruptions,
            double before,
            double after,
            Double othersShare) {
        return new NativeWindow(
                "rseq-freelist",
                8,
                1.0,
                cpuSeconds,
                (long) throughput,
                throughput,
                aborts,
                interruptions,
                500L,
                3L,
                0,
                0,
                before,
                after,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of("pop/pad", aborts),
                othersShare,
                true);
    }

    private static ValidationMeasurement measured(double throughput, double aborts, long interruptions) {
        return measured(throughput, aborts, interruptions, 0.02);
    }

    private static ValidationMeasurement measured(double throughput, double aborts, long interruptions, Double others) {
        return new ValidationMeasurement(
                new Spread(throughput, 0.95 * throughput, 1.05 * throughput),
                new Spread(aborts, aborts - 0.1, aborts + 0.1),
                interruptions,
                new Spread(2.5, 2, 3),
                Map.of("pop/pad", 6L, "push/pad", 2L),
                new Spread(250, 245, 260),
                100.0,
                others,
                5,
                0);
    }

    private static Validation validation(double predictedThroughput, double predictedAborts, long interruptions) {
        ValidationPrediction predicted = new ValidationPrediction(
                predictedThroughput,
                predictedAborts,
                0.4,
                300,
                3.0,
                Map.of("pop/pad", 50L, "push/pad", 50L),
                275.0,
                40);
        return Validation.of(
                List.of(Validation.point(POINT, HostState.NEAR, measured(1e8, 0.5, interruptions), predicted)));
    }

    @Test
    void errorsOfThroughputAndPreemptionsAreRelativeAndOfAbortsAbsolute() {
        Validation.Point point = validation(8e7, 0.58, 1000).points().get(0);
        assertThat(point.throughputOpsPerS().error()).isCloseTo(-0.2, within(1e-12));
        assertThat(point.abortsPerInterruption().figure().error()).isCloseTo(0.08, within(1e-12));
        assertThat(point.abortsPerMop().error()).isCloseTo(0.2, within(1e-12));
        assertThat(point.abortShares().distance()).isCloseTo(0.25, within(1e-12));
        assertThat(point.preemptionsPerCpuS().figure().error()).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void tooFewInterruptionsGiveAFigureButNoError() {
        Validation few = validation(1e8, 0.9, Validation.LEAST_INTERRUPTIONS - 1);
        assertThat(few.points().get(0).abortsPerInterruption().figure().error()).isNull();
        assertThat(few.points().get(0).abortsPerMop()).isNull();
        assertThat(few.medianAbortError()).isNull();
        assertThat(few.past(0)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // inside the measured least and most: never past
        "1.04e8, 0.50, 0.01, 0",
        // outside, but by less than the tolerance
        "1.08e8, 0.50, 0.10, 0",
        "1.08e8, 0.50, 0.05, 1",
        "0.80e8, 0.50, 0.15, 1",
        // inside the least and most of the windows counts for nothing where aborts are concerned: they are few each
        "1.00e8, 0.58, 0.10, 0",
        "1.00e8, 0.58, 0.05, 1",
        "1.00e8, 0.42, 0.05, 1",
        "0.80e8, 0.42, 0.05, 2"
    })
    void aToleranceIsTrippedByThroughputOutsideTheSpreadAndByAborts(
            double throughput, double aborts, double tolerance, int past) {
        assertThat(validation(throughput, aborts, 1000).past(tolerance)).hasSize(past);
    }

    @Test
    void theMedianErrorIsThatOfSizesNotOfSigns() {
        ValidationPrediction over = new ValidationPrediction(1.1e8, null, null, 0, null, null, null, 0);
        ValidationPrediction under = new ValidationPrediction(0.9e8, null, null, 0, null, null, null, 0);
        ValidationMeasurement measured = measured(1e8, 0.5, 1000);
        Validation validation = Validation.of(List.of(
                Validation.point(POINT, HostState.NEAR, measured, over),
                Validation.point(POINT, HostState.NEAR, measured, under)));
        assertThat(validation.medianThroughputError()).isCloseTo(0.1, within(1e-12));
        assertThat(validation.medianAbortError()).isNull();
        assertThat(validation.medianPreemptionError()).isNull();
    }

    @Test
    void throughputIsTheMedianAndAbortsArePooled() {
        ValidationMeasurement measured = ValidationMeasurement.of(
                List.of(
                        window(2, 1e8, 10, 100, 100, 100),
                        window(2, 3e8, 90, 100, 100, 100),
                        window(2, 2e8, 200, 800, 100, 100)),
                0);
        assertThat(measured.throughput()).isEqualTo(new Spread(2e8, 1e8, 3e8));
        assertThat(measured.abortsPerInterruption()).isEqualTo(new Spread(0.3, 0.1, 0.9));
        assertThat(measured.interruptions()).isEqualTo(1000);
        assertThat(measured.preemptionsPerCpuSecond()).isEqualTo(new Spread(250, 250, 250));
    }

    @Test
    void otherProgramsOnTheMachineAreNotHeldAgainstTheThreads() {
        for (Double others : new Double[] {0.75, null}) {
            ValidationMeasurement measured =
                    ValidationMeasurement.of(List.of(window(0.5, 1e8, 50, 100, 100, 100, others)), 0);
            assertThat(measured.throughput().value()).isEqualTo(4e8);
            assertThat(measured.preemptionsPerCpuSecond().value()).isEqualTo(1000);
        }
    }

    @Test
    void anIdleCpuBesideThreadsThatShareTheOtherIsHeldAgainstThem() {
        ValidationMeasurement measured = ValidationMeasurement.of(List.of(window(1, 1e8, 50, 100, 100, 100, 0.2)), 0);
        assertThat(measured.throughput().value()).isEqualTo(1.25e8);
    }

    @Test
    void threadsThatSleepAreNotScaledUp() {
        NativeWindow sleeper = new NativeWindow(
                "global-mutex",
                2,
                1.0,
                1.0,
                100,
                1e6,
                null,
                9000,
                0L,
                null,
                9000,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                true);
        ValidationMeasurement measured = ValidationMeasurement.of(List.of(sleeper), 0);
        assertThat(measured.throughput().value()).isEqualTo(1e6);
        assertThat(measured.abortsPerInterruption()).isNull();
        assertThat(measured.lineTransferNs()).isNull();
        assertThat(measured.othersCpuShare()).isNull();
    }

    @Test
    void threadsThatTookTurnsGiveNoErrorWhereTheyShareLines() {
        ValidationPrediction predicted = new ValidationPrediction(5e7, null, null, 0, null, null, null, 0);
        ValidationPoint shares = ValidationGrid.QUICK.points().get(5);
        assertThat(POINT.sharesLines()).isFalse();
        assertThat(shares.sharesLines()).isTrue();
        for (double others : new double[] {0.05, 0.4}) {
            ValidationMeasurement measured = measured(1e8, 0.5, 1000, others);
            assertThat(Validation.point(POINT, HostState.NEAR, measured, predicted)
                            .throughputOpsPerS()
                            .error())
                    .isEqualTo(-0.5);
            Validation.Point sharing = Validation.point(shares, HostState.NEAR, measured, predicted);
            assertThat(sharing.throughputOpsPerS().error() == null).isEqualTo(others > 0.1);
            assertThat(Validation.of(List.of(sharing)).past(0.1)).hasSize(others > 0.1 ? 0 : 1);
        }
    }

    @Test
    void theJsonSaysWhatEachErrorIs() {
        ValidationReport report = new ValidationReport(
                validation(8e7, 0.58, 1000),
                "quick",
                "zen4-vm-2",
                new Host("AuthenticAMD", 25, 17, 2.6e9, List.of(0, 1)),
                List.of(0, 1),
                List.of("a note"));
        JsonNode json = JsonMapper.shared().readTree(report.json(0.05));
        JsonNode point = json.path("points").path(0);
        assertThat(point.path("throughput_ops_per_s").path("relative_error").asDouble())
                .isCloseTo(-0.2, within(1e-12));
        assertThat(point.path("aborts_per_interruption").path("absolute_error").asDouble())
                .isCloseTo(0.08, within(1e-12));
        assertThat(point.path("aborts_per_interruption")
                        .path("measured_interruptions")
                        .asInt())
                .isEqualTo(1000);
        assertThat(point.path("preemptions_per_cpu_s").path("relative_error").asDouble())
                .isCloseTo(0.1, within(1e-12));
        assertThat(json.path("past_tolerance")).hasSize(2);
        assertThat(json.path("notes").path(0).asString()).isEqualTo("a note");
        assertThat(report.tables()).contains("-20.0 %", "+0.080", "+10.0 %", "note: a note");
    }

    @Test
    void aHostInAnotherStateThanTheProfileIsNoted() {
        Validation near = validation(1e8, 0.5, 1000);
        // The profile says 64.2 or 335 tsc of 2.5961 GHz, in a ping-pong 43 or 220 ns; the windows say 100.
        assertThat(ValidateCommand.conditions(near, ProfileReader.shipped("zen4-vm-2")))
                .isEmpty();
        // Made ten times faster: 22 ns at most.
        assertThat(ValidateCommand.conditions(near, tenTimesFaster()))
                .singleElement()
                .asString()
                .contains("100 ns");
    }

    private static MachineProfile tenTimesFaster() {
        MachineProfile profile = ProfileReader.shipped("zen4-vm-2");
        return new MachineProfile(
                profile.name(),
                10 * profile.clockHz(),
                profile.cpus(),
                profile.cpusPerCluster(),
                profile.clustersPerSocket(),
                profile.costs(),
                profile.facts());
    }

    @Test
    void progressCountsEveryPointAndEveryRun() {
        int runs = ValidationGrid.QUICK.points().stream()
                .mapToInt(point -> ValidationRuns.specs(point, ProfileReader.shipped("zen4-vm-2"))
                        .size())
                .sum();
        assertThat(ValidationRuns.steps(ValidationGrid.QUICK))
                .isEqualTo(ValidationGrid.QUICK.points().size() + runs);
    }

    @Test
    void theQuickGridHasTheTenPointsThatTheIssueAsksFor() {
        assertThat(ValidationGrid.QUICK.points()).hasSize(10).doesNotHaveDuplicates();
        assertThat(ValidationGrid.QUICK.points())
                .extracting(ValidationPoint::strategy)
                .contains("rseq-freelist", "percpu-cas", "percpu-lock", "global-mutex", "message-passing");
        assertThat(ValidationGrid.QUICK.points())
                .extracting(ValidationPoint::pad)
                .contains(0, 50, 500, 5000);
        assertThat(ValidationGrid.QUICK.points())
                .extracting(ValidationPoint::threads)
                .containsOnly(2, 8);
        for (ValidationPoint point : ValidationGrid.QUICK.points()) {
            assertThat(point.steady(1).workloadSettings().toString()).startsWith(point.workload());
        }
    }
}
