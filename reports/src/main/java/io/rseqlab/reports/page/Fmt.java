package io.rseqlab.reports.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers for people, the same under every locale. Exact values stand beside them in the page ({@code <data value>})
 * and in the embedded JSON.
 */
final class Fmt {
    private static final int DIGITS = 4;

    private Fmt() {}

    /** Four significant digits, and all digits before the point; thousands grouped by commas. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("not a number to show: " + value);
        }
        BigDecimal exact = new BigDecimal(Double.toString(value));
        if (exact.signum() == 0) {
            return "0";
        }
        BigDecimal rounded = Math.abs(value) >= 1000
                ? exact.setScale(0, RoundingMode.HALF_EVEN)
                : exact.round(new MathContext(DIGITS, RoundingMode.HALF_EVEN));
        if (Math.abs(value) < 1e-4) {
            return rounded.stripTrailingZeros().toString().replace("E", "e");
        }
        return grouped(rounded.toPlainString());
    }

    /** A count: every digit. */
    static String count(long value) {
        return grouped(Long.toString(value));
    }

    /** A share as a percentage: 0.123 is 12.3 %. */
    static String percent(double share) {
        BigDecimal percent = new BigDecimal(Double.toString(share)).movePointRight(2);
        int decimals = share != 0 && Math.abs(share) < 0.01 ? 3 : 1;
        String digits = percent.setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
        return (digits.matches("-0\\.0+") ? digits.substring(1) : digits) + " %";
    }

    /** A time, in the unit that suits it. */
    static String seconds(double seconds) {
        double size = Math.abs(seconds);
        if (size == 0 || size >= 1) {
            return number(seconds) + " s";
        }
        if (size >= 1e-3) {
            return number(seconds * 1e3) + " ms";
        }
        return size >= 1e-6 ? number(seconds * 1e6) + " µs" : number(seconds * 1e9) + " ns";
    }

    private static String grouped(String plain) {
        int sign = plain.startsWith("-") ? 1 : 0;
        int point = plain.indexOf('.');
        StringBuilder text = new StringBuilder(plain);
        for (int i = (point < 0 ? plain.length() : point) - 3; i > sign; i -= 3) {
            text.insert(i, ',');
        }
        return text.toString();
    }
}
