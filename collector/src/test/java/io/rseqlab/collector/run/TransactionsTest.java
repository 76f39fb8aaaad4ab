package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.workload.SmallWorkloads;
import io.rseqlab.trace.parquet.TraceCheck;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SuperMalloc with hardware transactions on a machine that has them: what {@link Acceptance} asks of all strategies,
 * which run on a machine without; what it counts; and what runs where there are none.
 */
class TransactionsTest {
    private static final String STRATEGY = "supermalloc:thread_bytes=512,cpu_bytes=1024,depth=2,sync=htm";
    private static final double MICROSECOND = 1e-6;
    private static final List<Engine> ENGINES =
            List.of(Engine.INTERPRETER, Engine.FAST_FORWARD, Engine.COMPILED, Engine.COMPILED_FAST_FORWARD);

    @TempDir
    private Path folder;

    private int runs;

    static List<String> workloads() {
        return SmallWorkloads.all();
    }

    private static RunRequest request(String strategy, String workload, int cpus, long slack) {
        return RunRequest.of(strategy, workload)
                .machine("i7-4770-4")
                .cpus(cpus)
                .threads(8)
                .warmup(20 * MICROSECOND)
                .window(40 * MICROSECOND)
                .ops(OpsMode.parse("all"))
                .slackCycles(slack)
                .tick(10 * MICROSECOND);
    }

    private Collector.Outcome run(RunRequest request, long seed, Engine engine) {
        RunSpec spec = RunSpecs.resolve(request, seed);
        Collector.Outcome outcome = collect(spec, engine);
        assertThat(outcome.violations()).as("%s", spec.command()).isEmpty();
        assertThat(outcome.unaudited()).isNull();
        assertThat(TraceCheck.of(folder.resolve("run" + runs)).violations()).isEmpty();
        return outcome;
    }

    private Collector.Outcome collect(RunSpec spec, Engine engine) {
        Path directory = folder.resolve("run" + ++runs);
        return Collector.collect(spec, directory, engine, new StopFlag(), Checkpoints.WORK_MICRO_OPS);
    }

    /** On 2 and on 16 CPUs, with signals and ticks every 10 us; the books balance and all engines agree. */
    @ParameterizedTest
    @MethodSource("workloads")
    void theBooksAreKeptAndEnginesAgree(String workload) {
        String signals = (workload.endsWith(":") ? "" : ",") + "signal_hz=";
        for (int cpus : new int[] {2, 16}) {
            RunRequest request = request(STRATEGY, workload + signals + (cpus == 2 ? 8_000 : 50_000), cpus, 1000);
            String expected = null;
            for (Engine engine : ENGINES) {
                Collector.Outcome outcome = run(request, cpus + 1, engine);
                expected = expected == null ? outcome.info().contentHash() : expected;
                assertThat(outcome.info().contentHash()).as("%s", engine).isEqualTo(expected);
                assertThat(outcome.info().spec()).containsEntry("mode", "transactions");
            }
        }
    }

    /** Where no transaction is, periods are skipped as ever, and none that has one in it. */
    @Test
    void fastForwardGoesOnBetweenTransactions() {
        // a thread's own blocks stay within its lists, those of others do not
        for (String workload : List.of("churn:live=4", "churn:live=40,handoff=0.5", "producer-consumer")) {
            RunRequest request = request(STRATEGY, workload, 2, 1000)
                    .threads(2)
                    .window(600 * MICROSECOND)
                    .tick(300 * MICROSECOND)
                    .ops(OpsMode.parse("none"))
                    .oracle(false);
            RunSpec spec = RunSpecs.resolve(request, 1);
            Collector.Outcome expected = collect(spec, Engine.INTERPRETER);
            Collector.Outcome fast = collect(spec, Engine.COMPILED_FAST_FORWARD);
            assertThat(fast.info().contentHash()).isEqualTo(expected.info().contentHash());
            boolean quiet = workload.equals("churn:live=4");
            assertThat(fast.skippedMicroOps() > 0).as(workload).isEqualTo(quiet);
            assertThat(fast.info().totals().getOrDefault("transactions", 0L) > 100)
                    .as(workload)
                    .isNotEqualTo(quiet);
        }
    }

    /** Every transaction ends once, and the causes for which some are undone come up. */
    @Test
    void transactionsAreCountedAndSoIsWhyTheyWereUndone() {
        Map<String, Long> sums = new HashMap<>();
        String tight = "supermalloc:thread_bytes=0,refresh=1000,sync=htm";
        for (String workload : List.of("churn:handoff=0.5,signal_hz=20000", "producer-consumer:signal_hz=20000")) {
            run(
                            request(tight, workload, 3, 1000)
                                    .window(400 * MICROSECOND)
                                    .ops(OpsMode.parse("none")),
                            1,
                            Engine.FASTEST)
                    .info()
                    .totals()
                    .forEach((name, count) -> sums.merge(name, count, Long::sum));
        }
        assertThat(sums.get("transactions")).isGreaterThan(1000);
        assertThat(sums.get("transaction_aborts")).isBetween(10L, sums.get("transactions"));
        assertThat(sums).containsKey("transaction_fallbacks");
        assertThat(sums.get("transaction_fallbacks")).isLessThan(sums.get("transaction_aborts") / 10 + 1);
    }

    /** Interrupted in each transaction none commits, so that all locks are taken; in some, most commit. */
    @ParameterizedTest
    @ValueSource(strings = {"abort-storm:0.3", "preempt-in-section:0.1"})
    void faultsInTransactionsAreSurvived(String injection) {
        for (String workload : List.of("churn:handoff=0.5", "producer-consumer", "sized-churn:live=12,handoff=0.3")) {
            for (int cpus : new int[] {2, 16}) {
                RunRequest request = request(STRATEGY, workload, cpus, 1000).inject(injection);
                String expected = run(request, 3, Engine.INTERPRETER).info().contentHash();
                Collector.Outcome outcome = run(request, 3, Engine.COMPILED_FAST_FORWARD);
                assertThat(outcome.info().contentHash()).isEqualTo(expected);
                assertThat(outcome.info().totals().get("transaction_aborts")).isPositive();
            }
        }
    }

    @Test
    void whereEachIsInterruptedTheLockIsTaken() {
        RunRequest request = request(STRATEGY, "churn:handoff=0.5", 2, 1000).inject("abort-storm:1");
        Map<String, Long> totals = run(request, 3, Engine.FASTEST).info().totals();
        assertThat(totals.get("transaction_fallbacks")).isPositive();
        assertThat(totals.get("transaction_aborts")).isGreaterThan(totals.get("transactions") / 2);
    }

    /** The real one asks the processor and takes its locks; to the bit the trace of a run that was told to. */
    @Test
    void whereThereAreNoneLocksAreTakenAndTheTraceSaysSo() {
        for (String machine : List.of("zen4-vm-2", "xeon-e5-2665-16")) {
            RunRequest asked = request(STRATEGY, "churn:handoff=0.5", 2, 1000).machine(machine);
            RunRequest told = request(STRATEGY.replace("htm", "lock"), "churn:handoff=0.5", 2, 1000)
                    .machine(machine);
            Collector.Outcome outcome = run(asked, 2, Engine.FASTEST);
            assertThat(outcome.info().spec()).containsEntry("mode", "fallback supermalloc:sync=lock");
            assertThat(outcome.info().totals()).doesNotContainKeys("transactions", "transaction_fallbacks");
            assertThat(outcome.info().contentHash())
                    .isEqualTo(run(told, 2, Engine.FASTEST).info().contentHash());
            assertThat(RunNotes.of(RunSpecs.resolve(asked, 2), outcome))
                    .contains("supermalloc ran as its fallback supermalloc:sync=lock: machine " + machine
                            + " has no hardware transactions");
            assertThatThrownBy(() -> RunSpecs.resolve(asked.inject("abort-storm:0.3"), 1))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("has no hardware transactions");
        }
    }
}
