package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

    /** Calls made at random, with every kind of end by every thread; answers how many objects are live at the end. */
    private static int write(Path file, long seed) {
        Random random = new Random(seed);
        List<Integer> live = new ArrayList<>();
        MallocEvent event = new MallocEvent();
        int next = 0;
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < CALLS; i++) {
                int thread = random.nextInt(THREADS);
                int what = random.nextInt(live.size() > 30 ? 12 : 8);
                if (what < 5 || live.isEmpty()) {
                    event.begin(MallocEvent.Kind.ALLOCATE, thread);
                } else if (what == 5) {
                    event.begin(MallocEvent.Kind.REALLOCATE, thread).oldId = live.remove(random.nextInt(live.size()));
                } else if (what == 6) {
                    event.begin(MallocEvent.Kind.NOTHING, thread);
                } else {
                    event.begin(MallocEvent.Kind.FREE, thread).id = live.remove(random.nextInt(live.size()));
                }
                if (event.kind.begins()) {
                    event.id = next++;
                    event.sizeBytes = random.nextInt(900);
                    live.add(event.id);
                }
                writer.accept(event);
            }
            writer.finish(new MallocOrigin("android", true, false, false, false), Repairs.NONE);
        }
        return live.size();
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
            assertThat(run.machine.threads).allMatch(thread -> thread.state == TinyMachine.State.EXITED);
        }
    }
}
