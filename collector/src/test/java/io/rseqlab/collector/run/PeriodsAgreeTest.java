package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Skipped periods are nowhere to be seen: windows in which work becomes periodic between two interruptions leave the
 * trace that single steps leave. The properties {@code periods.seeds} and {@code periods.window} (in seconds) make more
 * of it.
 */
class PeriodsAgreeTest {
    private static final int SEEDS = Integer.getInteger("periods.seeds", 1);
    private static final double WINDOW_SECONDS = Double.parseDouble(System.getProperty("periods.window", "240e-6"));

    @TempDir
    private Path folder;

    private int runs;

    @ParameterizedTest
    @CsvSource({
        "rseq-freelist, linux-6.18, true",
        "rseq-freelist, linux-7.1, true",
        "rseq-freelist, none, false",
        "message-passing, linux-6.18, true",
        "rseq-message, linux-7.1, true",
        "rseq-message, freebsd-d32505, true",
        "percpu-lock, linux-6.18, false",
        "percpu-cas, cheriabi, true",
        "thread-cache-remote-cas, linux-6.18, true",
        "global-treiber, linux-6.18, false",
        "global-mutex, linux-6.18, false",
        "ideal, linux-6.18, false",
    })
    void onStrategiesAndKernels(String strategy, String kernel, boolean skips) {
        List<RunRequest> requests = new ArrayList<>(List.of(
                request(strategy, "churn:live=4", kernel),
                request(strategy, "churn:live=3,signal_hz=2000", kernel).oracle(false),
                request(strategy, "churn:live=2,pad=7", kernel).oracle(false),
                request(strategy, "churn:live=3,handoff=0.02", kernel)
                        .oracle(false)
                        .cpus(3),
                request(strategy, "producer-consumer", kernel)));
        if (strategy.startsWith("rseq") && !kernel.equals("none")) {
            requests.add(request(strategy, "churn:live=3", kernel).inject("preempt-in-section:0.001"));
            requests.add(request(strategy, "churn:live=3", kernel).inject("no-abort"));
        }
        long skipped = 0;
        for (RunRequest request : requests) {
            for (long seed = 1; seed <= SEEDS; seed++) {
                RunSpec spec = RunSpecs.resolve(request, seed);
                String expected = run(spec, Engine.INTERPRETER).info().contentHash();
                for (Engine engine : engines(request == requests.get(0))) {
                    Collector.Outcome outcome = run(spec, engine);
                    assertThat(outcome.info().contentHash())
                            .as("%s, %s", spec.toMap(), engine)
                            .isEqualTo(expected);
                    skipped += outcome.skippedMicroOps();
                }
            }
        }
        if (skips) {
            assertThat(skipped).isGreaterThan(1_000_000);
        }
    }

    /**
     * Counts are cleared when the window opens, and no interruption comes by which periods would be looked for anew.
     */
    @Test
    void periodsFoundBeforeTheWindowAreFoundAgainInIt() {
        RunRequest request = request("rseq-freelist", "churn:live=4", "linux-6.18")
                .threads(2)
                .warmup(400e-6)
                .window(400e-6)
                .tick(4e-3);
        RunSpec spec = RunSpecs.resolve(request, 1);
        Collector.Outcome outcome = run(spec, Engine.FAST_FORWARD);
        assertThat(outcome.info().contentHash())
                .isEqualTo(run(spec, Engine.INTERPRETER).info().contentHash());
        assertThat(outcome.skippedMicroOps()).isGreaterThan(outcome.microOps() / 2);
    }

    private static List<Engine> engines(boolean all) {
        return all || SEEDS > 1
                ? List.of(Engine.FAST_FORWARD, Engine.COMPILED_FAST_FORWARD)
                : List.of(Engine.FAST_FORWARD);
    }

    private static RunRequest request(String strategy, String workload, String kernel) {
        return RunRequest.of(strategy, workload)
                .kernel(kernel)
                .cpus(2)
                .threads(5)
                .warmup(60e-6)
                .window(WINDOW_SECONDS)
                .ops(OpsMode.SLOW)
                .tick(120e-6);
    }

    private Collector.Outcome run(RunSpec spec, Engine engine) {
        return Collector.collect(
                spec, folder.resolve("run" + runs++), engine, new StopFlag(), Checkpoints.WORK_MICRO_OPS);
    }
}
