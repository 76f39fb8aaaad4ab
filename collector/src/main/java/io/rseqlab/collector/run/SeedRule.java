package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.UsageException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/**
 * When strategies have run with seeds enough: when the interval of each one's ratio to the first is as narrow as was
 * asked for. The runs are looked at again and again, each time with a quarter more seeds, and a stopping rule that
 * looks likes to stop where the runs happen to lie close together: their interval then holds the truth less often than
 * it says. So nothing is looked at before there are {@value #FIRST_LOOK} seeds, since the spread of few runs is too
 * often taken for small; and after the look that finds the intervals narrow enough half as many seeds again are run,
 * whatever they say, so that the last third of the runs had no part in the choice. How often the interval then holds
 * the truth {@code bench coverage} simulates, for several distributions. (On stopping when the interval is narrow, from
 * a least number of samples on: Chow and Robbins, <i>Annals of Mathematical Statistics</i> 36, 1965; on finishing in
 * one step: Hall, <i>Annals of Statistics</i> 9, 1981.)
 */
public final class SeedRule {
    /** So many seeds at most where nothing else is said. */
    public static final int MOST_SEEDS = 100;

    /** Seeds at the first look. */
    static final int FIRST_LOOK = 15;

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
     * Refuses a greatest number of seeds where nothing asks for more of them: it would be without effect.
     *
     * @param given the command line, on which there is no {@code --precision}
     */
    public static void refuseWithoutPrecision(ParseResult given) {
        if (given.hasMatchedOption("--max-seeds")) {
            throw new UsageException("--max-seeds bounds the seeds that --precision adds, and there is no --precision:"
                    + " add it, or leave out --max-seeds");
        }
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

    /** What is looked at: strategies under the same conditions. */
    public final class Watch {
        /** Seeds with which all is done; 0 while no look was narrow. */
        private int last;

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
            int seeds = runs.get(0).size();
            if (last == 0 && seeds >= FIRST_LOOK && reach <= precision) {
                last = Math.min(most, seeds + (seeds + 1) / 2);
            }
            return last > 0 && seeds >= last;
        }

        /** Seeds to go on to from so many; the same if there is nowhere to go. */
        public int next(int seeds) {
            int wanted = last > 0 ? last : seeds < FIRST_LOOK ? FIRST_LOOK : seeds + (seeds + SHARE - 1) / SHARE;
            return Math.max(seeds, Math.min(most, wanted));
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
