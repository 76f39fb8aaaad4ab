package io.rseqlab.analyzer.result;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The value of one metric: either a leaf with a number, or a group of named parts. A leaf without a number is "no
 * data", which is not zero; its note says why.
 *
 * @param value the number (Long for counts, else Double), null for no data and for groups
 * @param unit unit of the number, shared by all parts of a group; empty for shares
 * @param numerator of a ratio, else null
 * @param denominator of a ratio, else null
 * @param interval of the value, or null
 * @param parts the parts of a group in their order; empty for a leaf
 * @param note what must be known to read the number, or why there is none; else null
 */
public record MetricValue(
        Number value,
        String unit,
        Long numerator,
        Long denominator,
        Interval interval,
        Map<String, MetricValue> parts,
        String note) {

    public MetricValue {
        Objects.requireNonNull(unit);
        value = exact(value);
        parts = parts == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    private static Number exact(Number value) {
        if (value == null || value instanceof Long) {
            return value;
        }
        if (value instanceof Integer) {
            return value.longValue();
        }
        double number = value.doubleValue();
        if (!Double.isFinite(number)) {
            throw new IllegalStateException("a metric is no finite number: " + number);
        }
        return number;
    }

    public static MetricValue of(Number value, String unit) {
        return new MetricValue(value, unit, null, null, null, Map.of(), null);
    }

    /** The quotient of two counts; no data where the denominator is zero. */
    public static MetricValue ratio(long numerator, long denominator, double scale, String unit) {
        if (denominator == 0) {
            return new MetricValue(null, unit, numerator, 0L, null, Map.of(), "no data: the denominator is zero");
        }
        return new MetricValue(scale * numerator / denominator, unit, numerator, denominator, null, Map.of(), null);
    }

    public static MetricValue noData(String unit, String why) {
        return new MetricValue(null, unit, null, null, null, Map.of(), "no data: " + why);
    }

    public static MetricValue group(String unit, Map<String, MetricValue> parts) {
        return new MetricValue(null, unit, null, null, null, parts, null);
    }

    public MetricValue withInterval(Interval newInterval) {
        return new MetricValue(value, unit, numerator, denominator, newInterval, parts, note);
    }

    public MetricValue withNote(String newNote) {
        return new MetricValue(value, unit, numerator, denominator, interval, parts, newNote);
    }

    public boolean isGroup() {
        return !parts.isEmpty();
    }

    /** True where there is a number, in the leaf or in any part. */
    public boolean hasData() {
        return value != null || parts.values().stream().anyMatch(MetricValue::hasData);
    }

    /** The part at a dotted path such as {@code malloc.p99}, or null. */
    public MetricValue part(String path) {
        int dot = path.indexOf('.');
        MetricValue part = parts.get(dot < 0 ? path : path.substring(0, dot));
        return dot < 0 || part == null ? part : part.part(path.substring(dot + 1));
    }
}
