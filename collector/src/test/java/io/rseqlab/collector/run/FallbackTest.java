package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A strategy that lost rseq runs what the real one runs then, and nothing else: the trace is the fallback's, to the
 * bit, and says so. Lost it is where the kernel has none, and where the process cannot register, as TCMalloc cannot
 * where the C library has registered first (google/tcmalloc issue 144).
 */
class FallbackTest {
    @TempDir
    private Path folder;

    private int runs;

    @ParameterizedTest
    @CsvSource({
        "rseq-freelist, percpu-lock",
        "rseq-freelist:cap=20, percpu-lock:cap=20",
        "rseq-message, message-passing",
        "rseq-remote-cas, thread-cache-remote-cas",
        "rseq-list, percpu-lock",
        "tcmalloc-percpu, tcmalloc-thread",
        "tcmalloc-percpu:background_us=10, tcmalloc-thread",
        "supermalloc-rseq, supermalloc",
        "'supermalloc-rseq:thread_bytes=256,cpu_bytes=1024', 'supermalloc:thread_bytes=256,cpu_bytes=1024'",
    })
    void runsWhatTheRealOneRunsWithoutRseq(String strategy, String fallback) {
        String name = fallback.contains(":") ? fallback.substring(0, fallback.indexOf(':')) : fallback;
        for (String workload : List.of("churn:handoff=0.5,signal_hz=20000", "sized-churn:live=30,handoff=0.3")) {
            Collector.Outcome none = run(request(strategy, workload).kernel("none"));
            Collector.Outcome refused = run(request(strategy, workload).inject("no-registration"));
            for (Collector.Outcome outcome : List.of(none, refused)) {
                assertThat(outcome.violations()).isEmpty();
                assertThat(outcome.info().spec()).containsEntry("mode", "fallback " + name);
                assertThat(outcome.info().sections()).isEmpty();
                assertThat(outcome.info().totals())
                        .doesNotContainKey("attempts")
                        .containsEntry("aborts", 0L);
            }
            assertThat(none.info().contentHash())
                    .isEqualTo(run(request(fallback, workload).kernel("none"))
                            .info()
                            .contentHash());
            assertThat(refused.info().contentHash())
                    .isEqualTo(run(request(fallback, workload).inject("no-registration"))
                            .info()
                            .contentHash());
        }
    }

    @Test
    void everyStrategyWithSectionsIsTriedAbove() {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("rseq-freelist", "percpu-lock");
        expected.put("rseq-message", "message-passing");
        expected.put("rseq-remote-cas", "thread-cache-remote-cas");
        expected.put("rseq-list", "percpu-lock");
        expected.put("tcmalloc-percpu", "tcmalloc-thread");
        expected.put("supermalloc-rseq", "supermalloc");
        Map<String, String> real = new LinkedHashMap<>();
        Strategies.ALL.stream()
                .filter(AllocatorStrategy::usesRseq)
                .forEach(strategy -> real.put(strategy.id(), strategy.fallback()));
        assertThat(real).isEqualTo(expected);
    }

    @Test
    void whoReadsOnlyTheCommandsAnswerIsToldToo() {
        RunRequest lost = request("tcmalloc-percpu", "churn").inject("no-registration");
        assertThat(RunNotes.of(RunSpecs.resolve(lost, 1), run(lost)))
                .contains("tcmalloc-percpu ran as its fallback tcmalloc-thread: registration failed (--inject"
                        + " no-registration)");
        RunRequest none = request("rseq-list", "churn").kernel("none");
        assertThat(RunNotes.of(RunSpecs.resolve(none, 1), run(none)))
                .contains("rseq-list ran as its fallback percpu-lock: kernel none offers no rseq");
        RunRequest usual = request("rseq-list", "churn");
        assertThat(RunNotes.of(RunSpecs.resolve(usual, 1), run(usual))).isEmpty();
    }

    @Test
    void withoutRegistrationNothingElseCanBeInjected() {
        RunRequest lost = request("rseq-freelist", "churn").inject("no-registration");
        assertThatThrownBy(() -> RunSpecs.resolve(lost.inject("abort-storm:0.3"), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("stands alone");
        assertThatThrownBy(() -> RunSpecs.resolve(lost.kernel("none"), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("needs a kernel with rseq");
    }

    private static RunRequest request(String strategy, String workload) {
        return RunRequest.of(strategy, workload)
                .cpus(2)
                .threads(5)
                .warmup(50e-6)
                .window(60e-6)
                .ops(OpsMode.parse("all"))
                .tick(10e-6);
    }

    private Collector.Outcome run(RunRequest request) {
        return Collector.collect(RunSpecs.resolve(request, 1), folder.resolve("run" + runs++));
    }
}
