package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What TCMalloc's background thread changes: where budgets are too small, and where they are not. */
class TcmallocBackgroundTest {
    private static final String BACKGROUND = "tcmalloc-percpu:background_us=50";

    @TempDir
    private Path folder;

    private Collector.Outcome run(String strategy, String workload, int cpus, int threads, String kernel) {
        RunRequest request = RunRequest.of(strategy, workload)
                .cpus(cpus)
                .threads(threads)
                .kernel(kernel)
                .warmup(8e-3)
                .window(1e-3)
                .ops(OpsMode.NONE);
        return Collector.collect(RunSpecs.resolve(request, 1), folder.resolve("run-" + strategy.length() + kernel));
    }

    private static double missesPerOperation(Collector.Outcome outcome) {
        Map<String, Long> totals = outcome.info().totals();
        return (double) (totals.get("refills") + totals.get("flushes")) / totals.get("ops");
    }

    /** Some sizes have room that they do not need, others none: the budget goes to where it is missed. */
    @Test
    void arraysGrowWhereTheBudgetIsMissed() {
        String load = "sized-churn:handoff=0.3,most=2000,live=200";
        Collector.Outcome without = run("tcmalloc-percpu:cpu_budget=60000", load, 3, 2, "linux-6.18");
        Collector.Outcome with = run(BACKGROUND + ",cpu_budget=60000", load, 3, 2, "linux-6.18");
        assertThat(with.violations()).isEmpty();
        assertThat(missesPerOperation(with)).isLessThan(missesPerOperation(without) / 2);
        assertThat(without.info().totals().get("membarrier_ipis")).isZero();
        assertThat(with.info().totals().get("membarrier_ipis")).isPositive();
    }

    /**
     * Producers only underflow and consumers only overflow. Beyond two batches an array grows only where an underflow
     * follows an overflow: nothing is missed that the budget could pay, and half of two batches move at a time for
     * ever.
     */
    @Test
    void oneWayTrafficGetsNoLongerArrays() {
        Collector.Outcome without = run("tcmalloc-percpu", "producer-consumer", 3, 2, "linux-6.18");
        Collector.Outcome with = run(BACKGROUND, "producer-consumer", 3, 2, "linux-6.18");
        assertThat(with.violations()).isEmpty();
        assertThat(1 / missesPerOperation(without)).isBetween(30.0, 36.0);
        assertThat(1 / missesPerOperation(with)).isBetween(30.0, 36.0);
    }

    /** Threads that come and go between CPUs, budgets that are fought for, CPUs that fall idle; as many rules. */
    @ParameterizedTest
    @CsvSource({"2, linux-6.18", "16, linux-7.1", "4, freebsd-d32505", "4, none"})
    void theBooksAreKept(int cpus, String kernel) {
        String strategy = "tcmalloc-percpu:background_us=20,cpu_budget=40000,index=cid";
        Collector.Outcome outcome = run(strategy, "sized-churn:handoff=0.3,most=2000,live=200", cpus, 8, kernel);
        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.info().totals().get("ops")).isPositive();
    }
}
