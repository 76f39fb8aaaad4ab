package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;

/**
 * A number in a table, with its interval if it has one and the way it is shown.
 *
 * @param value the number
 * @param low lower end of its interval, or null
 * @param high upper end of its interval, or null
 * @param form how it is shown
 */
public record Quantity(double value, Double low, Double high, Form form) {
    /** How a number is shown. */
    public enum Form {
        /** Four significant digits. */
        NUMBER,
        /** Millions, with four significant digits; the header says so. */
        MILLIONS,
        /** A share as a percentage. */
        PERCENT,
        /** A time in s, ms, µs or ns. */
        SECONDS
    }

    public Quantity {
        if (!Double.isFinite(value) || (low == null) != (high == null)) {
            throw new IllegalArgumentException("not a number to show: " + value + " [" + low + ", " + high + "]");
        }
    }

    public static Quantity of(double value, Form form) {
        return new Quantity(value, null, null, form);
    }

    /** A share as a percentage. */
    public static Quantity percent(double share) {
        return of(share, Form.PERCENT);
    }

    /** A time. */
    public static Quantity seconds(double seconds) {
        return of(seconds, Form.SECONDS);
    }

    /** A value with its interval; null for no data. */
    public static Quantity of(Double value, Interval interval, Form form) {
        if (value == null) {
            return null;
        }
        return interval == null ? of(value, form) : new Quantity(value, interval.low(), interval.high(), form);
    }

    static Quantity of(Estimate estimate, Form form) {
        return estimate == null ? null : of(estimate.mean(), estimate.interval(), form);
    }

    String text(double number) {
        return switch (form) {
            case NUMBER -> Fmt.number(number);
            case MILLIONS -> Fmt.number(number / 1e6);
            case PERCENT -> Fmt.percent(number);
            case SECONDS -> Fmt.seconds(number);
        };
    }
}
