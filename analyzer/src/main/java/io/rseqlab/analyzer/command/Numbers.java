package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.result.Interval;
import java.util.Locale;

/** Numbers for people: four digits or so, the same in every locale; no data is a dash. */
final class Numbers {
    static final String NO_DATA = "–";

    /** In place of an interval whose ends coincide. */
    static final String NO_VARIATION = "no variation";

    private Numbers() {}

    static String of(Number number) {
        if (number == null) {
            return NO_DATA;
        }
        if (number instanceof Long || number instanceof Integer) {
            return of(number.longValue());
        }
        return of(number.doubleValue());
    }

    static String of(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String of(double number) {
        double size = Math.abs(number);
        if (number == 0) {
            return "0";
        }
        if (size >= 1e15 || size < 1e-4) {
            return String.format(Locale.ROOT, "%.3e", number);
        }
        int digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : size >= 0.01 ? 4 : 6;
        return String.format(Locale.ROOT, "%,." + digits + "f", number);
    }

    static String of(Interval interval) {
        if (interval == null) {
            return NO_DATA;
        }
        return interval.constant() ? NO_VARIATION : "[" + of(interval.low()) + ", " + of(interval.high()) + "]";
    }
}
