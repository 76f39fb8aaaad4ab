package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * Where the better strategy changes along one line of a map.
 *
 * @param y the line: value on the second axis, null where there is none
 * @param kind none, one, several, at_edge (none inside, but an end of the axis is undecided), undecided or no_data
 * @param crossings the changes, in order
 * @param sentence the same in words
 */
public record Crossover(String y, String kind, List<Crossing> crossings, String sentence) {
    /** One change of the better strategy. */
    public static final String ONE = "one";

    /** More than one. */
    public static final String SEVERAL = "several";

    /** The same strategy is better at every point. */
    public static final String NONE = "none";

    /** None between decided points, but those at an end of the axis are undecided. */
    public static final String AT_EDGE = "at_edge";

    /** No point is decided. */
    public static final String UNDECIDED = "undecided";

    /** No point has data. */
    public static final String NO_DATA = "no_data";

    /**
     * One change. It lies between the last point at which one strategy is better and the first at which the other is.
     *
     * @param from the last point with {@code before}
     * @param to the first point with {@code after}
     * @param before the strategy better up to {@code from}
     * @param after the strategy better from {@code to} on
     * @param at the middle of the places that the points next to it leave open; null on axes of whole numbers and
     *     names, and where there are no such points: the bracket is the answer then
     * @param interval all places that are left open with the sampling error of the points; null as {@code at}
     */
    public record Crossing(String from, String to, String before, String after, Double at, Interval interval) {}
}
