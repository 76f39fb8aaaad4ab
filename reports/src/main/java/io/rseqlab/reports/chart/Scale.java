package io.rseqlab.reports.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The range of an axis and where its ticks stand. Pure arithmetic: equal values still get a range, ticks lie on round
 * numbers, and no data is an error.
 *
 * @param low lower end
 * @param high upper end
 * @param log true where equal ratios take equal lengths
 * @param ticks tick positions, rising
 */
record Scale(double low, double high, boolean log, List<Double> ticks) {
    private static final double MARGIN = 0.04;

    /** Ratio of values from which the smallest would lie on the axis line. */
    private static final double FAR = 200;

    Scale {
        if (!(low < high) || !Double.isFinite(low) || !Double.isFinite(high) || log && low <= 0) {
            throw new IllegalArgumentException("no range for an axis: " + low + " to " + high);
        }
        ticks = List.copyOf(ticks);
    }

    /** Where a value lies, as a share of the axis from its lower end. */
    double share(double value) {
        return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** The value at a share of the axis. */
    double at(double share) {
        return log ? low * Math.pow(high / low, share) : low + share * (high - low);
    }

    /** A linear axis that holds all values and zero. */
    static Scale fromZero(List<Double> values) {
        double highest = Math.max(0, highest(values));
        double lowest = Math.min(0, lowest(values));
        double span = highest - lowest == 0 ? 1 : highest - lowest;
        double high = highest == 0 && lowest < 0 ? 0 : highest + MARGIN * span;
        double low = lowest == 0 ? 0 : lowest - MARGIN * span;
        return linear(low, highest == 0 && lowest == 0 ? 1 : high);
    }

    /** A linear axis from one value to another. */
    static Scale linear(double low, double high) {
        return new Scale(low, high, false, linearTicks(low, high));
    }

    /** A logarithmic axis that holds all values, which are positive. */
    static Scale log(List<Double> values) {
        double lowest = lowest(values);
        double highest = highest(values);
        if (lowest <= 0) {
            throw new IllegalArgumentException("a logarithmic axis cannot show " + lowest);
        }
        double grow = Math.max(Math.pow(highest / lowest, MARGIN), 1.02);
        return logarithmic(lowest / grow, highest * grow);
    }

    static Scale logarithmic(double low, double high) {
        double decades = Math.log10(high / low);
        return new Scale(low, high, true, decades < 0.7 ? linearTicks(low, high) : logTicks(low, high, decades));
    }

    /** A linear axis, or a logarithmic one where the smallest value would be lost beside the largest. */
    static Scale forRates(List<Double> values) {
        double lowest = lowest(values);
        return lowest > 0 && highest(values) / lowest > FAR ? log(values) : fromZero(values);
    }

    private static List<Double> logTicks(double low, double high, double decades) {
        double[] steps = decades <= 3 ? new double[] {1, 2, 5} : new double[] {1};
        int every = (int) Math.ceil(decades / 9);
        List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
            for (double step : steps) {
                double tick = round(step * Math.pow(10, power));
                if (tick >= low && tick <= high && Math.floorMod(power, every) == 0) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    private static List<Double> linearTicks(double low, double high) {
        double step = niceStep((high - low) / 7);
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-12); i++) {
            ticks.add(round(i * step));
        }
        return ticks;
    }

    /** The smallest of 1, 2, 5 times a power of ten that is not less than a length. */
    static double niceStep(double length) {
        double power = Math.pow(10, Math.floor(Math.log10(length)));
        for (double step : new double[] {1, 2, 5}) {
            if (step * power >= length * (1 - 1e-9)) {
                return round(step * power);
            }
        }
        return round(10 * power);
    }

    /** A number as an axis shows it: no grouping, no superfluous digits, powers of ten beyond a million. */
    static String text(double value) {
        double size = Math.abs(value);
        if (size != 0 && (size >= 1e6 || size < 1e-4)) {
            int power = (int) Math.floor(Math.log10(size) + 1e-12);
            String digits = plain(value / Math.pow(10, power));
            return (digits.equals("1") ? "10" : digits + "·10") + superscript(power);
        }
        return plain(value);
    }

    /** A number in three significant digits, and all digits before the point. */
    static String brief(double value) {
        BigDecimal exact = new BigDecimal(value);
        int whole = exact.precision() - exact.scale();
        return text(exact.round(new MathContext(Math.max(3, whole))).doubleValue());
    }

    private static String plain(double value) {
        BigDecimal digits = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
        return digits.signum() == 0 ? "0" : digits.toPlainString();
    }

    private static String superscript(int power) {
        String digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
        StringBuilder text = new StringBuilder(power < 0 ? "⁻" : "");
        for (char digit : Integer.toString(Math.abs(power)).toCharArray()) {
            text.append(digits.charAt(digit - '0'));
        }
        return text.toString();
    }

    private static double round(double value) {
        return value == 0 ? 0 : new BigDecimal(value).round(new MathContext(12)).doubleValue();
    }

    private static double lowest(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow(Scale::noData);
    }

    private static double highest(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow(Scale::noData);
    }

    private static IllegalArgumentException noData() {
        return new IllegalArgumentException("no data: an axis needs at least one value");
    }
}
