package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.parquet.TraceCheck;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every run must keep, whatever it runs: if one of these fails, no figure of the program can be believed. */
class RunRulesTest {
    private static final double MICROSECOND = 1e-6;

    @TempDir
    private Path folder;

    private Collector.Outcome collect(String name, RunRequest request, long seed) {
        return Collector.collect(RunSpecs.resolve(request, seed), folder.resolve(name));
    }

    private static RunRequest request(String strategy, String workload, int cpus, int threads, double window) {
        return RunRequest.of(strategy, workload)
                .cpus(cpus)
                .threads(threads)
                .warmup(100 * MICROSECOND)
                .window(window);
    }

    private static RunRequest quiet(String strategy, String workload, int cpus, int threads, long slack) {
        return request(strategy, workload, cpus, threads, 500 * MICROSECOND)
                .pinned(true)
                .noise(false)
                .slackCycles(slack);
    }

    /**
     * Threads that wait for each other, and CPUs that nothing ever runs on; what is missing is under way at the end.
     */
    @Test
    void everyCycleOfEveryCpuIsUserKernelOrIdle() {
        double window = 1e-3;
        Collector.Outcome outcome = collect("time", request("global-mutex", "churn", 4, 2, window), 1);
        long all = TraceReader.open(folder.resolve("time")).counters().stream()
                .filter(row -> row.name() == CounterName.USER_CYCLES
                        || row.name() == CounterName.KERNEL_CYCLES
                        || row.name() == CounterName.IDLE_CYCLES)
                .mapToLong(Counter::value)
                .sum();
        double expected = 4 * window * outcome.info().clockHz();
        assertThat(all / expected).isBetween(0.98, 1.02);
    }

    @Test
    void theSameSpecificationGivesTheSameBytes() throws IOException {
        RunRequest request = request("rseq-freelist", "churn:handoff=0.3", 2, 6, 300 * MICROSECOND);
        Collector.Outcome first = collect("first", request, 7);
        Collector.Outcome second = collect("second", request, 7);
        assertThat(second.info().contentHash()).isEqualTo(first.info().contentHash());
        try (Stream<Path> parts = Files.list(folder.resolve("first"))) {
            for (Path part : parts.toList()) {
                assertThat(Files.readAllBytes(folder.resolve("second").resolve(part.getFileName())))
                        .as(part.getFileName().toString())
                        .isEqualTo(Files.readAllBytes(part));
            }
        }
        assertThat(collect("other", request, 8).info().contentHash())
                .isNotEqualTo(first.info().contentHash());
    }

    @Test
    void withoutPreemptionMigrationAndSignalNothingAborts() {
        Collector.Outcome outcome = collect("quiet", quiet("rseq-freelist", "churn:handoff=0.5", 2, 2, 1000), 1);
        assertThat(outcome.info().totals()).containsEntry("aborts", 0L).containsEntry("preemptions", 0L);
        assertThat(outcome.info().totals().get("ops")).isGreaterThan(10_000);
        assertThat(outcome.violations()).isEmpty();
    }

    @Test
    void slackDoesNotChangePrivateWork() {
        Collector.Outcome exact = collect("exact", quiet("rseq-freelist", "churn", 2, 2, 0), 1);
        Collector.Outcome slack = collect("slack", quiet("rseq-freelist", "churn", 2, 2, 1000), 1);
        for (String count : List.of("ops", "micro_ops", "atomics", "line_transfers", "aborts", "refills")) {
            // the first refills fight for the pool's lock: what comes of that moves the window by some cycles
            assertThat((double) slack.info().totals().getOrDefault(count, 0L))
                    .as(count)
                    .isCloseTo(
                            exact.info().totals().getOrDefault(count, 0L), within(count.endsWith("ops") ? 20.0 : 0.0));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rseq-freelist",
                "message-passing",
                "rseq-message",
                "percpu-lock",
                "percpu-cas",
                "thread-cache-remote-cas",
                "global-treiber",
                "global-mutex",
                "ideal"
            })
    void everyStrategyKeepsItsBlocksAndItsTraceKeepsTheContract(String strategy) {
        for (String workload : List.of("churn:handoff=0.5", "producer-consumer")) {
            String name = strategy + workload.charAt(0);
            RunRequest request = request(strategy, workload, 2, 5, 400 * MICROSECOND)
                    .warmup(200 * MICROSECOND)
                    .tick(50 * MICROSECOND);
            Collector.Outcome outcome = collect(name, request, 3);
            assertThat(outcome.violations()).as(workload).isEmpty();
            assertThat(outcome.info().totals().get("ops")).as(workload).isPositive();
            assertThat(TraceCheck.of(folder.resolve(name)).violations())
                    .as(workload)
                    .isEmpty();
        }
    }

    /** What is stranded is counted in the midst of the run, by CPU or by thread, within the caps. */
    @ParameterizedTest
    @ValueSource(strings = {"rseq-freelist", "message-passing", "rseq-message", "percpu-cas", "global-mutex", "ideal"})
    void freeBlocksAreCountedWhereTheyLie(String strategy) {
        RunRequest request = request(strategy, "churn:handoff=0.5", 2, 8, 300 * MICROSECOND);
        Collector.Outcome outcome = collect("stranded", request, 1);
        assertThat(outcome.violations()).isEmpty();
        Map<String, Long> totals = outcome.info().totals();
        long cached = totals.get("cached_blocks");
        assertThat(totals.get("pool_blocks")).isNotNegative();
        assertThat(cached).isBetween(strategy.matches("global.*|ideal") ? 0L : 1L, 2_000L);
        List<Counter> rows = TraceReader.open(folder.resolve("stranded")).counters().stream()
                .filter(counter -> counter.name() == CounterName.CACHED_BLOCKS && counter.value() > 0)
                .toList();
        boolean perCpu = strategy.contains("cpu") || strategy.startsWith("rseq");
        assertThat(rows).allMatch(row -> (row.cpu() == null) != (row.thread() == null));
        assertThat(rows.stream().anyMatch(row -> row.cpu() != null)).isEqualTo(perCpu);
        long capped = rows.stream()
                .filter(row -> row.cpu() != null)
                .mapToLong(Counter::value)
                .max()
                .orElse(0);
        assertThat(capped).isLessThanOrEqualTo(strategy.equals("rseq-message") ? 2_000 : 256);
    }

    /** A silent fallback has had people compare "per-CPU" for weeks while it was inactive (gperftools issue 1549). */
    @Test
    void withoutRseqTheFallbackRunsAndTheTraceSaysSo() {
        RunRequest none = request("rseq-freelist", "churn:handoff=0.5", 2, 5, 300 * MICROSECOND)
                .kernel("none");
        Collector.Outcome outcome = collect("none", none, 3);
        assertThat(outcome.violations()).isEmpty();
        assertThat(TraceCheck.of(folder.resolve("none")).violations()).isEmpty();
        assertThat(outcome.info().spec()).containsEntry("mode", "fallback percpu-lock");
        assertThat(outcome.info().sections()).isEmpty();
        assertThat(outcome.info().totals()).containsEntry("aborts", 0L);
        assertThat(outcome.info().totals().get("atomics"))
                .isGreaterThan(2L * outcome.info().totals().get("ops"));
        assertThat(RunSpecs.resolve(none.kernel("linux-6.18"), 3).mode()).isEqualTo("rseq");
        assertThatThrownBy(() -> RunSpecs.resolve(none.inject("no-abort"), 3))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--inject no-abort needs a kernel with rseq");
    }

    @Test
    void aKernelThatForgetsToAbortIsCaughtAndTheAbortIsNamed() {
        RunRequest request = request("rseq-freelist", "churn", 2, 8, 300 * MICROSECOND)
                .inject("no-abort")
                .inject("preempt-in-section:0.01");
        Collector.Outcome outcome = collect("forgetful", request, 1);
        assertThat(outcome.violations()).isNotEmpty();
        assertThat(outcome.violations().get(0))
                .containsPattern("double allocation: block 0x[0-9a-f]+ handed to thread \\d while thread \\d holds it"
                        + "|double free: block|live block|lost block|wild")
                .contains("last suppressed abort: thread");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abort-storm:0.5", "preempt-in-section:0.02"})
    void underInjectedFaultsEverythingCompletesAndBalances(String injection) {
        RunRequest request = request("rseq-freelist", "churn:handoff=0.2", 2, 8, 200 * MICROSECOND)
                .inject(injection);
        Collector.Outcome outcome = collect("storm", request, 1);
        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.info().totals().get("aborts")).isGreaterThan(50);
        assertThat(TraceCheck.of(folder.resolve("storm")).violations()).isEmpty();
    }

    /**
     * Exposure says with which probability an interruption lands inside a section; brute force, more than a thousand
     * timer signals, must agree within the band in which 99.9 % of such samples lie (3.3 standard deviations).
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 50, 500, 5000})
    void exposureAgreesWithBruteForce(int pad) {
        RunRequest request = request("rseq-freelist", "churn:signal_hz=60000,pad=" + pad, 1, 1, 24_000 * MICROSECOND)
                .noise(false)
                .oracle(false);
        Collector.Outcome outcome = collect("pad" + pad, request, 1);
        long interruptions = outcome.info().totals().get("interruptions");
        double observed = (double) outcome.info().totals().get("aborts") / interruptions;
        double exposed = exposure(folder.resolve("pad" + pad));
        assertThat(interruptions).isGreaterThan(1000);
        double band = 3.3 * Math.sqrt(exposed * (1 - exposed) / interruptions) + 1.0 / interruptions;
        assertThat(observed).isBetween(exposed - band, exposed + band);
        assertThat(commitsInterrupted(folder.resolve("pad" + pad))).isZero();
    }

    private static double exposure(Path trace) {
        long inside = 0;
        long all = 0;
        for (Counter counter : TraceReader.open(trace).counters()) {
            if (counter.name() == CounterName.EXPOSURE_CYCLES) {
                all += counter.value();
                inside += counter.section() == null ? 0 : counter.value();
            }
        }
        return (double) inside / all;
    }

    /** Aborts at the commit of a section whose padding ends with a mispredicted exit. */
    private static long commitsInterrupted(Path trace) {
        TraceReader reader = TraceReader.open(trace);
        if (!reader.info().spec().get("workload").toString().contains("pad=500,")) {
            return 0;
        }
        long found = 0;
        try (EventCursor cursor = reader.events()) {
            while (cursor.next()) {
                Event event = cursor.event();
                if (event.kind() == EventKind.ABORT) {
                    assertThat(event.number(Column.CAUSES)).isEqualTo(Cause.SIGNAL);
                    long last = reader.info().sections().stream()
                                    .filter(section -> section.name().equals(event.text(Column.SECTION)))
                                    .findFirst()
                                    .orElseThrow()
                                    .length()
                            - 1;
                    found += event.number(Column.OFFSET) == last ? 1 : 0;
                }
            }
        }
        return found;
    }

    @Test
    void theSplitOfSeedsIntoStreamsDependsOnTheirNamesOnly() {
        long[] first = {new Streams(1).seed("a"), new Streams(1).seed("b"), new Streams(2).seed("a")};
        assertThat(Arrays.stream(first).distinct().count()).isEqualTo(3);
        assertThat(new Streams(1).seed("a")).isEqualTo(first[0]);
    }
}
