package io.rseqlab.analyzer.result;

import java.util.List;
import java.util.Map;

/**
 * Who is the best of all strategies over one or two axes, where each was held against each.
 *
 * @param metric the metric
 * @param strategies all that were compared
 * @param place coordinates that are fixed in this map and differ between maps; empty if there is one map only
 * @param x the first axis
 * @param y the second axis, null for a line
 * @param comparisons pairs of strategies that p values are corrected over (Holm): those of all cells of all maps
 * @param test which test decides
 * @param points one for each cell
 */
public record WinnerMap(
        String metric,
        List<String> strategies,
        Map<String, String> place,
        MapAxis x,
        MapAxis y,
        int comparisons,
        String test,
        List<Point> points) {
    /**
     * One cell.
     *
     * @param x value on the first axis
     * @param y value on the second axis, null where there is none
     * @param state decided, undecided, too_few_seeds or no_data, as of a {@link MapPoint}
     * @param winner the strategy that is shown to be better than every other one; null where none is
     * @param contenders the best mean first, then all that are not shown to be worse
     * @param lead the best mean over the second, as a factor above 1 whichever way is good; null for no data
     */
    public record Point(String x, String y, String state, String winner, List<String> contenders, Double lead) {}
}
