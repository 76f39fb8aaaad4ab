package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Section;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * How a loop between the reads and the commit of a section moves where interruptions land. A Zen 5 was measured: it
 * predicts the exit of a loop of 25 turns and not that of one of 250 (padding 500), so that at 500 the refills behind
 * the loops stand beside the sections; with 2500 turns they no longer count. Eight threads on two CPUs, exposure only.
 */
class PaddedSectionTest {
    private static final double WARMUP_SECONDS = 100e-6;
    private static final double WINDOW_SECONDS = 1e-3;

    private final Simulation five = exposed(500);

    private static Simulation exposed(int pad) {
        RunRequest request = RunRequest.of("rseq-freelist", "churn:pad=" + pad)
                .cpus(2)
                .threads(8)
                .warmup(WARMUP_SECONDS)
                .window(WINDOW_SECONDS)
                .ops(OpsMode.NONE)
                .noise(false)
                .oracle(false);
        Simulation simulation = new Simulation(RunSpecs.resolve(request, 1), event -> {}, null);
        simulation.runTo(simulation.spec().machine().cyclesOf(WARMUP_SECONDS));
        Arrays.fill(simulation.machine().exposureCycles, 0);
        simulation.runTo(simulation.spec().machine().cyclesOf(WARMUP_SECONDS + WINDOW_SECONDS));
        return simulation;
    }

    private static double shareInside(Simulation simulation) {
        long[] cycles = simulation.machine().exposureCycles;
        double inside = 0;
        for (Section section : simulation.program().sections()) {
            inside += Arrays.stream(cycles, section.start(), section.start() + section.length())
                    .sum();
        }
        return inside / Arrays.stream(cycles).sum();
    }

    @Test
    void refillsKeepTheAbortProbabilityOfAPaddingOf500BelowThatOf5000() {
        double difference = shareInside(exposed(5000)) - shareInside(five);
        assertThat(difference).isBetween(0.06, 0.11);
    }

    @Test
    void theRefillIsChargedBehindTheCommitAndNeverToIt() {
        long[] cycles = five.machine().exposureCycles;
        long behind = 0;
        for (String name : List.of("pop", "push")) {
            Section section = five.program().sections().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            int end = section.start() + section.length();
            assertThat(five.program().text(end - 1)).startsWith("st64");
            assertThat(cycles[end - 1]).as("the commit of " + name).isZero();
            behind += Arrays.stream(cycles, end, firstBehind(end) + 1).sum();
        }
        assertThat((double) behind / Arrays.stream(cycles).sum()).isBetween(0.05, 0.10);
    }

    /** Marks take no part in retirement: what lands before them lands on what follows. */
    private int firstBehind(int position) {
        int next = position;
        while (five.program().text(next).startsWith("mark")) {
            next++;
        }
        return next;
    }
}
