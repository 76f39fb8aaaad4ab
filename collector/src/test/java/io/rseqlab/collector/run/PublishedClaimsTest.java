package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims about TCMalloc's caches per CPU that are not of nanoseconds on a machine, so that no profile is needed. */
class PublishedClaimsTest {
    private static final double QUANTUM_S = 4e-3;

    @TempDir
    private Path folder;

    /** Seconds in which an interruption would land in an attempt of the section. */
    private double exposed(String strategy, String workload, String section) {
        Path trace = folder.resolve(section + workload.length());
        RunRequest request = RunRequest.of(strategy, workload)
                .machine("epyc-9654-384")
                .cpus(2)
                .threads(2)
                .pinned(true)
                .warmup(4e-3)
                .window(0.5e-3)
                .ops(OpsMode.NONE);
        long clockHz =
                Collector.collect(RunSpecs.resolve(request, 1), trace).info().clockHz();
        long cycles = 0;
        long attempts = 0;
        for (Counter counter : TraceReader.open(trace).counters()) {
            if (section.equals(counter.section())) {
                cycles += counter.name() == CounterName.EXPOSURE_CYCLES ? counter.value() : 0;
                attempts += counter.name() == CounterName.SECTION_ATTEMPTS ? counter.value() : 0;
            }
        }
        assertThat(attempts).isGreaterThan(100);
        return (double) cycles / attempts / clockHz;
    }

    /**
     * Ten instructions, some 3 ns; a batch of 128 objects about a hundred times as long. How likely an attempt is
     * aborted when a thread runs for 4 ms until it is preempted is the time in which an interruption would land inside
     * over that of the quantum; no run needs to be so long that it sees one.
     */
    @Test
    void oneInAMillionAttemptsAndFewer() {
        double pop = exposed("tcmalloc-percpu", "churn:live=16", "pop");
        double batch = exposed("tcmalloc-percpu", "bursts:live=4000,burst=0,pause_us=0", "pop_batch");
        double padded = exposed("tcmalloc-percpu", "churn:live=16,pad=20000", "pop");
        assertThat(pop / QUANTUM_S).isBetween(1e-8, 1e-6);
        assertThat(batch / pop).isBetween(50.0, 200.0);
        assertThat(padded / QUANTUM_S).isGreaterThan(1e-4);
    }

    private Map<String, Long> totals(String strategy) {
        RunRequest request = RunRequest.of(strategy, "generator:order=births,law=linear,most=4000,live=2000,think=50")
                .machine("generic-64")
                .cpus(2)
                .threads(2)
                .warmup(3e-3)
                .window(2e-3)
                .oracle(false)
                .ops(OpsMode.NONE);
        Path trace = folder.resolve("limit" + strategy.hashCode());
        return Collector.collect(RunSpecs.resolve(request, 1), trace).info().totals();
    }

    /** "Costs nothing", though misses are more; with a limit too small it would. */
    @Test
    void halfTheLimitOfACpuCostsNothing() {
        Map<String, Long> full = totals("tcmalloc-percpu:cpu_budget=3145728");
        Map<String, Long> half = totals("tcmalloc-percpu:cpu_budget=1572864");
        Map<String, Long> little = totals("tcmalloc-percpu:cpu_budget=32768");
        double ops = full.get("ops");
        assertThat(half.get("refills")).isGreaterThan(full.get("refills"));
        assertThat(half.get("ops") / ops).isBetween(0.98, 1.01);
        assertThat(little.get("ops") / ops).isLessThan(0.95);
    }
}
