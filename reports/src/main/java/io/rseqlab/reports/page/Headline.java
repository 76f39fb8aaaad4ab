package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Goodness;

/**
 * The metric a comparison is about: what to call it, how to show it, and which way is good.
 *
 * @param metric its id or path
 * @param title what to call it, with the unit it is shown in
 * @param form how it is shown
 * @param moreIsBetter true where a higher value is better
 */
record Headline(String metric, String title, Quantity.Form form, boolean moreIsBetter) {
    static Headline of(ComparisonDocument document) {
        String metric = document.metric();
        if (metric.equals("throughput_ops_per_s")) {
            return new Headline(metric, "Throughput, million operations/s", Quantity.Form.MILLIONS, true);
        }
        return new Headline(metric, metric, Quantity.Form.NUMBER, Goodness.moreIsBetter(metric));
    }

    /** What to call it without a unit. */
    String name() {
        int comma = title.indexOf(',');
        return comma < 0 ? title : title.substring(0, comma);
    }

    /** Factor from the metric's unit to the one it is shown in. */
    double factor() {
        return form == Quantity.Form.MILLIONS ? 1e-6 : 1;
    }

    /** Better, worse, same or none: a class of the style sheet. */
    String tone(Contrast contrast) {
        return switch (direction(contrast)) {
            case 1 -> moreIsBetter ? "better" : "worse";
            case -1 -> moreIsBetter ? "worse" : "better";
            default -> contrast.interval() == null ? "none" : "same";
        };
    }

    /** An arrow that says the same without colour. */
    static String sign(Contrast contrast) {
        return switch (direction(contrast)) {
            case 1 -> "▲";
            case -1 -> "▼";
            default -> contrast.interval() == null ? "" : "≈";
        };
    }

    private static int direction(Contrast contrast) {
        String outcome = String.valueOf(contrast.outcome());
        return outcome.equals("higher") ? 1 : outcome.equals("lower") ? -1 : 0;
    }
}
