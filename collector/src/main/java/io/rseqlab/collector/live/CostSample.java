package io.rseqlab.collector.live;

/**
 * One cost as the native driver measures it in one round.
 *
 * @param unit {@code tsc} for cycles of the time stamp counter, {@code ns}, {@code cycle} or {@code count}
 * @param p5 value that 5 % of the repetitions stay below
 * @param p50 their median
 * @param p95 value that 5 % exceed
 */
record CostSample(String unit, double p5, double p50, double p95) {
    /** A number that is known as it is. */
    static CostSample count(double value) {
        return new CostSample("count", value, value, value);
    }

    /** The same in another unit. */
    CostSample times(double factor, String newUnit) {
        return new CostSample(newUnit, p5 * factor, p50 * factor, p95 * factor);
    }

    /** The same with something taken off; no cost is less than nothing. */
    CostSample less(double amount) {
        return new CostSample(unit, Math.max(0, p5 - amount), Math.max(0, p50 - amount), Math.max(0, p95 - amount));
    }

    /** The difference to a cost that is part of this one, by medians; the spread is this one's. */
    CostSample less(CostSample part) {
        return less(part.p50);
    }
}
