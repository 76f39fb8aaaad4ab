package io.rseqlab.analyzer.result;

/** Strategies that no program can run, which are there to be compared with: bounds, and never called the best. */
public final class Bounds {
    private static final String BOUND = "ideal";

    private Bounds() {}

    /** True of a bound, whatever its parameters. */
    public static boolean isBound(String strategy) {
        return strategy.equals(BOUND) || strategy.startsWith(BOUND + ":");
    }
}
