package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.MeanInterval;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Estimates of a metric over the runs of a strategy. */
final class Estimates {
    private static final Set<String> AT_MOST_ONE = Set.of("fairness_jain", "order_wait_share");

    private Estimates() {}

    /**
     * The estimate; null where no run knows the metric at all.
     *
     * @param where a name for the place, from which the resampling's random stream is derived
     */
    static Estimate of(List<RunResult> runs, String path, double confidence, String where) {
        List<Double> values = new ArrayList<>();
        String unit = null;
        String why = "no data";
        for (RunResult run : runs) {
            MetricValue value = run.metric(path);
            values.add(run.number(path));
            unit = value == null ? unit : value.unit();
            why = value == null || value.note() == null ? why : value.note();
        }
        double[] known = known(values);
        if (unit == null) {
            return null;
        }
        if (known.length == 0) {
            return new Estimate(null, null, 0, unit, values, why);
        }
        var estimate = MeanInterval.of(known, confidence, RandomStreams.of(where + path));
        return new Estimate(
                estimate.value(),
                possible(estimate.interval(), known, AT_MOST_ONE.contains(path)),
                known.length,
                unit,
                values,
                note(estimate));
    }

    private static String note(io.rseqlab.analyzer.stats.Estimate estimate) {
        if (estimate.interval() == null) {
            return "fewer than " + MeanInterval.LEAST_N + " runs: no interval";
        }
        return estimate.interval().method().equals(MeanInterval.CONSTANT)
                ? "every run gave the same value: the interval says nothing about other seeds"
                : null;
    }

    /**
     * What never is negative has no interval that reaches below zero, and what is 1 at most none beyond that; cutting
     * it there costs no coverage.
     */
    private static Interval possible(io.rseqlab.analyzer.stats.Interval interval, double[] values, boolean atMostOne) {
        if (interval == null) {
            return null;
        }
        boolean negative = interval.low() < 0 && Arrays.stream(values).allMatch(value -> value >= 0);
        boolean beyond = atMostOne && interval.high() > 1;
        return new Interval(
                negative ? 0 : interval.low(),
                beyond ? 1 : interval.high(),
                interval.level(),
                interval.method() + (beyond ? ", cut at 1, the most there is" : ""));
    }

    static double[] known(List<Double> values) {
        return values.stream()
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    static Interval interval(io.rseqlab.analyzer.stats.Interval interval) {
        return interval == null
                ? null
                : new Interval(interval.low(), interval.high(), interval.level(), interval.method());
    }
}
