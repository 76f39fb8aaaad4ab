package io.rseqlab.collector.strategy;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every strategy must keep under every workload and interleaving. */
class StrategyContractTest {
    private static final int SEEDS = 10;

    static Stream<String> strategies() {
        return Strategies.ALL.stream().map(AllocatorStrategy::id);
    }

    private static TinyRun run(String strategy, String workload, int cpus, int threads, long seed) {
        try {
            return new TinyRun(strategy, workload, cpus, threads, seed).run(3000);
        } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
            throw new AssertionError(strategy + " " + workload + " seed " + seed + ": " + e.getMessage(), e);
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void churnKeepsTheBooks(String strategy) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            run(strategy, "churn", 2, 4, seed);
            run(strategy, "churn:handoff=0.5,pad=6", 2, 6, seed);
            run(strategy, "churn:handoff=1,live=40", 3, 5, seed);
        }
    }
}
