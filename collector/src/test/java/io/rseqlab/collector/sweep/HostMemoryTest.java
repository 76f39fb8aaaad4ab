package io.rseqlab.collector.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Runs that would not fit side by side wait for each other, and one that is too large for all is tried alone. */
class HostMemoryTest {
    private static RunSpec spec(int cpus, int threads) {
        return RunSpecs.resolve(
                RunRequest.of("rseq-freelist", "churn").cpus(cpus).threads(threads), 1);
    }

    @Test
    void largeRunsTakeMoreAndFewerFit() {
        HostMemory memory = new HostMemory(1L << 30);
        assertThat(HostMemory.mibOf(spec(1, 1))).isBetween(10, 20);
        assertThat(HostMemory.mibOf(spec(1024, 16_384))).isBetween(534, 1400);
        assertThat(memory.fitting(spec(1, 1))).isGreaterThan(40);
        assertThat(memory.fitting(spec(1024, 16_384))).isEqualTo(1);
    }

    @Test
    void whatDoesNotFitWaits() throws InterruptedException {
        HostMemory memory = new HostMemory(40L << 20);
        int taken = memory.take(spec(2, 2));
        AtomicBoolean second = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try {
                begun.countDown();
                int mib = memory.take(spec(1024, 1024));
                second.set(true);
                memory.give(mib);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        other.start();
        begun.await();
        other.join(100);
        assertThat(second).isFalse();
        memory.give(taken);
        other.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(second).isTrue();
    }
}
