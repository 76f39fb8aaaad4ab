package io.rseqlab.reports.page;

import java.util.List;

/**
 * Predictions of one quantity beside what was measured.
 *
 * @param id name of its picture
 * @param title what the quantity is
 * @param unit its unit, or empty
 * @param relative true where errors are shares of what was measured, false where they are amounts
 * @param tolerance error up to which a prediction is called near, relative or an amount
 * @param near how many are near enough, in words
 * @param dots the comparisons
 */
public record Agreement(
        String id, String title, String unit, boolean relative, double tolerance, String near, List<Dot> dots) {

    public Agreement {
        dots = List.copyOf(dots);
    }

    /**
     * One comparison.
     *
     * @param strategy what allocated
     * @param point the rest of the point, in words
     * @param measured what was measured
     * @param low least of what was measured
     * @param high most of what was measured
     * @param predicted what was predicted
     * @param error the error, relative or an amount; null where the measurement was disturbed or is too thin
     */
    public record Dot(
            String strategy, String point, double measured, double low, double high, double predicted, Double error) {}
}
