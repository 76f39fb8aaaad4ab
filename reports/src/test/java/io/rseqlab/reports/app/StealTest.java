package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.RunSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that takes CPUs away costs their time, aborts nobody, and lets those go on whom a lock's holder held up. */
class StealTest {
    private static final MachineProfile MACHINE = ProfileReader.shipped("turin-vm-2");
    private static final double PER_SECOND = 2000;
    private static final double SECONDS = 20e-6;

    @TempDir
    private Path scratch;

    private RunResult run(ValidationPoint point, MachineProfile machine) throws IOException {
        RunSpec spec = ValidationRuns.specs(point, machine).get(0);
        Path trace = scratch.resolve("trace-" + machine.costOr("steal.per_s", 0));
        Collector.collect(spec, trace);
        return Analyzer.analyze(List.of(trace), new AnalyzerOptions(1, false, false))
                .runs()
                .get(0);
    }

    @Test
    void aStolenCpuLosesThatTimeAndAbortsNobody() throws IOException {
        ValidationPoint point =
                ValidationPoint.churn("rseq-freelist", 2).pad(5000).preemptions(20e-3);
        RunResult alone = run(point, MACHINE);
        RunResult stolen = run(point, MACHINE.stolen(PER_SECOND, SECONDS));
        // Some 80 gaps in 20 ms on two CPUs: their number has a standard deviation of a ninth.
        assertThat(stolen.number("throughput_ops_per_s") / alone.number("throughput_ops_per_s"))
                .isCloseTo(1 - PER_SECOND * SECONDS, within(3 * PER_SECOND * SECONDS / 9));
        // Threads are nearly always inside of a section: each gap would abort one.
        assertThat(stolen.number("aborts")).isLessThan(PER_SECOND * 20e-3 / 4);
        assertThat(stolen.number("preemptions")).isLessThan(PER_SECOND * 20e-3 / 4);
    }

    @Test
    void convoysBehindASwitchedOutHolderEndWhenTheOtherCpuIsTakenAway() throws IOException {
        ValidationPoint point = ValidationPoint.churn("percpu-lock", 4);
        RunResult alone = run(point, MACHINE);
        RunResult stolen = run(point, MACHINE.stolen(PER_SECOND, SECONDS));
        assertThat(stolen.number("throughput_ops_per_s")).isGreaterThan(1.4 * alone.number("throughput_ops_per_s"));
        assertThat(stolen.number("yields")).isGreaterThan(2 * alone.number("yields"));
    }

    private static NativeWindow looked(double seconds, long gaps, double gapSeconds) {
        double tscHz = ValidationWindowsTest.TSC_HZ;
        return ValidationWindowsTest.withGaps(gaps, Math.round(gaps * gapSeconds * tscHz), Math.round(seconds * tscHz));
    }

    @Test
    void ticksAreNotTheHosts() {
        double tick = MACHINE.cost("kernel.tick") / MACHINE.clockHz();
        assertThat(Steal.of(List.of(looked(1, 250, tick)), MACHINE)).isEqualTo(Steal.NONE);
        double share = 250 * tick + 800 * SECONDS;
        Steal found = Steal.of(List.of(looked(0.5, 525, share / 1050), looked(0.5, 525, share / 1050)), MACHINE);
        assertThat(found.perSecond()).isCloseTo(800, within(1e-3));
        assertThat(found.seconds()).isCloseTo(SECONDS, within(1e-9));
        assertThat(found.applied(MACHINE).cost("steal.gap")).isCloseTo(SECONDS * MACHINE.clockHz(), within(1.0));
    }

    /** One window of four in which another program had a turn must not make a point's model lose its time. */
    @Test
    void anotherProgramsTurnIsNotTheHosts() {
        double tick = MACHINE.cost("kernel.tick") / MACHINE.clockHz();
        double gap = (250 * tick + 800 * SECONDS) / 1050;
        NativeWindow quiet = looked(0.01, 10, gap);
        NativeWindow busy = looked(0.01, 10, 5e-3 / 10);
        Steal found = Steal.of(List.of(quiet, quiet, busy, quiet), MACHINE);
        assertThat(found).isEqualTo(Steal.of(List.of(quiet, quiet, quiet), MACHINE));
        assertThat(found).isNotEqualTo(Steal.NONE);
    }

    @Test
    void windowsOfWhichThatIsNotKnownStealNothing() {
        assertThat(Steal.of(List.of(), MACHINE)).isEqualTo(Steal.NONE);
        assertThat(Steal.NONE.applied(MACHINE)).isSameAs(MACHINE);
    }
}
