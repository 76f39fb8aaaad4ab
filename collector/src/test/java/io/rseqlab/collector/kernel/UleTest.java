package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** ULE's arithmetic, against values worked out by hand from sched_ule.c. */
class UleTest {
    @Test
    void theSliceIsDividedByTheWaitingDownToASixth() {
        assertThat(Ule.sliceTicks(0)).isEqualTo(12);
        assertThat(Ule.sliceTicks(1)).isEqualTo(12);
        assertThat(Ule.sliceTicks(2)).isEqualTo(6);
        assertThat(Ule.sliceTicks(5)).isEqualTo(2);
        assertThat(Ule.sliceTicks(6)).isEqualTo(2);
        assertThat(Ule.sliceTicks(100)).isEqualTo(2);
    }

    /** A thread that sleeps five times as long as it runs has 10, one that runs longer than it sleeps 50. */
    @Test
    void theScoreIsRunForAFiftiethOfSleep() {
        assertThat(Ule.score(0, 0)).isZero();
        assertThat(Ule.score(1000, 5000)).isEqualTo(10);
        assertThat(Ule.score(3000, 5000)).isEqualTo(30);
        assertThat(Ule.score(5000, 1000)).isEqualTo(50);
    }

    @Test
    void onlyAnInteractiveThreadFromAnotherCpuPreempts() {
        assertThat(Ule.shouldPreempt(130, 190, true)).isTrue();
        assertThat(Ule.shouldPreempt(130, 190, false)).isFalse();
        assertThat(Ule.shouldPreempt(130, 140, true)).isFalse();
        assertThat(Ule.shouldPreempt(160, 190, true)).isFalse();
        assertThat(Ule.shouldPreempt(190, 190, true)).isFalse();
        assertThat(Ule.shouldPreempt(70, 190, false)).isTrue();
    }
}
