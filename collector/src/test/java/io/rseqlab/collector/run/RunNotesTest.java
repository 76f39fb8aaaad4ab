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
}
