package io.rseqlab.collector.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.workload.Arrivals.Law;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The law of arrivals: how many come in a stretch of time, and how much that varies. */
class ArrivalsTest {
    private static final int STRETCHES = 20_000;
    private static final long STRETCH = 10_000;

    /** Mean, and variance over mean, of the arrivals in stretches of 10 000 cycles. */
    private static double[] counts(Law law) {
        Arrivals arrivals = new Arrivals(law, 7);
        long cycle = arrivals.next();
        double sum = 0;
        double squares = 0;
        for (long stretch = 1; stretch <= STRETCHES; stretch++) {
            long count = 0;
            for (; cycle < stretch * STRETCH; cycle = arrivals.next()) {
                count++;
            }
            sum += count;
            squares += (double) count * count;
        }
        double mean = sum / STRETCHES;
        return new double[] {mean, (squares / STRETCHES - mean * mean) / mean};
    }

    @Test
    void aPoissonProcessVariesAsMuchAsItsMean() {
        double[] counts = counts(new Law(1000, true, 1));
        assertThat(counts[0]).isCloseTo(10, within(0.1));
        assertThat(counts[1]).isCloseTo(1, within(0.05));
    }

    /**
     * Bursts of a geometric number with mean b: variance over mean of what arrives is E[k squared] / E[k] = 2 b - 1.
     */
    @Test
    void burstsVaryByTheirSizes() {
        double[] counts = counts(new Law(4000, true, 4));
        assertThat(counts[0]).isCloseTo(10, within(0.15));
        assertThat(counts[1]).isCloseTo(7, within(0.35));
    }

    @Test
    void constantGapsDoNotVary() {
        double[] counts = counts(new Law(1000, false, 1));
        assertThat(counts[0]).isCloseTo(10, Offset.offset(1e-3));
        assertThat(counts[1]).isLessThan(1e-3);
    }

    /** However late somebody asks, it is the same arrivals that are counted. */
    @Test
    void whatArrivedDoesNotDependOnWhoAsks() {
        Law law = new Law(777.7, true, 2);
        long whole = Arrivals.count(law, 5, 0, 1_000_000);
        assertThat(Arrivals.count(law, 5, 0, 400_000) + Arrivals.count(law, 5, 400_000, 1_000_000))
                .isEqualTo(whole);
        assertThat(whole).isPositive();
    }
}
