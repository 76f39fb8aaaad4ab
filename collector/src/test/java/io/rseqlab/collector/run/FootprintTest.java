package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bursts leave of the heap: each allocates 20,000 objects of 256 bytes, frees them all and sleeps. */
class FootprintTest {
    private static final int LIVE = 20_000 * 256;

    @TempDir
    private Path folder;

    private int runs;

    private List<Counter> rows(String strategy) {
        RunRequest request = RunRequest.of(strategy, "bursts:size=256,live=20000,burst=0,pause_us=2000")
                .machine("generic-64")
                .cpus(2)
                .threads(1)
                .warmup(0)
                .window(20e-3)
                .details(true)
                .ops(OpsMode.NONE);
        Path trace = folder.resolve("run" + runs++);
        Collector.Outcome outcome = Collector.collect(RunSpecs.resolve(request, 1), trace);
        assertThat(outcome.violations()).isEmpty();
        return TraceReader.open(trace).counters();
    }

    private static long[] series(List<Counter> rows, CounterName name) {
        return rows.stream()
                .filter(row -> row.name() == name)
                .mapToLong(Counter::value)
                .toArray();
    }

    private static long most(long... values) {
        long most = 0;
        for (long value : values) {
            most = Math.max(most, value);
        }
        return most;
    }

    private static long leastAfterMost(long... values) {
        long most = 0;
        long least = Long.MAX_VALUE;
        for (long value : values) {
            if (value > most) {
                most = value;
                least = value;
            }
            least = Math.min(least, value);
        }
        return least;
    }

    @Test
    void wholePagesLieInThePageHeapBetweenBursts() {
        for (String strategy : List.of("tcmalloc-percpu", "tcmalloc-thread")) {
            List<Counter> returned = rows(strategy);
            assertThat(most(series(returned, CounterName.PAGE_HEAP_BYTES)))
                    .as(strategy)
                    .isGreaterThan(LIVE / 2);
            assertThat(most(series(rows(strategy + ":spans=kept"), CounterName.PAGE_HEAP_BYTES)))
                    .isZero();
        }
    }

    @Test
    void whatAnArenaDoesNotUseForLongGoesToTheSystem() {
        List<Counter> kept = rows("jemalloc");
        assertThat(most(series(kept, CounterName.PAGE_HEAP_BYTES))).isGreaterThan(LIVE / 2);
        long[] heap = series(kept, CounterName.HEAP_BYTES);
        assertThat(leastAfterMost(heap)).isEqualTo(most(heap));
        assertThat(most(series(rows("jemalloc:slabs=kept"), CounterName.PAGE_HEAP_BYTES)))
                .isZero();
        assertThat(leastAfterMost(series(rows("jemalloc:decay_us=500"), CounterName.HEAP_BYTES)))
                .isLessThan(LIVE / 2);
    }

    /**
     * The heap is as large as before, unless pages are released; then it is a burst's at its peak, and less between.
     */
    @Test
    void whatIsReleasedIsNotTheHeapsAnyMore() {
        long[] kept = series(rows("tcmalloc-percpu:background_us=100"), CounterName.HEAP_BYTES);
        assertThat(leastAfterMost(kept)).isEqualTo(most(kept)).isGreaterThan(LIVE);
        List<Counter> released = rows("tcmalloc-percpu:background_us=100,release=1000000");
        long[] heap = series(released, CounterName.HEAP_BYTES);
        assertThat(most(heap)).isGreaterThan(LIVE * 9 / 10);
        assertThat(leastAfterMost(heap)).isLessThan(LIVE / 2);
        assertThat(most(series(released, CounterName.FOOTPRINT_BYTES))).isGreaterThanOrEqualTo(most(heap));
        long[] slowly = series(rows("tcmalloc-thread:release_rate=1000"), CounterName.HEAP_BYTES);
        assertThat(leastAfterMost(slowly)).isLessThan(LIVE / 2);
    }
}
