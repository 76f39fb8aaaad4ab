package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.Engine;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run counts more with details, and that it is the same run. */
class DetailsTest {
    private static final Set<String> DETAILS = Set.of(
            CounterName.REFILL_OBJECTS.id(),
            CounterName.FLUSH_OBJECTS.id(),
            CounterName.STRANDED_BYTES.id(),
            CounterName.UNSTRANDED_BYTES.id(),
            CounterName.HEAP_BYTES.id());

    @TempDir
    Path folder;

    private Map<String, Long> totals(String strategy, boolean details) {
        return totals(strategy, details, 0.5e-3);
    }

    private Map<String, Long> totals(String strategy, boolean details, double warmupSeconds) {
        RunSpec spec = RunSpecs.resolve(
                RunRequest.of(strategy, "sized-churn:handoff=0.5,live=300")
                        .threads(4)
                        .warmup(warmupSeconds)
                        .window(1e-3)
                        .details(details),
                1);
        Collector.Outcome outcome = Collector.collect(spec, folder.resolve(strategy.replace(':', '-') + details));
        assertThat(outcome.violations()).isEmpty();
        return new TreeMap<>(outcome.info().totals());
    }

    @Test
    void refillsBringWhatTheyAreToldTo() {
        Map<String, Long> totals = totals("message-passing:refill=20", true, 1e-6); // later, in balance, none may come
        assertThat(totals.get("refills")).isPositive();
        long begunBefore = 4; // one of each thread at most: its blocks count and it does not
        assertThat(totals.get("refill_objects"))
                .isBetween(totals.get("refills"), 20 * (totals.get("refills") + begunBefore));
        assertThat(totals).doesNotContainKey("flush_objects");
    }

    @Test
    void flushesTakeNoMoreThanTheListsHave() {
        Map<String, Long> totals = totals("thread-cache:cap=16,refill=8,flush=8", true);
        assertThat(totals.get("refills")).isGreaterThan(20);
        assertThat(totals.get("flushes")).isGreaterThan(20);
        assertThat(totals.get("flush_objects")).isBetween(totals.get("flushes"), 8 * totals.get("flushes"));
        assertThat(totals.get("refill_objects")).isBetween(totals.get("refills"), 8 * totals.get("refills"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "thread-cache",
                "supermalloc:thread_bytes=2048",
                "tcmalloc-percpu:cpu_budget=8192",
                "supermalloc-rseq"
            })
    void detailsChangeNothingElse(String strategy) {
        Map<String, Long> plain = totals(strategy, false);
        Map<String, Long> detailed = totals(strategy, true);
        assertThat(detailed.keySet()).containsAll(DETAILS);
        detailed.keySet().removeAll(DETAILS);
        detailed.remove(CounterName.PAGE_HEAP_BYTES.id());
        assertThat(plain).isEqualTo(detailed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"snmalloc", "snmalloc-2019", "mimalloc", "mimalloc-v3", "rpmalloc", "rseq-list"})
    void listsThatMoveAsAWholeAreCounted(String strategy) {
        Map<String, Long> plain = totals(strategy, false);
        Map<String, Long> detailed = totals(strategy, true);
        assertThat(detailed.get("refills")).isPositive();
        assertThat(detailed.get("refill_objects")).isGreaterThanOrEqualTo(detailed.get("refills"));
        assertThat(detailed).doesNotContainKey("flush_objects");
        detailed.keySet().removeAll(DETAILS);
        detailed.remove(CounterName.PAGE_HEAP_BYTES.id());
        assertThat(plain).isEqualTo(detailed);
    }

    /** At the end of the window the series has come to what the window's own counts say, by CPU, thread and pool. */
    @ParameterizedTest
    @ValueSource(strings = {"thread-cache", "rseq-freelist", "tcmalloc-percpu"})
    void theSeriesEndsWithWhatIsCachedInTheEnd(String strategy) {
        Map<String, Long> totals = totals(strategy, true);
        List<Counter> rows = TraceReader.open(folder.resolve(strategy + true)).counters();
        assertThat(last(rows, CounterName.STRANDED_BYTES)).isPositive().isEqualTo(totals.get("cached_bytes"));
        assertThat(last(rows, CounterName.UNSTRANDED_BYTES)).isPositive().isEqualTo(totals.get("pool_bytes"));
        assertThat(last(rows, CounterName.HEAP_BYTES)).isPositive().isEqualTo(totals.get("footprint_bytes"));
        assertThat(last(rows, CounterName.PAGE_HEAP_BYTES)).isEqualTo(totals.getOrDefault("free_page_bytes", 0L));
    }

    private static long last(List<Counter> rows, CounterName name) {
        List<Counter> series = rows.stream().filter(row -> row.name() == name).toList();
        long end = series.stream().mapToLong(Counter::endCycle).max().orElse(0);
        return series.stream()
                .filter(row -> row.endCycle() == end)
                .mapToLong(Counter::value)
                .sum();
    }

    /** Chains are counted while the program runs, whichever way it is executed. */
    @ParameterizedTest
    @ValueSource(strings = {"snmalloc", "mimalloc:extend=256", "supermalloc:thread_bytes=512"})
    void enginesCountTheSame(String strategy) {
        RunSpec spec = RunSpecs.resolve(
                RunRequest.of(strategy, "churn:think=20")
                        .cpus(2)
                        .threads(2)
                        .warmup(0.1e-3)
                        .window(0.4e-3)
                        .details(true),
                1);
        Map<Engine, String> hashes = new EnumMap<>(Engine.class);
        for (Engine engine : Engine.values()) {
            Collector.Outcome outcome = Collector.collect(
                    spec, folder.resolve(engine.name()), engine, new StopFlag(), Checkpoints.WORK_MICRO_OPS);
            assertThat(outcome.info().totals()).containsKey("ops");
            hashes.put(engine, outcome.info().contentHash());
        }
        assertThat(hashes.values()).containsOnly(hashes.get(Engine.INTERPRETER));
    }
}
