package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.reports.page.Quantity;
import io.rseqlab.reports.page.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What aborts would cost: short windows see none, but exposure says how likely one is at an interruption, exactly, and
 * ticks come at a rate that the profile knows. This is how the split estimator puts rare events together.
 */
final class StudyInterruptions {
    private static final String EXPOSURE = "aborts_per_interruption_exposure";

    private StudyInterruptions() {}

    /** A row for each strategy with sections: where its sections are exposed most. */
    static Table table(List<RunResult> runs) {
        Map<String, List<RunResult>> byStrategy = runs.stream()
                .filter(run -> run.number(EXPOSURE) != null && run.number(EXPOSURE) > 0)
                .collect(Collectors.groupingBy(run -> run.key().strategy(), TreeMap::new, Collectors.toList()));
        List<List<Object>> rows = new ArrayList<>();
        byStrategy.values().forEach(some -> rows.add(row(some)));
        return new Table(
                "What aborts of sections would cost",
                List.of(
                        "strategy",
                        "P(abort) at an interruption, mean over all runs",
                        "in the run with the most",
                        "which is",
                        "aborts per second of a CPU there",
                        "of the CPU's time"),
                rows,
                "The split estimate: P(abort) is the exposure of the sections, which is exact for the windows; there is"
                        + " an interruption for each tick of the machine's kernel, and an abort costs what its profile"
                        + " says. More threads than CPUs make no more of them than there are ticks and wake-ups.");
    }

    private static List<Object> row(List<RunResult> runs) {
        RunResult most = runs.stream()
                .max(Comparator.comparingDouble(StudyInterruptions::exposure))
                .orElseThrow();
        MachineProfile machine = ProfileReader.shipped(most.key().machine());
        double aborts = exposure(most) * machine.cost("kernel.hz");
        List<Object> row = new ArrayList<>();
        row.add(most.key().strategy());
        row.add(Quantity.percent(runs.stream()
                .mapToDouble(StudyInterruptions::exposure)
                .average()
                .orElseThrow()));
        row.add(Quantity.percent(exposure(most)));
        row.add(StudyVerdict.place(
                DemoVerdict.shortName(most.key().workload()),
                String.valueOf(most.key().threads()),
                most.key().cpus()));
        row.add(aborts);
        row.add(Quantity.percent(aborts * machine.cost("kernel.abort") / machine.clockHz()));
        return row;
    }

    private static double exposure(RunResult run) {
        return run.number(EXPOSURE);
    }
}
