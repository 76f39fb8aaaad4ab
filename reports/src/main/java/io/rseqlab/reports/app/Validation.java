package io.rseqlab.reports.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/**
 * Predicted against measured, point by point. The keys of the JSON document are these names in snake_case.
 *
 * @param points the comparisons
 * @param scheduler threads that compute, yield, sleep and wake each other, or null
 * @param summary how many of them are near enough
 * @param medianThroughputError median size of the relative errors of throughput, null without any
 * @param medianAbortError median size of the absolute errors of aborts per interruption, null without any
 * @param medianPreemptionError median size of the relative errors of preemptions per CPU-second, null without any
 */
record Validation(
        List<Point> points,
        SchedulerValidation scheduler,
        ValidationSummary summary,
        Double medianThroughputError,
        Double medianAbortError,
        Double medianPreemptionError) {

    /** Fewer interruptions than this say too little about how many of them abort (band ±0.06 at 250). */
    static final int LEAST_INTERRUPTIONS = 250;

    /**
     * Where other programs have more of the CPUs than this, threads that pass lines to each other take turns instead.
     */
    static final double MOST_OTHERS = 0.1;

    /**
     * One comparison.
     *
     * @param shared threads pass objects to each other, or have one list for all
     * @param hostState state of the host in which it was measured and simulated; null where threads share no lines
     * @param throughputOpsPerS operations per second; its error is relative
     * @param abortsPerInterruption aborts per interruption; its error is absolute; null without sections
     * @param abortsPerMop aborts per million operations; its error is relative; null if either side has none
     * @param abortShares where in their sections aborts happened; null if either side does not tell
     * @param preemptionsPerCpuS preemptions per CPU-second; its error is relative; null if either side has none
     */
    record Point(
            String strategy,
            String workload,
            int threads,
            boolean shared,
            HostState hostState,
            Figure throughputOpsPerS,
            Aborts abortsPerInterruption,
            Figure abortsPerMop,
            AbortShares abortShares,
            Preemptions preemptionsPerCpuS,
            Double lineTransferNs,
            Double othersCpuShare,
            int windows,
            int windowsDropped) {

        /** The point in words. */
        String name() {
            return strategy + " on " + workload + ", " + threads + " threads"
                    + (hostState == null ? "" : ", " + hostState);
        }
    }

    /**
     * A prediction beside its measurement.
     *
     * @param measured median, or pooled value, of the native windows
     * @param measuredMin least of the windows
     * @param measuredMax most of the windows
     * @param predicted the model's figure
     * @param error the prediction's error, relative or absolute as the quantity says; null where the measurement is too
     *     thin or was disturbed
     */
    record Figure(double measured, double measuredMin, double measuredMax, double predicted, Double error) {
        Figure withoutError() {
            return new Figure(measured, measuredMin, measuredMax, predicted, null);
        }

        boolean inside() {
            return predicted >= measuredMin && predicted <= measuredMax;
        }
    }

    /**
     * Aborts per interruption.
     *
     * @param figure measured, and predicted from exposure
     * @param interruptions native interruptions behind the measured figure
     * @param predictedObserved as the model's own interruptions ended
     * @param predictedInterruptions how many those were
     */
    record Aborts(Figure figure, long interruptions, Double predictedObserved, long predictedInterruptions) {}

    /**
     * Preemptions per CPU-second.
     *
     * @param figure measured and predicted
     * @param predictedPreemptions how many preemptions the model saw
     */
    record Preemptions(Figure figure, long predictedPreemptions) {}

    /** Compares one point. */
    static Point point(
            ValidationPoint point, HostState state, ValidationMeasurement measured, ValidationPrediction predicted) {
        return new Point(
                point.strategy(),
                point.workloadText(),
                point.threads(),
                point.sharesObjects(),
                point.sharesLines() ? state : null,
                throughput(point, measured, predicted.throughput()),
                point.asksAborts() ? aborts(measured, predicted) : null,
                abortsPerMop(measured, predicted),
                point.asksAborts() ? AbortShares.of(measured.abortPlaces(), predicted.exposedCycles()) : null,
                preemptions(measured, predicted),
                measured.lineTransferNs(),
                measured.othersCpuShare(),
                measured.windows(),
                measured.dropped());
    }

    /** Sums the comparisons up. */
    static Validation of(List<Point> points) {
        return new Validation(
                List.copyOf(points),
                null,
                ValidationSummary.of(points),
                median(points, Point::throughputOpsPerS),
                median(
                        points,
                        point -> point.abortsPerInterruption == null ? null : point.abortsPerInterruption.figure),
                median(points, point -> point.preemptionsPerCpuS == null ? null : point.preemptionsPerCpuS.figure));
    }

    /** The same, with the scheduler's figures. */
    Validation withScheduler(SchedulerValidation figures) {
        return new Validation(points, figures, summary, medianThroughputError, medianAbortError, medianPreemptionError);
    }

    /**
     * What is past a tolerance, in words. Throughput: predicted outside the measured least and most, and off the median
     * by more than that share. Aborts per interruption: off by more than that.
     */
    List<String> past(double tolerance) {
        List<String> past = new ArrayList<>();
        for (Point point : points) {
            String where = point.name() + ": ";
            Figure throughput = point.throughputOpsPerS;
            if (throughput.error != null && Math.abs(throughput.error) > tolerance && !throughput.inside()) {
                past.add(where + String.format(Locale.ROOT, "throughput is off by %+.1f %%", 100 * throughput.error));
            }
            Aborts aborts = point.abortsPerInterruption;
            if (aborts != null && aborts.figure.error != null && Math.abs(aborts.figure.error) > tolerance) {
                past.add(where
                        + String.format(Locale.ROOT, "aborts per interruption are off by %+.3f", aborts.figure.error));
            }
        }
        return past;
    }

    private static Figure throughput(ValidationPoint point, ValidationMeasurement measured, double predicted) {
        Figure figure = relative(measured.throughput(), predicted);
        Double others = measured.othersCpuShare();
        boolean crowded = point.sharesLines() && others != null && others > MOST_OTHERS;
        return crowded || measured.windows() == 0 ? figure.withoutError() : figure;
    }

    private static Figure relative(ValidationMeasurement.Spread measured, double predicted) {
        return new Figure(
                measured.value(), measured.least(), measured.most(), predicted, predicted / measured.value() - 1);
    }

    private static Aborts aborts(ValidationMeasurement measured, ValidationPrediction predicted) {
        ValidationMeasurement.Spread spread = measured.abortsPerInterruption();
        if (spread == null || predicted.abortsPerInterruption() == null) {
            return null;
        }
        double value = predicted.abortsPerInterruption();
        Double error = measured.interruptions() < LEAST_INTERRUPTIONS ? null : value - spread.value();
        return new Aborts(
                new Figure(spread.value(), spread.least(), spread.most(), value, error),
                measured.interruptions(),
                predicted.abortsPerInterruptionObserved(),
                predicted.interruptions());
    }

    private static Figure abortsPerMop(ValidationMeasurement measured, ValidationPrediction predicted) {
        ValidationMeasurement.Spread spread = measured.abortsPerMop();
        return spread == null
                        || spread.value() == 0
                        || predicted.abortsPerMop() == null
                        || measured.interruptions() < LEAST_INTERRUPTIONS
                ? null
                : relative(spread, predicted.abortsPerMop());
    }

    private static Preemptions preemptions(ValidationMeasurement measured, ValidationPrediction predicted) {
        ValidationMeasurement.Spread spread = measured.preemptionsPerCpuSecond();
        if (spread == null || spread.value() == 0 || predicted.preemptionsPerCpuSecond() == null) {
            return null;
        }
        return new Preemptions(relative(spread, predicted.preemptionsPerCpuSecond()), predicted.preemptions());
    }

    private static Double median(List<Point> points, Function<Point, Figure> figure) {
        double[] sizes = points.stream()
                .map(figure)
                .filter(one -> one != null && one.error != null)
                .map(Figure::error)
                .filter(Objects::nonNull)
                .mapToDouble(Math::abs)
                .sorted()
                .toArray();
        return sizes.length == 0 ? null : ValidationMeasurement.median(sizes);
    }
}
