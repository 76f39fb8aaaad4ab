package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                "mimalloc:delayed=off",
                "mimalloc-v3",
                "mimalloc-v3:reclaim=any",
                "rpmalloc",
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

    /** Pages change hands while others free into them: nothing is lost, and nothing is free twice. */
    @ParameterizedTest
    @CsvSource({
        "mimalloc, 1",
        "mimalloc, 2",
        "mimalloc, 3",
        "mimalloc:delayed=off, 1",
        "'mimalloc:delayed=off,page=14', 2",
        "mimalloc-v3, 1",
        "mimalloc-v3, 2",
        "'mimalloc-v3:reclaim=any,retain=0', 3",
        "'mimalloc-v3:reclaim=never', 4"
    })
    void pagesOfEndedThreadsAreAdopted(String strategy, long seed) {
        TinyRun run = new TinyRun(strategy, "turnover:live=60,life=40,least=9000,most=9999", 3, 7, seed);
        run.meanSlice = 9;
        AtomicInteger adopted = new AtomicInteger();
        run.machine.whenEnded = thread -> run.strategy.census(run.machine, (block, place) -> {
            adopted.addAndGet(place.words().equals("abandoned page") ? 1 : 0);
        });
        run.run(2500);
        assertThat(adopted).hasPositiveValue();
    }

    /** Without adoption every life would make pages of its own, and its last owner's would serve nobody. */
    @ParameterizedTest
    @ValueSource(strings = {"mimalloc", "mimalloc:delayed=off", "mimalloc-v3", "mimalloc-v3:reclaim=never", "rpmalloc"})
    void adoptedPagesAreUsedAgain(String strategy) {
        TinyRun few = new TinyRun(strategy, "turnover:live=20,life=40", 2, 3, 1).run(800);
        TinyRun many = new TinyRun(strategy, "turnover:live=20,life=40", 2, 3, 1).run(8000);
        assertThat(many.oracle.known).hasSizeLessThan(3 * few.oracle.known.size());
    }

    /** Who has the number of an ended thread takes its pages in for no other reason than anybody does. */
    @Test
    void anEndedThreadsHeapIsNoPagesHome() {
        TinyRun run = new TinyRun("mimalloc-v3:retain=1000", LOAD, 3, 5, 1);
        MimallocV3Instance strategy = (MimallocV3Instance) run.strategy;
        AtomicInteger pages = new AtomicInteger();
        run.machine.whenEnded = thread -> {
            long heap = run.machine.read64(strategy.threadBase(thread) + ThreadAreas.REST);
            for (long page : strategy.slabs.all(run.machine)) {
                pages.incrementAndGet();
                assertThat(run.machine.read64(page + MimallocV3Instance.HOME)).isNotEqualTo(heap);
            }
        };
        run.run(3000);
        assertThat(pages).hasPositiveValue();
    }

    /** The heap that was left last serves the next thread, whichever that is; until then its blocks are nobody's. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void heapsOfEndedThreadsAreTakenOver(long seed) {
        int threads = 7;
        TinyRun run = new TinyRun("rpmalloc", "turnover:live=60,life=40,most=9999,left=0.5", 3, threads, seed);
        run.meanSlice = 9;
        Set<Integer> seen = new HashSet<>();
        AtomicInteger orphaned = new AtomicInteger();
        Map<Long, Set<Integer>> threadsOfHeaps = new HashMap<>();
        run.machine.whenEnded = ended -> {
            seen.add(ended);
            run.strategy.census(
                    run.machine,
                    (block, place) -> orphaned.addAndGet(place.words().equals("orphaned heap") ? 1 : 0));
            for (int thread = 0; thread < threads; thread++) {
                long heap = run.machine.read64(run.strategy.threadBase(thread) + ThreadAreas.REST);
                threadsOfHeaps.computeIfAbsent(heap, any -> new TreeSet<>()).add(thread);
            }
        };
        run.run(2500);
        assertThat(seen).hasSize(threads);
        assertThat(orphaned).hasPositiveValue();
        assertThat(threadsOfHeaps).as("heaps, and the one that is nobody's").hasSize(threads + 1);
        assertThat(threadsOfHeaps.values()).anyMatch(users -> users.size() > 1 && users.size() < threads);
    }
}
