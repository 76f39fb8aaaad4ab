package io.rseqlab.collector.kernel;

/**
 * How much of the recent past something was on, 0 to 1; what lies 32.768 ms back counts half. Linux tracks loads so
 * (per-entity load tracking: periods of 1024 us, 32 of which halve). Source: kernel/sched/pelt.c.
 */
final class DecayingAverage {
    /** Seconds after which the past counts half. */
    private static final double HALF_LIFE_S = 32 * 1024e-6;

    /** Below this many half lives the first term of the series is good to 1e-8. */
    private static final double SHORT = 1.0 / 4096;

    private static final double LN_2 = StrictMath.log(2);

    private final double halfLifeCycles;
    private double value;
    private long updated;
    private boolean on;

    /** Begins at a value; the clock's rate in Hz says what a cycle is. */
    DecayingAverage(long clockHz, double initial) {
        halfLifeCycles = HALF_LIFE_S * clockHz;
        value = initial;
    }

    /** From this cycle on it is on or off. */
    void set(long now, boolean isOn) {
        at(now);
        on = isOn;
    }

    /** The average at a cycle. */
    double at(long now) {
        if (now > updated) {
            double halvings = (now - updated) / halfLifeCycles;
            double kept = halvings < SHORT ? 1 - halvings * LN_2 : StrictMath.pow(0.5, halvings);
            value = on ? 1 - (1 - value) * kept : value * kept;
            updated = now;
        }
        return value;
    }

    /** Adds what a task brings along, or takes away. */
    void add(long now, double share) {
        value = Math.max(0, at(now) + share);
    }
}
