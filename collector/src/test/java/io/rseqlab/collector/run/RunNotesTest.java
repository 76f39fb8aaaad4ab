package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a run of a recording says of the work between calls can be computed by hand. */
class RunNotesTest {
    @Test
    void theShareOfTheAllocatorFollowsTheWorkBetweenCalls() {
        // 100 of 1000 cycles in malloc and free, 600 of work between, 300 of the program's other steps
        assertThat(RunNotes.sensitivity(100, 1000, 600, 50))
                .startsWith("malloc and free took 10 % of the threads' CPU time; with half the work between calls")
                .endsWith(" it would be 14 %, with twice as much 6.3 %, without any 25 %");
        assertThat(RunNotes.sensitivity(100, 1000, 950, 50)).endsWith("without any 100 %");
        assertThat(RunNotes.sensitivity(100, 100, 0, 1)).startsWith("malloc and free took 100 %");
    }

    @Test
    void whereNoneIsKnownSomeIsTried() {
        assertThat(RunNotes.sensitivity(100, 1000, 0, 40))
                .startsWith("malloc and free took 10 % of the threads' CPU time; nothing is known of the work")
                .endsWith(" with 100 cycles of it a call it would be 2.0 %, with 1000 cycles of it a call 0.24 %");
    }

    @Test
    void aLongRunThatWentStepByStepSaysWhy() {
        RunRequest churn = RunRequest.of("rseq-freelist", "churn").cpus(2);
        long many = 2_000_000_000;
        assertThat(stepwise(churn, many, 1)).isNull();
        assertThat(stepwise(churn, 1000, 0)).isNull();
        assertThat(stepwise(churn, many, 0)).contains("draws random numbers");
        assertThat(stepwise(churn.inject("no-abort"), many, 0)).contains("draws random numbers");
        assertThat(stepwise(churn.inject("abort-storm:0.3"), many, 0)).contains("--inject");
        assertThat(stepwise(churn.ops(OpsMode.parse("all")), many, 0)).contains("--ops");
        assertThat(stepwise(churn.slackCycles(63), many, 0)).contains("--slack-cycles is below 64");
    }

    private static String stepwise(RunRequest request, long microOps, long skipped) {
        return RunNotes.stepwise(RunSpecs.resolve(request, 1), microOps, skipped);
    }
}
