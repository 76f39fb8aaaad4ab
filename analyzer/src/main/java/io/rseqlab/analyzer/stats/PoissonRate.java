package io.rseqlab.analyzer.stats;

import org.apache.commons.statistics.distribution.GammaDistribution;

/**
 * Exact interval for the rate of events that come independently, such as preemptions per CPU-second: Garwood
 * (<i>Biometrika</i> 28, 1936). No event at all still bounds the rate from above (at 95 %: 3.69 over the exposure).
 */
public final class PoissonRate {
    private PoissonRate() {}

    /**
     * Events per unit of exposure.
     *
     * @param events how many were seen
     * @param exposure over how much: seconds, operations; above 0
     */
    public static Estimate garwood(long events, double exposure, double level) {
        Samples.requireLevel(level);
        if (events < 0 || !(exposure > 0) || Double.isInfinite(exposure)) {
            throw new IllegalArgumentException(events + " events over an exposure of " + exposure);
        }
        double tail = (1 - level) / 2;
        double low = events == 0 ? 0 : lowerMean(events, tail);
        Interval interval = new Interval(low / exposure, upperMean(events, tail) / exposure, level, "Garwood");
        return new Estimate(events / exposure, interval, events);
    }

    private static double lowerMean(long events, double tail) {
        GammaDistribution gamma = GammaDistribution.of(events, 1);
        return Roots.firstTrue(Double.MAX_VALUE, x -> gamma.cumulativeProbability(x) >= tail);
    }

    private static double upperMean(long events, double tail) {
        GammaDistribution gamma = GammaDistribution.of(events + 1.0, 1);
        return Roots.firstTrue(Double.MAX_VALUE, x -> gamma.survivalProbability(x) <= tail);
    }
}
