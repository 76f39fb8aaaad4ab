package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** With several sizes memory is told in bytes, by every strategy's own way of finding a block's class. */
class BytesOfSizesTest {
    @TempDir
    private Path scratch;

    static Stream<String> strategies() {
        return Strategies.ALL.stream().map(AllocatorStrategy::id);
    }

    /** Classes from 32 to 1024 bytes; whatever is live or free was cut from the heap. */
    @ParameterizedTest
    @MethodSource("strategies")
    void liveAndFreeBytesFitIntoTheHeapAndBlocksIntoTheirBytes(String strategy) {
        RunRequest request = RunRequest.of(strategy, "sized-churn:live=32,most=1024,handoff=0.2")
                .cpus(2)
                .threads(3)
                .warmup(20e-6)
                .window(40e-6)
                .ops(OpsMode.NONE);
        Map<String, Long> totals = Collector.collect(RunSpecs.resolve(request, 5), scratch.resolve("t"))
                .info()
                .totals();
        long cachedBlocks = totals.get("cached_blocks");
        long cached = totals.get("cached_bytes");
        long poolBlocks = totals.get("pool_blocks");
        long pool = totals.get("pool_bytes");
        assertThat(cached).isBetween(32 * cachedBlocks, 1024 * cachedBlocks);
        assertThat(pool).isBetween(32 * poolBlocks, 1024 * poolBlocks);
        long peak = totals.get("peak_live_bytes");
        assertThat(peak)
                .isBetween(32 * totals.get("peak_live_blocks"), 1024 * totals.get("peak_live_blocks"))
                .isLessThanOrEqualTo(totals.get("footprint_bytes"));
        assertThat(cached + pool).isLessThanOrEqualTo(totals.get("footprint_bytes"));
        if (cachedBlocks > 50) {
            assertThat(cached).as("sizes differ").isGreaterThan(32 * cachedBlocks);
        }
    }
}
