package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an allocator does with what it keeps by thread when a thread ends. */
class ThreadEndTest {
    private static final String LOAD = "turnover:live=30,life=80,most=300,left=0.5";

    /** Runs, and asks at each end of a thread for the blocks of a place whose words begin so. */
    private static int[] left(String strategy, String wordsOfThread, String wordsBehind) {
        TinyRun run = new TinyRun(strategy, LOAD, 3, 5, 1);
        int[] endsAndBlocks = new int[2];
        run.machine.whenEnded = thread -> {
            endsAndBlocks[0]++;
            String words = wordsOfThread + thread + wordsBehind;
            run.strategy.census(run.machine, (block, place) -> {
                boolean there = wordsBehind.isEmpty()
                        ? place.words().equals(words)
                        : place.words().startsWith(words);
                endsAndBlocks[1] += there ? 1 : 0;
            });
        };
        run.run(3000);
        return endsAndBlocks;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "thread-cache",
                "thread-cache-message",
                "tcmalloc-thread",
                "supermalloc",
                "supermalloc-rseq",
                "mimalloc",
                "arena-tcache",
                "jemalloc",
                "glibc",
                "hoard"
            })
    void aThreadsCacheIsDrained(String strategy) {
        assertThat(left(strategy, "thread ", "")).satisfies(seen -> {
            assertThat(seen[0]).as("ends").isGreaterThan(20);
            assertThat(seen[1]).as("blocks that stay with the ended thread").isZero();
        });
    }

    /** snmalloc's allocators go back to a pool from which the next thread takes them. */
    @ParameterizedTest
    @ValueSource(strings = {"message-passing", "thread-cache-remote-cas", "snmalloc", "snmalloc-2019"})
    void anAllocatorIsLeftToTheThreadThatFollows(String strategy) {
        assertThat(left(strategy, "thread ", "")).satisfies(seen -> {
            assertThat(seen[0]).as("ends").isGreaterThan(20);
            assertThat(seen[1]).as("blocks that stay").isPositive();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"message-passing", "rseq-message", "percpu-lock-message", "thread-cache-message"})
    void whatIsPendingIsPosted(String strategy) {
        assertThat(left(strategy, "thread ", ", for ")).satisfies(seen -> {
            assertThat(seen[0]).as("ends").isGreaterThan(20);
            assertThat(seen[1]).as("blocks that wait to be sent").isZero();
        });
    }

    static String[] seeds() {
        return new String[] {"1", "2", "3"};
    }

    /** Pages change hands while others free into them: nothing is lost, and nothing is free twice. */
    @ParameterizedTest
    @MethodSource("seeds")
    void pagesOfEndedThreadsAreAdopted(String seed) {
        TinyRun run =
                new TinyRun("mimalloc", "turnover:live=60,life=40,least=9000,most=9999", 3, 7, Long.parseLong(seed));
        run.meanSlice = 9;
        AtomicInteger adopted = new AtomicInteger();
        run.machine.whenEnded = thread -> run.strategy.census(run.machine, (block, place) -> {
            adopted.addAndGet(place.words().equals("abandoned page") ? 1 : 0);
        });
        run.run(2500);
        assertThat(adopted).hasPositiveValue();
    }

    /** Without adoption every life would make pages of its own, and its last owner's would serve nobody. */
    @Test
    void adoptedPagesAreUsedAgain() {
        TinyRun few = new TinyRun("mimalloc", "turnover:live=20,life=40", 2, 3, 1).run(800);
        TinyRun many = new TinyRun("mimalloc", "turnover:live=20,life=40", 2, 3, 1).run(8000);
        assertThat(many.oracle.known).hasSizeLessThan(3 * few.oracle.known.size());
    }
}
