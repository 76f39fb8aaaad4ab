package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.workload.SmallMallocTrace;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A replayed trace keeps its own order wherever objects change hands, under every strategy and whatever the
 * interleaving: nobody frees, copies or writes what another has not handed over yet, or has freed.
 */
class ReplayContractTest {
    private static final int THREADS = 6;
    private static final int CALLS = 150;

    @TempDir
    static Path scratch;

    static Stream<String> strategies() {
        return Strategies.ALL.stream().map(AllocatorStrategy::id);
    }

    private static int write(Path file, long seed) {
        return SmallMallocTrace.write(file, THREADS, CALLS, seed);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void onceThroughLeavesLiveWhatTheTraceDoes(String strategy) {
        for (long seed = 1; seed <= 2; seed++) {
            Path file = scratch.resolve(strategy + "-once-" + seed);
            int live = write(file, seed);
            for (int threads : new int[] {THREADS, 4}) {
                TinyRun run = new TinyRun(strategy, "replay:loop=0,window=20,trace=" + file, 3, threads, seed);
                run.run(1 << 20);
                assertThat(run.oracle.mallocs - run.oracle.frees).isEqualTo(live);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void againAndAgainKeepsTheBooks(String strategy) {
        for (long seed = 1; seed <= 2; seed++) {
            Path file = scratch.resolve(strategy + "-again-" + seed);
            write(file, seed);
            TinyRun run = new TinyRun(strategy, "replay:window=500,think=2,touch=900,trace=" + file, 3, THREADS, seed);
            run.run(3 * CALLS);
            assertThat(run.oracle.mallocs).isGreaterThan(CALLS);
        }
    }

    @Test
    void aThreadThatIsToldToEndWakesWhoWaits() {
        Path file = scratch.resolve("stop");
        write(file, 9);
        for (int operations = 1; operations < 40; operations++) {
            TinyRun run = new TinyRun("global-mutex", "replay:window=3,trace=" + file, 2, THREADS, operations);
            run.run(operations);
            assertThat(run.machine.threads).allMatch(thread -> thread.state == TinyThread.State.EXITED);
        }
    }
}
