package io.rseqlab.reports.app;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.run.Simulation;

/** A strategy under a workload whose operations are mallocs and frees, as publications measure allocators. */
final class StrategyBenchmark {
    /** Caches and lists are filled after that. */
    private static final double WARMUP_SECONDS = 4e-3;

    private static final double WINDOW_SECONDS = 4e-3;

    private StrategyBenchmark() {}

    /** Nanoseconds of the window for each malloc and its free, over all threads together. */
    static double nsPerPair(MachineProfile profile, String strategy, String workload, int threads, long seed) {
        RunRequest request = RunRequest.of(strategy, workload)
                .threads(threads)
                .warmup(WARMUP_SECONDS)
                .window(WINDOW_SECONDS)
                .oracle(false)
                .ops(OpsMode.NONE);
        RunSpec spec =
                RunSpecs.resolve(request, seed).toBuilder().machine(profile).build();
        Simulation simulation = new Simulation(spec, event -> {}, null);
        long warm = profile.cyclesOf(WARMUP_SECONDS);
        simulation.runTo(warm);
        OperationBooks books = simulation.books();
        books.openWindow(warm);
        simulation.runTo(warm + profile.cyclesOf(WINDOW_SECONDS));
        long operations = 0;
        for (int thread = 0; thread < threads; thread++) {
            operations += books.threadOps(thread);
        }
        return operations == 0 ? Double.POSITIVE_INFINITY : 2e9 * WINDOW_SECONDS / operations;
    }
}
