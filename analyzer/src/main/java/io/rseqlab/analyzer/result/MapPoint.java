package io.rseqlab.analyzer.result;

import java.util.Locale;

/**
 * One point of a map: two strategies under one combination of coordinates.
 *
 * @param x value on the first axis
 * @param y value on the second axis, null where there is none
 * @param state decided, below_margin, undecided, equivalent, too_few_seeds or no_data
 * @param winner the strategy that is better where that is decided, else null
 * @param ratio candidate over baseline, null for no data
 * @param interval of the ratio, null below the least number of pairs
 * @param n pairs of runs
 * @param pHolm p corrected (Holm) over all comparisons of the document, by which the point was decided; null where
 *     there is none
 * @param modelError the error of the model that is documented for such runs, a share; null where none is
 * @param costs what became of it where costs were drawn from their ranges; null where they were not
 */
public record MapPoint(
        String x,
        String y,
        String state,
        String winner,
        Double ratio,
        Interval interval,
        int n,
        Double pHolm,
        Double modelError,
        CostDraws costs) {
    /** One of the two is better. */
    public static final String DECIDED = "decided";

    /** One of the two is better, but by less than the margin that does not matter: nobody wins. */
    public static final String BELOW_MARGIN = "below_margin";

    /** The runs do not show which is better. */
    public static final String UNDECIDED = "undecided";

    /** The difference lies within the margin that does not matter. */
    public static final String EQUIVALENT = "equivalent";

    /** There is no interval. */
    public static final String TOO_FEW_SEEDS = "too_few_seeds";

    /** One of the two did not run here, or lacks the metric. */
    public static final String NO_DATA = "no_data";

    /** What becomes one with the signs that stand beside it. */
    private static final double SHOWN_PERCENT = 0.005;

    /**
     * By how much the candidate's figure differs from the baseline's, in few characters: a dash for no data, "same" for
     * no difference at all, and never a signed zero.
     */
    public String change() {
        if (ratio == null) {
            return state.equals(EQUIVALENT) ? "same" : "–";
        }
        double percent = 100 * (ratio - 1);
        double size = Math.abs(percent);
        if (size < SHOWN_PERCENT) {
            return percent == 0 ? "same" : "<0.01%";
        }
        return size >= 900
                ? String.format(Locale.ROOT, "×%.0f", ratio)
                : String.format(Locale.ROOT, size < 0.095 ? "%+.2f%%" : size < 9.95 ? "%+.1f%%" : "%+.0f%%", percent);
    }

    /** True where one of the two is better, but by less than the documented error of the model. */
    public boolean withinModelError() {
        return winner != null && modelError != null && Math.abs(ratio - 1) < modelError;
    }
}
