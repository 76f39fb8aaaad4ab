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
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Puts the parts of the split estimator together: steady cycles per operation and exposure from short windows, the cost
 * of an interruption from windows with short ticks, and the rate of interruptions from the long runs on as many CPUs.
 */
final class SplitEstimate {
    private static final String OPS = "ops";
    private static final String EXPOSURE = "aborts_per_interruption_exposure";
    private static final String INTERRUPTIONS = "interruptions";

    private final MachineProfile machine;
    private final Map<String, List<RunResult>> shortRuns = new LinkedHashMap<>();
    private final Map<String, RunResult> interrupted = new LinkedHashMap<>();
    private final Map<String, RunResult> natural = new LinkedHashMap<>();
    private final List<RunResult> longRuns = new ArrayList<>();

    SplitEstimate(MachineProfile machine) {
        this.machine = machine;
    }

    void add(DemoPlan.Kind kind, RunResult run) {
        switch (kind) {
            case SHORT ->
                shortRuns.computeIfAbsent(key(run), k -> new ArrayList<>()).add(run);
            case INTERRUPTED -> interrupted.put(key(run), run);
            case NATURAL -> {
                natural.put(key(run), run);
                longRuns.add(run);
            }
            case SIGNALS -> longRuns.add(run);
        }
    }

    private static String key(RunResult run) {
        return run.cpus() + " " + run.spec().get("threads") + " " + run.spec().get("workload") + " "
                + run.spec().get("strategy");
    }

    /** The runs long enough for natural preemptions. */
    List<RunResult> longRuns() {
        return longRuns;
    }

    /** Interruptions per CPU-second as the long runs on so many CPUs saw them, signals aside. */
    double interruptionsPerCpuSecond(int cpus) {
        List<RunResult> alike =
                natural.values().stream().filter(run -> run.cpus() == cpus).toList();
        double interruptions =
                alike.stream().mapToDouble(run -> number(run, INTERRUPTIONS)).sum();
        double cpuSeconds = alike.stream()
                .mapToDouble(run -> run.cpus() * run.windowSeconds())
                .sum();
        return cpuSeconds == 0 ? machine.cost("kernel.hz") : interruptions / cpuSeconds;
    }

    Table table() {
        List<List<Object>> rows = new ArrayList<>();
        shortRuns.values().forEach(runs -> rows.add(row(runs)));
        String rates = shortRuns.values().stream()
                .map(runs -> runs.get(0).cpus())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .map(cpus -> String.format(Locale.ROOT, "%.0f with %d CPUs", interruptionsPerCpuSecond(cpus), cpus))
                .collect(Collectors.joining(", "));
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
                "P(abort) is per interruption. Steady cycles and exposure come from the short windows, cycles per"
                        + " interruption from windows with a tick every 50 µs (no figure where contention hides it),"
                        + " interruptions per CPU-second from the long runs: " + rates + ". What programs"
                        + " bring on themselves (yields, waits) is inside the steady cycles.");
    }

    private List<Object> row(List<RunResult> runs) {
        RunResult first = runs.get(0);
        double cycles = steadyCycles(runs);
        List<Object> row = new ArrayList<>(cell(first));
        row.add(cycles);
        OptionalDouble exposure = mean(runs, run -> number(run, EXPOSURE));
        row.add(exposure.isPresent() ? (Object) exposure.getAsDouble() : null);
        row.add(interruptionCycles(first, cycles));
        row.add(predicted(runs) / 1e6);
        row.add(runs.stream().mapToDouble(RunResult::windowSeconds).sum() * 1e3);
        row.add(total(runs, "preemptions"));
        row.add(total(runs, "aborts"));
        return row;
    }

    private static List<Object> cell(RunResult run) {
        return List.of(
                DemoVerdict.shortName(String.valueOf(run.spec().get("workload"))),
                run.cpus() + ", " + run.spec().get("threads"),
                String.valueOf(run.spec().get("strategy")));
    }

    /** Operations per second: what the clock leaves after interruptions, over the steady cycles of one. */
    private double predicted(List<RunResult> runs) {
        RunResult first = runs.get(0);
        double cycles = steadyCycles(runs);
        Double cost = interruptionCycles(first, cycles);
        double lost = cost == null ? 0 : interruptionsPerCpuSecond(first.cpus()) * cost;
        return first.cpus() * (machine.clockHz() - lost) / cycles;
    }

    /** The estimate beside what long runs of the same cells did. */
    Table againstLongRuns() {
        List<List<Object>> rows = new ArrayList<>();
        natural.forEach((key, run) -> {
            List<RunResult> runs = shortRuns.get(key);
            if (runs != null) {
                double predicted = predicted(runs);
                double seen = number(run, OPS) / run.windowSeconds();
                List<Object> row = new ArrayList<>(cell(run));
                row.add(predicted / 1e6);
                row.add(seen / 1e6);
                row.add(100 * (predicted / seen - 1));
                row.add(mean(runs, one -> number(one, EXPOSURE)).orElse(Double.NaN));
                row.add(number(run, "aborts") / number(run, INTERRUPTIONS));
                row.add(total(List.of(run), "preemptions"));
                rows.add(row);
            }
        });
        return new Table(
                "The estimate beside long runs of the same cells",
                List.of(
                        "workload",
                        "CPUs, threads",
                        "strategy",
                        "predicted M ops/s",
                        "long run M ops/s",
                        "difference, %",
                        "P(abort), exposure",
                        "aborts per interruption, long run",
                        "preemptions, long run"),
                rows,
                "One long run each, so that a few per cent may be chance; what the short windows do not see is in the"
                        + " difference.");
    }

    private static long total(List<RunResult> runs, String metric) {
        return (long) runs.stream().mapToDouble(run -> number(run, metric)).sum();
    }

    /** CPU cycles of all runs over their operations: what the mean of their throughputs says. */
    private static double steadyCycles(List<RunResult> runs) {
        double cycles = runs.stream()
                .mapToDouble(run -> run.cpus() * run.windowSeconds() * run.clockHz())
                .sum();
        return cycles / runs.stream().mapToDouble(run -> number(run, OPS)).sum();
    }

    /**
     * Cycles that an interruption takes from the program, the tick that brings it included at its full cost; null where
     * it cannot be told.
     *
     * @param alike any run of the cell
     */
    private Double interruptionCycles(RunResult alike, double steady) {
        RunResult run = interrupted.get(key(alike));
        double interruptions = run == null ? 0 : number(run, INTERRUPTIONS);
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
