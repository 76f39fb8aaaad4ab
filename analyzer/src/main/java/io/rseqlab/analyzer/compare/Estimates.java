package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.MeanInterval;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Estimates of a metric over the runs of a strategy. */
final class Estimates {
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
        String note = estimate.interval() != null ? null : "fewer than " + MeanInterval.LEAST_N + " runs: no interval";
        return new Estimate(estimate.value(), interval(estimate.interval()), known.length, unit, values, note);
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
