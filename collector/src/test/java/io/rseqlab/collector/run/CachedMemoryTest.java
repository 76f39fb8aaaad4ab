package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What TCMalloc's design documents and the issues of gperftools say of free memory that lies in caches: with caches per
 * thread it grows with the threads, with caches per CPU with the CPUs that the threads come to, and by concurrency id
 * with the fewer of both. Threads allocate 200 objects of 64 bytes, free them all and sleep.
 */
class CachedMemoryTest {
    @TempDir
    private Path folder;

    private int runs;

    private double cachedBlocks(String strategy, int threads) {
        RunRequest request = RunRequest.of(strategy, "bursts:live=200")
                .machine("generic-64")
                .cpus(4)
                .threads(threads)
                .warmup(3e-3)
                .window(5e-3)
                .ops(OpsMode.NONE);
        Collector.Outcome outcome = Collector.collect(RunSpecs.resolve(request, 1), folder.resolve("run" + runs++));
        assertThat(outcome.violations()).isEmpty();
        return outcome.info().totals().get("cached_blocks");
    }

    @Test
    void cachesPerThreadGrowWithThreadsAndCachesPerCpuDoNot() {
        double perThread = cachedBlocks("thread-cache", 4);
        assertThat(perThread).isGreaterThan(4 * 200);
        assertThat(cachedBlocks("thread-cache", 16) / perThread).isCloseTo(4, within(0.2));
        double perCpu = cachedBlocks("rseq-freelist", 4);
        assertThat(cachedBlocks("rseq-freelist", 16) / perCpu).isCloseTo(1, within(0.2));
        assertThat(cachedBlocks("rseq-freelist", 2) / perCpu).isCloseTo(0.5, within(0.1));
    }

    @Test
    void byConcurrencyIdItIsTheFewer() {
        double all = cachedBlocks("rseq-freelist:index=cid", 4);
        assertThat(cachedBlocks("rseq-freelist:index=cid", 16) / all).isCloseTo(1, within(0.2));
        assertThat(cachedBlocks("rseq-freelist:index=cid", 1) / all).isCloseTo(0.25, within(0.1));
    }
}
