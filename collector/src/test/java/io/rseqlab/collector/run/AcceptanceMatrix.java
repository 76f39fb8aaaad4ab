package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link Acceptance} in full, no part of the suite: all strategies, workloads, kernels and five seeds, each by the
 * interpreter, compiled, and compiled with fast-forward. {@code mvn -q test -Pmatrix} runs it;
 * {@code -Dmatrix.strategies} (regular expressions separated by commas, in the order in which they are to run),
 * {@code -Dmatrix.kernels} (one) and {@code -Dmatrix.seeds} (as {@code 3}, {@code 2..5} or {@code 1,4}) choose a part,
 * whose cases are those of the whole. A line per strategy says how many cases there were; all that fail are named at
 * once and in the end.
 */
class AcceptanceMatrix {
    private static final List<Engine> ENGINES =
            List.of(Engine.INTERPRETER, Engine.COMPILED, Engine.COMPILED_FAST_FORWARD);
    private static final List<Long> SEEDS = RunSpecs.seeds(System.getProperty("matrix.seeds", "1..5"));
    private static final String STRATEGIES = System.getProperty("matrix.strategies", ".*");
    private static final String KERNELS = System.getProperty("matrix.kernels", ".*");

    @TempDir
    private Path folder;

    @Test
    void everyCombination() {
        PrintStream out = System.out;
        List<String> faults = new ArrayList<>();
        Acceptance acceptance = new Acceptance(folder);
        List<AllocatorStrategy> strategies = Acceptance.strategies(STRATEGIES);
        List<RseqPolicy> kernels = Kernels.ALL.stream()
                .filter(kernel -> kernel.id().matches(KERNELS))
                .toList();
        for (AllocatorStrategy strategy : strategies) {
            long started = System.nanoTime();
            int number = Strategies.ALL.indexOf(strategy);
            int cases = 0;
            int before = faults.size();
            for (RseqPolicy kernel : kernels) {
                for (long seed : SEEDS) {
                    cases += run(acceptance, strategy, kernel, seed, number, faults);
                }
            }
            out.printf(
                    "%s: %d cases by %d engines, %d failed, %d s%n",
                    strategy.id(),
                    cases,
                    ENGINES.size(),
                    faults.size() - before,
                    Math.round((System.nanoTime() - started) / 1e9));
        }
        assertThat(strategies).as("strategies that match " + STRATEGIES).isNotEmpty();
        assertThat(kernels).as("kernels that match " + KERNELS).isNotEmpty();
        assertThat(faults).isEmpty();
    }

    private static int run(
            Acceptance acceptance,
            AllocatorStrategy strategy,
            RseqPolicy kernel,
            long seed,
            int number,
            List<String> faults) {
        int cases = 0;
        for (String workload : acceptance.workloads()) {
            String fault = acceptance.fault(
                    Acceptance.of(strategy, workload, kernel, seed, number + cases + Kernels.ALL.indexOf(kernel)),
                    ENGINES);
            cases++;
            if (fault != null) {
                System.out.println("FAILED " + fault);
                faults.add(fault);
            }
        }
        return cases;
    }
}
