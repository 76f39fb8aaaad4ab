package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs beside each other, and what is said of them. */
class ParallelRunsTest {
    /** A run that is cut short is not one of those that are done. */
    @Test
    void progressCountsNoRunThatWasInterrupted() {
        StringWriter text = new StringWriter();
        long[] now = {0};
        Progress progress = new Progress("collect", 3, 3, new PrintWriter(text), true, () -> now[0] += 1_000_000_000L);
        StopFlag stop = new StopFlag();
        List<ParallelRuns.Job<String>> jobs = List.of(
                () -> "whole",
                () -> {
                    stop.raise();
                    return "cut short";
                },
                () -> "never begun");
        assertThat(ParallelRuns.run(jobs, 1, progress, stop)).containsExactly("whole", "cut short", null);
        assertThat(text.toString()).contains("1 of 3 runs").doesNotContain("2 of 3 runs");
        assertThat(ParallelRuns.run(Collections.nCopies(2, () -> "x"), 1, progress))
                .hasSize(2);
    }
}
