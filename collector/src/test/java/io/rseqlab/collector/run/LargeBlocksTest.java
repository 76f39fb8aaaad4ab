package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks larger than a page: behind headers, on pages, or spans of their own, as each strategy has them. */
class LargeBlocksTest {
    @TempDir
    private Path scratch;

    static Stream<String> strategies() {
        return Strategies.ALL.stream().map(AllocatorStrategy::id);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void booksAreKeptWithBlocksOfAnyPowerOfTwo(String strategy) {
        for (int bytes : new int[] {256, 8192, 65536}) {
            keepsItsBooks(strategy, bytes);
        }
    }

    /** Who makes a page of one block for so long that another thread frees into the queue meanwhile. */
    @ParameterizedTest
    @ValueSource(strings = {"mimalloc", "mimalloc-v3"})
    void booksAreKeptWithBlocksAsLargeAsPages(String strategy) {
        keepsItsBooks(strategy, 1048576);
    }

    private void keepsItsBooks(String strategy, int bytes) {
        RunRequest request = RunRequest.of(strategy, "symmetric:slots=4,size=" + bytes)
                .cpus(2)
                .threads(2)
                .warmup(20e-6)
                .window(200e-6)
                .ops(OpsMode.NONE);
        assertThat(Collector.collect(RunSpecs.resolve(request, 5), scratch.resolve("t" + bytes))
                        .violations())
                .as("blocks of %d bytes", bytes)
                .isEmpty();
    }
}
