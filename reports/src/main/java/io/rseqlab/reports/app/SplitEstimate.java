package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.reports.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Puts the parts of the split estimator together: steady cycles per operation and exposure from short windows, the cost
 * of an interruption from windows with short ticks, and the rate of interruptions from long runs.
 */
final class SplitEstimate {
    private static final String OPS = "ops";
    private static final String INTERRUPTIONS = "interruptions";

    private final MachineProfile machine;
    private final Map<String, List<RunResult>> shortRuns = new LinkedHashMap<>();
    private final Map<String, RunResult> interrupted = new LinkedHashMap<>();
    private final List<RunResult> longRuns = new ArrayList<>();

    SplitEstimate(MachineProfile machine) {
        this.machine = machine;
    }

    void add(DemoPlan.Kind kind, RunResult run) {
        switch (kind) {
            case SHORT ->
                shortRuns.computeIfAbsent(key(run), k -> new ArrayList<>()).add(run);
            case INTERRUPTED -> interrupted.put(key(run), run);
            case LONG -> longRuns.add(run);
        }
    }

    private static String key(RunResult run) {
        return run.cpus() + " " + run.spec().get("workload") + " " + run.spec().get("strategy");
    }

    List<RunResult> longRuns() {
        return longRuns;
    }

    /** Interruptions per CPU-second as the long runs saw them. */
    double interruptionsPerCpuSecond() {
        double interruptions =
                longRuns.stream().mapToDouble(run -> number(run, INTERRUPTIONS)).sum();
        double cpuSeconds = longRuns.stream()
                .mapToDouble(run -> run.cpus() * run.windowSeconds())
                .sum();
        return cpuSeconds == 0 ? machine.cost("kernel.hz") : interruptions / cpuSeconds;
    }

    Table table() {
        double rate = interruptionsPerCpuSecond();
        List<List<Object>> rows = new ArrayList<>();
        shortRuns.forEach((key, runs) -> rows.add(row(runs, interrupted.get(key), rate)));
        return new Table(
                "The split estimate, cell by cell",
                List.of(
                        "workload",
                        "CPUs, threads",
                        "strategy",
                        "cycles per op, steady",
                        "P(abort), exposure",
                        "cycles per interruption",
                        "predicted M ops/s",
                        "simulated ms",
                        "preemptions seen",
                        "aborts seen"),
                rows,
                String.format(
                        Locale.ROOT,
                        "P(abort) is per interruption. Steady cycles and exposure come from the short windows, cycles"
                                + " per interruption from windows with a tick every 50 us "
                                + "(no figure where contention hides"
                                + " it), the rate of interruptions, %.0f per CPU-second, from the long runs. What"
                                + " programs bring on themselves (yields, waits) is inside the steady cycles.",
                        rate));
    }

    private List<Object> row(List<RunResult> runs, RunResult preempted, double rate) {
        RunResult first = runs.get(0);
        double cycles = mean(runs, SplitEstimate::cyclesPerOp).orElse(Double.NaN);
        Double cost = preempted == null ? null : interruptionCycles(preempted, cycles);
        List<Object> row = new ArrayList<>();
        row.add(DemoVerdict.shortName(String.valueOf(first.spec().get("workload"))));
        row.add(first.cpus() + ", " + first.spec().get("threads"));
        row.add(first.spec().get("strategy"));
        row.add(cycles);
        OptionalDouble exposure = mean(runs, run -> number(run, "aborts_per_interruption_exposure"));
        row.add(exposure.isPresent() ? (Object) exposure.getAsDouble() : null);
        row.add(cost);
        row.add(first.cpus() * (machine.clockHz() - (cost == null ? 0 : rate * cost)) / cycles / 1e6);
        row.add(runs.stream().mapToDouble(RunResult::windowSeconds).sum() * 1e3);
        row.add(total(runs, "preemptions"));
        row.add(total(runs, "aborts"));
        return row;
    }

    private static long total(List<RunResult> runs, String metric) {
        return (long) runs.stream().mapToDouble(run -> number(run, metric)).sum();
    }

    private static double cyclesPerOp(RunResult run) {
        return run.cpus() * run.windowSeconds() * run.clockHz() / number(run, OPS);
    }

    /** Cycles that an interruption takes from the program, the tick that brings it included at its full cost. */
    private Double interruptionCycles(RunResult run, double steady) {
        double interruptions = number(run, INTERRUPTIONS);
        if (!(interruptions >= 20)) {
            return null;
        }
        double spent = run.cpus() * run.windowSeconds() * run.clockHz() - number(run, OPS) * steady;
        double tick = machine.cost("kernel.tick");
        double charged = Math.min(tick, machine.cyclesOf(DemoPlan.SHORT_TICK_SECONDS) / 8.0);
        double cost = spent / interruptions + tick - charged;
        return cost > 0 ? cost : null;
    }

    private static OptionalDouble mean(List<RunResult> runs, ToDoubleFunction<RunResult> value) {
        return runs.stream()
                .mapToDouble(value)
                .filter(number -> !Double.isNaN(number))
                .average();
    }

    private static double number(RunResult run, String path) {
        Double value = run.number(path);
        return value == null ? Double.NaN : value;
    }
}
