package io.rseqlab.collector.run;

import java.nio.file.Path;
import java.util.List;

/** Says what runs show of one strategy against another; the statistics live with who reads traces. */
@FunctionalInterface
public interface RatioOfRuns {
    /**
     * Compares the runs of two strategies.
     *
     * @param candidate traces, seed by seed
     * @param baseline traces of the same seeds, in the same order
     * @return the ratio of candidate to baseline; null if there is none, since some run has nothing to divide
     */
    Ratio of(List<Path> candidate, List<Path> baseline);

    /**
     * A ratio with its interval.
     *
     * @param value candidate over baseline
     * @param low the least that the runs leave possible; NaN if they are too few for an interval
     * @param high the most
     */
    record Ratio(double value, double low, double high) {
        /** How far the interval reaches from the ratio to its farther end, as a share of the ratio. */
        double reach() {
            return Math.max(high / value, value / low) - 1;
        }

        /** 1 if the candidate's figure is higher, -1 if it is lower, 0 if the interval leaves it open. */
        public int sign() {
            return low > 1 ? 1 : high < 1 ? -1 : 0;
        }
    }
}
