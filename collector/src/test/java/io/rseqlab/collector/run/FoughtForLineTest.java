package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two cores that fight for one line cannot both be fast: only one has it. A compare-and-swap that was decided when it
 * was dispatched, long before its operands were there, let them.
 */
class FoughtForLineTest {
    private static final double MICROSECOND = 1e-6;

    @TempDir
    private Path folder;

    private long ops(String strategy, int threads, int think) {
        RunRequest request = RunRequest.of(strategy, "churn:think=" + think)
                .machine("turin-vm-2")
                .cpus(2)
                .threads(threads)
                .warmup(50 * MICROSECOND)
                .window(300 * MICROSECOND)
                .tick(1)
                .noise(false)
                .ops(OpsMode.NONE);
        return Collector.collect(RunSpecs.resolve(request, 1), folder.resolve(strategy + "-" + threads + "-" + think))
                .info()
                .totals()
                .get("ops");
    }

    @Test
    void oneListForTwoCoresIsSlowerThanForOne() {
        long alone = ops("global-treiber", 1, 0);
        long two = ops("global-treiber", 2, 0);
        assertThat(two).isLessThan(alone).isGreaterThan(alone / 20);
    }

    @Test
    void aListPerCoreIsTwiceAsFastAsOne() {
        assertThat((double) ops("percpu-cas", 2, 0) / ops("percpu-cas", 1, 0)).isBetween(1.9, 2.1);
    }
}
