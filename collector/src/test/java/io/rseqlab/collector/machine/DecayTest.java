package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How much of what is unused may stay, and for how long. */
class DecayTest {
    private static final long PERIOD = 200_000;
    private static final long BYTES = 1 << 20;

    private final Decay decay = new Decay();

    @Test
    void allStaysAtFirstHalfInTheMiddleAndNothingAtTheEnd() {
        assertThat(decay.limit(1000, PERIOD, BYTES)).isEqualTo(BYTES);
        long before = BYTES;
        for (long now = 2000; now < 200_000; now += 1000) {
            long limit = decay.limit(now, PERIOD, before);
            assertThat(limit).isLessThanOrEqualTo(before);
            if (now == 101_000) {
                assertThat(limit).isEqualTo(BYTES / 2);
            }
            before = limit;
        }
        assertThat(before).isPositive().isLessThan(BYTES / 1000);
        assertThat(decay.limit(201_000, PERIOD, before)).isZero();
    }

    /** What comes to be unused later has its own period. */
    @Test
    void everyEpochHasItsOwnCurve() {
        decay.limit(1000, PERIOD, BYTES);
        assertThat(decay.limit(101_000, PERIOD, BYTES / 2 + BYTES)).isEqualTo(BYTES);
    }

    @Test
    void withinAnEpochNothingIsAsked() {
        decay.limit(1000, PERIOD, 0);
        assertThat(decay.limit(1999, PERIOD, BYTES)).isEqualTo(Long.MAX_VALUE);
        assertThat(decay.limit(2000, PERIOD, BYTES)).isEqualTo(BYTES);
    }

    @Test
    void withoutAPeriodAllGoesAtOnce() {
        assertThat(decay.limit(1, 0, BYTES)).isZero();
    }
}
