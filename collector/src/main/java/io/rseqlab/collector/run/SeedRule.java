package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.UsageException;
import java.nio.file.Path;
import java.util.List;

/**
 * When strategies have run with seeds enough: when the interval of each one's ratio to the first is as narrow as was
 * asked for. The runs are looked at again and again, each time with a quarter more seeds, and a stopping rule that
 * looks likes to stop where the runs happen to lie close together: their interval then holds the truth less often than
 * it says. So narrow must be seen at two looks in a row, or half of what was asked for at one. How often the interval
 * then holds the truth is simulated by a test, for several distributions (on stopping when the interval is narrow: Chow
 * and Robbins, <i>Annals of Mathematical Statistics</i> 36, 1965).
 */
public final class SeedRule {
    /** So many seeds at most where nothing else is said. */
    public static final int MOST_SEEDS = 100;

    private static final int LOOKS = 2;
    private static final int SHARE = 4;

    private final double precision;
    private final int most;
    private final RatioOfRuns ratios;

    /**
     * A rule.
     *
     * @param precision how far an interval may reach from its ratio, as a share of it
     * @param most seeds at which to stop anyway
     */
    public SeedRule(double precision, int most, RatioOfRuns ratios) {
        this.precision = precision;
        this.most = most;
        this.ratios = ratios;
    }

    /**
     * The precision of a command line.
     *
     * @param text a share above 0 and below 1, as 0.02 or 2%
     */
    public static double parse(String text) {
        try {
            boolean percent = text.endsWith("%");
            double share = Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
            share = percent ? share / 100 : share;
            if (share > 0 && share < 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same message.
        }
        throw new UsageException("--precision must be a share above 0 and below 1, as 0.02 or 2%, not '" + text + "'");
    }

    /** Seeds at the look that follows one with so many; the same if there is none. */
    public int next(int seeds) {
        return Math.max(seeds, Math.min(most, seeds + (seeds + SHARE - 1) / SHARE));
    }

    /** What is looked at: strategies under the same conditions. */
    public final class Watch {
        private int narrow;
        private double reach = Double.NaN;

        /**
         * Looks at the runs.
         *
         * @param runs traces by strategy, seed by seed, the baseline's first
         * @return true if they are enough, or no number of seeds will help
         */
        public boolean enough(List<List<Path>> runs) {
            reach = 0;
            for (List<Path> candidate : runs.subList(1, runs.size())) {
                RatioOfRuns.Ratio ratio = ratios.of(candidate, runs.get(0));
                if (ratio == null) {
                    reach = Double.NaN;
                    return true;
                }
                reach = Math.max(reach, ratio.reach());
            }
            narrow = reach <= precision ? narrow + 1 : 0;
            return narrow >= LOOKS || reach <= precision / 2;
        }

        /** True if the last look was at intervals as narrow as asked for. */
        public boolean narrow() {
            return reach <= precision;
        }

        /** How far the widest interval of the last look reached, as a share of its ratio; NaN where there is none. */
        public double reach() {
            return reach;
        }
    }
}
