package io.rseqlab.reports.app;

import java.util.Arrays;
import java.util.Locale;

/**
 * Samples of one figure: their median, and how far they lie apart.
 *
 * @param unit what one is
 * @param samples in the order in which they were taken
 */
record BenchFigures(String unit, double[] samples) {
    double median() {
        double[] sorted = sorted();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    double least() {
        return sorted()[0];
    }

    double most() {
        return sorted()[samples.length - 1];
    }

    private double[] sorted() {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** For people: the median, and least and most behind it. */
    String text() {
        return String.format(Locale.ROOT, "%s %s (%s to %s)", round(median()), unit, round(least()), round(most()));
    }

    private static String round(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.3f" : value < 1000 ? "%.1f" : "%.0f", value);
    }

    /** A JSON object. */
    String json() {
        StringBuilder all = new StringBuilder();
        for (double sample : samples) {
            all.append(all.length() == 0 ? "" : ",").append(number(sample));
        }
        return String.format(
                Locale.ROOT,
                "{\"unit\":\"%s\",\"median\":%s,\"min\":%s,\"max\":%s,\"samples\":[%s]}",
                unit,
                number(median()),
                number(least()),
                number(most()),
                all);
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6g", value) : "null";
    }
}
