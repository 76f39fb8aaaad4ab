package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.UsageException;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times with units, as users write them: {@code 200ms}, {@code 1.5s}, {@code 50us}, {@code 800ns}, or plain 0. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9][0-9_]*(?:\\.[0-9]+)?)(ns|us|ms|s)");

    /** Nothing is the same in every unit. */
    private static final Pattern ZERO = Pattern.compile("0+(?:\\.0+)?");

    private Durations() {}

    /** Seconds of a text. */
    public static double parse(String text) {
        if (ZERO.matcher(text).matches()) {
            return 0;
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new UsageException(
                    "'" + text + "' is no time: write a number and a unit, as in 200ms (ns, us, ms, s)");
        }
        BigDecimal number = new BigDecimal(matcher.group(1).replace("_", ""));
        int scale = switch (matcher.group(2)) {
            case "ns" -> 9;
            case "us" -> 6;
            case "ms" -> 3;
            default -> 0;
        };
        return number.movePointLeft(scale).doubleValue();
    }

    /** A time that is known roughly, for people: {@code 40 s}, {@code 12 min}, {@code 3 h 20 min}. */
    public static String rough(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 600) {
            return whole + " s";
        }
        long minutes = Math.round(seconds / 60);
        return minutes < 60 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
    }

    /** The shortest text that {@link #parse} reads back to the same number. */
    public static String format(double seconds) {
        BigDecimal value = BigDecimal.valueOf(seconds);
        String[] units = {"s", "ms", "us", "ns"};
        for (int i = 0; i < units.length; i++) {
            BigDecimal scaled = value.movePointRight(3 * i);
            if (scaled.compareTo(BigDecimal.ONE) >= 0 || i == units.length - 1 || scaled.signum() == 0) {
                return scaled.stripTrailingZeros().toPlainString() + units[i];
            }
        }
        throw new IllegalStateException();
    }
}
