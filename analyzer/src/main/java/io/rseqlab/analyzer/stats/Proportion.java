package io.rseqlab.analyzer.stats;

import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Intervals for a share of independent trials, such as aborts per interruption.
 *
 * <p>Clopper–Pearson (<i>Biometrika</i> 26, 1934) never covers less than it says, and is wide for it; Wilson
 * (<i>Journal of the American Statistical Association</i> 22, 1927) covers its level on average (Brown, Cai and
 * DasGupta, <i>Statistical Science</i> 16, 2001). Both stay inside [0, 1] and say something at zero and at all.
 */
public final class Proportion {
    private Proportion() {}

    /** The exact interval of Clopper and Pearson: inverts the two one-sided binomial tests. */
    public static Estimate clopperPearson(long successes, long trials, double level) {
        requireCounts(successes, trials);
        Samples.requireLevel(level);
        double tail = (1 - level) / 2;
        double low = successes == 0 ? 0 : lowerEnd(successes, trials, tail);
        double high = successes == trials ? 1 : upperEnd(successes, trials, tail);
        return estimate(successes, trials, new Interval(low, high, level, "Clopper-Pearson"));
    }

    /** Wilson's score interval. */
    public static Estimate wilson(long successes, long trials, double level) {
        requireCounts(successes, trials);
        Samples.requireLevel(level);
        double z = NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - level) / 2);
        double share = (double) successes / trials;
        double weight = z * z / trials;
        double centre = (share + weight / 2) / (1 + weight);
        double half = Math.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight);
        double low = successes == 0 ? 0 : Math.max(0, centre - half);
        double high = successes == trials ? 1 : Math.min(1, centre + half);
        return estimate(successes, trials, new Interval(low, high, level, "Wilson"));
    }

    static void requireCounts(long successes, long trials) {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException(successes + " of " + trials + " is not a share of trials");
        }
    }

    private static double lowerEnd(long successes, long trials, double tail) {
        BetaDistribution beta = BetaDistribution.of(successes, trials - successes + 1.0);
        return Roots.firstTrue(1, x -> beta.cumulativeProbability(x) >= tail);
    }

    private static double upperEnd(long successes, long trials, double tail) {
        BetaDistribution beta = BetaDistribution.of(successes + 1.0, trials - successes);
        return Roots.firstTrue(1, x -> beta.survivalProbability(x) <= tail);
    }

    private static Estimate estimate(long successes, long trials, Interval interval) {
        return new Estimate((double) successes / trials, interval, trials);
    }
}
