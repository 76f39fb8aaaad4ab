package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every strategy under every fourth workload; workloads, CPUs, kernels, faults and engines take turns, so that all
 * meet. {@link AcceptanceMatrix} runs all combinations; that no interleaving under any workload breaks the books is
 * tried, without time, in {@code WorkloadContractTest}.
 */
class AcceptanceTest {
    private static final List<Engine> ONE = List.of(Engine.INTERPRETER);
    private static final List<Engine> TWO = List.of(Engine.INTERPRETER, Engine.FASTEST);
    private static final int EVERY = 4;
    /** One case in so many is run by two engines: compiling takes longer than so short a run. */
    private static final int TWO_EVERY = 10;

    @TempDir
    static Path folder;

    private static Acceptance acceptance;

    @BeforeAll
    static void record() {
        acceptance = new Acceptance(folder);
    }

    static Stream<String> strategies() {
        return Strategies.ALL.stream().map(AllocatorStrategy::id);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void everyStrategyStandsWorkloadsKernelsAndFaults(String id) {
        AllocatorStrategy strategy = Strategies.byId(id);
        int number = Strategies.ALL.indexOf(strategy);
        List<String> workloads = acceptance.workloads();
        for (int i = number % EVERY; i < workloads.size(); i += EVERY) {
            int turn = number + i;
            RseqPolicy kernel = Kernels.ALL.get((number + i / EVERY) % Kernels.ALL.size());
            Acceptance.Case one = Acceptance.of(strategy, workloads.get(i), kernel, 1, turn);
            assertThat(acceptance.fault(one, turn % TWO_EVERY == 0 ? TWO : ONE)).isNull();
        }
    }
}
