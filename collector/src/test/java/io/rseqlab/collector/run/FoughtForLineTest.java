package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.MachineProfile;
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

    /**
     * Of two threads that pass objects on, the consumer's compare-and-swaps wait for objects' lines; those of the next
     * objects are asked for meanwhile. Measured on turin-vm-2 with both pinned, host state FAR: 0.8 transfers a pair of
     * operations (six windows: 0.66 to 0.96); one after the other it would be more than two.
     */
    @Test
    void missesBehindAnExchangeDoNotWaitForIt() {
        MachineProfile apart = RunSpecs.machine("turin-vm-2").apart().withCpus(2);
        RunRequest request = RunRequest.of("thread-cache-remote-cas", "producer-consumer")
                .cpus(2)
                .threads(2)
                .pinned(true)
                .warmup(500 * MICROSECOND)
                .window(500 * MICROSECOND)
                .tick(1)
                .noise(false)
                .ops(OpsMode.NONE);
        long ops = Collector.collect(
                        RunSpecs.resolve(request, 1).toBuilder().machine(apart).build(), folder.resolve("pair"))
                .info()
                .totals()
                .get("ops");
        double cyclesPerPair = 2 * 500 * MICROSECOND * apart.clockHz() / ops;
        assertThat(cyclesPerPair / apart.cycles("transfer.other_l3")).isBetween(0.5, 1.2);
    }
}
