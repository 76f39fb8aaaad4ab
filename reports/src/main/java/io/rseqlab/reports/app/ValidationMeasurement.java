package io.rseqlab.reports.app;

import io.rseqlab.collector.live.NativeWindow;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the native windows of one point say.
 *
 * @param throughput operations per second
 * @param abortsPerInterruption all windows together, and their least and most; null without sections
 * @param interruptions how many interruptions that is out of
 * @param abortsPerMop aborts per million operations, all windows together; null without sections
 * @param abortPlaces aborts by section and step, all windows together; null where that was not recorded
 * @param preemptionsPerCpuSecond preemptions per second of CPU time; null where the kernel does not tell
 * @param lineTransferNs median one-way transfer of a cache line between the two CPUs
 * @param othersCpuShare median share of the CPUs that other programs had meanwhile, 0 to 1; null if unknown
 * @param windows windows in which the host kept still; 0 if there were too few, and the figures are of all
 * @param dropped windows not used, because the host was in another state or changed it
 */
record ValidationMeasurement(
        Spread throughput,
        Spread abortsPerInterruption,
        long interruptions,
        Spread abortsPerMop,
        Map<String, Long> abortPlaces,
        Spread preemptionsPerCpuSecond,
        Double lineTransferNs,
        Double othersCpuShare,
        int windows,
        int dropped) {

    /** Threads that sleep more often than this per second of theirs do not keep their CPUs busy. */
    private static final double SLEEPS_PER_S = 50;

    /**
     * A figure with its spread.
     *
     * @param value median of the windows, or their pooled value
     * @param least smallest of the windows
     * @param most largest of the windows
     */
    record Spread(double value, double least, double most) {
        static Spread of(double... values) {
            double[] sorted = Arrays.stream(values).sorted().toArray();
            return new Spread(median(sorted), sorted[0], sorted[sorted.length - 1]);
        }
    }

    /** Puts the windows of one point together, as far as they were taken in one state of the host. */
    static ValidationMeasurement of(List<NativeWindow> used, int dropped) {
        long interruptions =
                used.stream().mapToLong(NativeWindow::interruptions).sum();
        return new ValidationMeasurement(
                spread(used, ValidationMeasurement::throughput),
                aborts(used, interruptions),
                interruptions,
                abortsPerMop(used),
                places(used),
                spread(used, window -> window.preemptions() == null ? null : window.preemptions() / window.cpuS()),
                median(used, NativeWindow::lineTransferBeforeNs),
                median(used, NativeWindow::othersCpuShare),
                used.size(),
                dropped);
    }

    /** These figures, as of windows in which the host did not keep still. */
    ValidationMeasurement inDisturbance() {
        return new ValidationMeasurement(
                throughput,
                abortsPerInterruption,
                interruptions,
                abortsPerMop,
                abortPlaces,
                preemptionsPerCpuSecond,
                lineTransferNs,
                othersCpuShare,
                0,
                windows + dropped);
    }

    /**
     * Operations per second on CPUs that nobody else uses: threads that never sleep are charged the CPU time that
     * others left them, so that other programs on the machine cost them nothing. Time in which they stood on one CPU
     * while another was idle counts, for that is the scheduler's doing.
     */
    private static double throughput(NativeWindow window) {
        if (sleeps(window)) {
            return window.throughputOpsPerS();
        }
        double left = window.othersCpuShare() == null ? 0 : 1 - window.othersCpuShare();
        return window.throughputOpsPerS() / Math.max(left, cpuShare(window));
    }

    private static boolean sleeps(NativeWindow window) {
        return window.voluntarySwitches() > SLEEPS_PER_S * window.elapsedS() * window.threads();
    }

    private static double cpuShare(NativeWindow window) {
        return window.cpuS() / (window.elapsedS() * Math.min(window.threads(), ValidationPoint.CPUS));
    }

    private static Spread aborts(List<NativeWindow> used, long interruptions) {
        if (interruptions == 0 || used.stream().anyMatch(window -> window.aborts() == null)) {
            return null;
        }
        Spread windows = spread(
                used.stream().filter(window -> window.interruptions() > 0).toList(),
                window -> (double) window.aborts() / window.interruptions());
        double pooled = (double) used.stream().mapToLong(NativeWindow::aborts).sum() / interruptions;
        return new Spread(pooled, windows.least, windows.most);
    }

    private static Spread abortsPerMop(List<NativeWindow> used) {
        long ops = used.stream().mapToLong(NativeWindow::ops).sum();
        if (ops == 0 || used.stream().anyMatch(window -> window.aborts() == null)) {
            return null;
        }
        Spread windows = spread(used, window -> 1e6 * window.aborts() / window.ops());
        double pooled = 1e6 * used.stream().mapToLong(NativeWindow::aborts).sum() / ops;
        return new Spread(pooled, windows.least, windows.most);
    }

    private static Map<String, Long> places(List<NativeWindow> used) {
        Map<String, Long> places = new TreeMap<>();
        for (NativeWindow window : used) {
            if (window.abortPlaces() == null) {
                return null;
            }
            window.abortPlaces().forEach((place, aborts) -> places.merge(place, aborts, Long::sum));
        }
        return places;
    }

    private static Spread spread(List<NativeWindow> windows, Function<NativeWindow, Double> figure) {
        double[] values = windows.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        return values.length == 0 ? null : Spread.of(values);
    }

    private static Double median(List<NativeWindow> windows, Function<NativeWindow, Double> figure) {
        Spread spread = spread(windows, figure);
        return spread == null ? null : spread.value;
    }

    /** Median of sorted values. */
    static double median(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
