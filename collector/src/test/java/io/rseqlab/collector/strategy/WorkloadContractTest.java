package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.workload.SmallWorkloads;
import io.rseqlab.collector.workload.Workload;
import io.rseqlab.collector.workload.Workloads;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every workload must keep under every strategy and interleaving, with any number of threads, interrupted by
 * preemption, migration and signals. Every pair is tried on 2 or on 16 CPUs here; {@code AcceptanceMatrix} tries all.
 */
class WorkloadContractTest {
    static Stream<String> strategies() {
        return Strategies.ALL.stream().map(AllocatorStrategy::id);
    }

    static List<String> workloads() {
        return SmallWorkloads.all();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void theBooksAreKeptUnderEveryWorkload(String strategy) {
        int turn = Strategies.ALL.indexOf(Strategies.byId(strategy));
        for (String workload : workloads()) {
            keepsTheBooks(strategy, workload, 3, 2);
            keepsTheBooks(strategy, workload, turn++ % 2 == 0 ? 2 : 16, 8);
        }
    }

    private static void keepsTheBooks(String strategy, String workload, int cpus, int threads) {
        try {
            TinyRun run = new TinyRun(strategy, workload, cpus, threads, threads);
            run.signals = 0.02;
            run.run(200);
            assertThat(run.oracle.workDone).isGreaterThanOrEqualTo(200);
        } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
            throw new AssertionError(
                    strategy + " " + workload + " with " + threads + " threads on " + cpus + " CPUs: " + e.getMessage(),
                    e);
        }
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void oneThreadAloneComesOn(String workload) {
        TinyRun run = new TinyRun("global-treiber", workload, 2, 1, 1).run(300);
        assertThat(run.oracle.frees).isPositive();
        assertThat(run.oracle.foreignFrees).isZero();
    }

    /** How much is freed by others is what decides between designs, so it must be what the workload says. */
    @Test
    void whoFreesIsAsTheWorkloadSays() {
        assertThat(foreign("xmalloc-test:batch=20", 6)).isEqualTo(1);
        assertThat(foreign("xmalloc-test:batch=20,size=100,touch=never,idle_us=1", 6))
                .isEqualTo(1);
        assertThat(foreign("msgpass", 8)).isEqualTo(1);
        assertThat(foreign("producer-consumer", 4)).isEqualTo(1);
        assertThat(foreign("symmetric:slots=16", 4)).isBetween(0.65, 0.85);
        assertThat(foreign("glibc-thread:slots=10", 4)).isZero();
        assertThat(foreign("glibc-simple:live=10", 4)).isZero();
        assertThat(foreign("cache-thrash:touches=1", 4)).isZero();
        // each thread but the first gets one object of another's
        assertThat(foreign("cache-scratch:touches=1", 4) * 4000).isBetween(2.5, 3.5);
        assertThat(foreign("bursts:live=10,burst=50", 4)).isZero();
        assertThat(foreign("sketch:live=10", 4)).isZero();
        // half of the objects go to the table, and three quarters of those come to another thread
        assertThat(foreign("sketch:live=10,handoff=0.5", 4)).isBetween(0.2, 0.45);
        assertThat(foreign("alloc-test:slots=100", 4)).isZero();
        // who has a batch next is anybody
        assertThat(foreign("migration:batch=5,cells=16", 4)).isBetween(0.65, 0.8);
        assertThat(foreign("migration:batch=5,migrate=0", 4)).isZero();
        assertThat(foreign("empirical:live=40", 4)).isZero();
        assertThat(foreign("empirical:live=40,handoff=1", 4)).isBetween(0.65, 0.85);
        assertThat(foreign("task-pool:tasks=60,live=10,requests=1", 4, 40_000)).isBetween(0.70, 0.77);
        // 3/4 x 10/20 x (1 - 0.9^20)
        assertThat(foreign("task-pool:tasks=60,live=10,requests=20", 4, 40_000)).isBetween(0.29, 0.35);
        // handed over are 32 of 32 + 64.5 per round, where everybody has taken what was handed to him
        assertThat(foreign("rptest:slots=100,most=300,handed=64", 4)).isBetween(0.2, 0.34);
        assertThat(foreign("rptest:slots=100,most=300,handed=0", 4)).isZero();
        assertThat(foreign("mstress:scale=1,cells=1000", 4)).isBetween(0.02, 0.4);
        // a first generation that is foreign by three quarters, replaced four times
        assertThat(foreign("larson:slots=100,rounds=0", 4)).isBetween(0.05, 0.4);
    }

    private static double foreign(String workload, int threads) {
        return foreign(workload, threads, 4000);
    }

    private static double foreign(String workload, int threads, int operations) {
        TinyRun run = new TinyRun("global-mutex", workload, 3, threads, 3).run(operations);
        assertThat(run.oracle.frees).isPositive();
        return (double) run.oracle.foreignFrees / run.oracle.frees;
    }

    @Test
    void objectsThatNobodyTouchesStayAsTheyWere() {
        assertThat(writtenInTheSecondLine("write")).isPositive();
        assertThat(writtenInTheSecondLine("never")).isZero();
    }

    /** Blocks whose second line begins with the 1 that producers write; jemalloc writes into the first word at most. */
    private static long writtenInTheSecondLine(String touch) {
        TinyRun run = new TinyRun("jemalloc", "xmalloc-test:batch=20,size=128,touch=" + touch, 2, 2, 3).run(400);
        return run.oracle.known.stream()
                .filter(block -> run.machine.read64(block + 64) == 1)
                .count();
    }

    /** A round of mstress has 100 objects that come and go and 50 that stay, and leaves what lies in the table only. */
    @Test
    void aRoundOfMstressFreesAllButTheTablesObjects() {
        TinyRun run = new TinyRun("global-treiber", "mstress:scale=1,cells=8", 1, 1, 5).run(150 * 7);
        assertThat(run.oracle.mallocs - run.oracle.frees).isBetween(0L, 8L + 150);
        assertThat(run.oracle.mallocs).isBetween(150L * 7, 150L * 7 + 2);
    }

    @Test
    void settingsAreWithinTheirLimitsByDefault() {
        for (Workload workload : Workloads.ALL) {
            Settings settings = Settings.parse(workload.id(), workload.parameters());
            workload.parameters().forEach(parameter -> {
                if (!parameter.text() && parameter.choices().isEmpty()) {
                    assertThat(settings.number(parameter.name())).isBetween(parameter.least(), parameter.most());
                }
            });
        }
    }
}
