package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the model says of one point.
 *
 * @param throughput operations per second; where the windows had no ticks, less the time that those take
 * @param abortsPerInterruption from exposure; null without sections
 * @param abortsPerInterruptionObserved of interruptions made by short ticks; null without sections
 * @param interruptions how many interruptions those were
 * @param abortsPerMop aborts per million operations, from exposure and from how often the machine's own ticks and the
 *     signals interrupt; null without sections, or where no run is long enough to have its own ticks
 * @param exposedCycles cycles in which an interruption would abort, by section and step; null without sections
 * @param preemptionsPerCpuSecond from the window with the machine's own ticks; null without one
 * @param preemptions how many preemptions those were
 */
record ValidationPrediction(
        double throughput,
        Double abortsPerInterruption,
        Double abortsPerInterruptionObserved,
        long interruptions,
        Double abortsPerMop,
        Map<String, Long> exposedCycles,
        Double preemptionsPerCpuSecond,
        long preemptions) {

    /**
     * Puts the runs of a point together.
     *
     * @param point says what the steady windows had of ticks and of what the host takes away
     * @param steady windows, one per seed
     * @param interrupted the window with short ticks, or null
     * @param natural the window with the machine's own ticks, or null
     */
    static ValidationPrediction of(
            MachineProfile machine,
            ValidationPoint point,
            List<RunResult> steady,
            RunResult interrupted,
            RunResult natural) {
        double throughput = median(steady, "throughput_ops_per_s") * left(machine, point);
        Double exposure = interrupted == null ? null : mean(steady, "aborts_per_interruption_exposure");
        Double rate = natural == null ? null : natural.number("interruptions_per_cpu_s");
        return new ValidationPrediction(
                throughput,
                exposure,
                interrupted == null ? null : interrupted.number("aborts_per_interruption"),
                count(interrupted, "interruptions"),
                exposure == null || rate == null ? null : 1e6 * exposure * rate * ValidationPoint.CPUS / throughput,
                interrupted == null ? null : AbortShares.exposed(steady),
                natural == null ? null : natural.number("preemptions_per_cpu_s"),
                count(natural, "preemptions"));
    }

    /** Share of a CPU's time that is left to programs by what the steady windows did not have. */
    private static double left(MachineProfile machine, ValidationPoint point) {
        double ticks = machine.cost("kernel.hz") * machine.cost("kernel.tick");
        double steals = machine.costOr("steal.per_s", 0) * machine.costOr("steal.gap", 0);
        double taken = (point.seesSwitches() ? 0 : ticks) + (point.seesSteals() ? 0 : steals);
        return 1 - taken / machine.clockHz();
    }

    private static double mean(List<RunResult> runs, String metric) {
        return Arrays.stream(numbers(runs, metric)).average().orElseThrow();
    }

    /** As of the native windows. */
    private static double median(List<RunResult> runs, String metric) {
        return ValidationMeasurement.Spread.of(numbers(runs, metric)).value();
    }

    private static double[] numbers(List<RunResult> runs, String metric) {
        return runs.stream()
                .map(run -> run.number(metric))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static long count(RunResult run, String metric) {
        Double number = run == null ? null : run.number(metric);
        return number == null ? 0 : Math.round(number);
    }
}
