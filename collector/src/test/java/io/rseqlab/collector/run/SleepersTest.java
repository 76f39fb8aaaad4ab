package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.parquet.TraceCheck;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads that sleep while others' CPUs are idle: a CPU that has nothing to do takes a thread only once the CPU that
 * wakes it has done so.
 */
class SleepersTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 11})
    void nobodyRunsBeforeItIsAwake(long seed) {
        RunRequest request = RunRequest.of("rseq-freelist", "churn:sleep_every=2000,sleep_us=500")
                .cpus(2)
                .threads(8)
                .window(5e-3)
                .ops(OpsMode.NONE);
        Collector.collect(RunSpecs.resolve(request, seed), folder.resolve("run"));
        assertThat(TraceCheck.of(folder.resolve("run")).violations()).isEmpty();
    }
}
