package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Mark;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks that came with refills and went with flushes are the blocks that moved. */
class BatchObjectsTest {
    private static long free(TinyRun run, Predicate<Place> where) {
        AtomicLong blocks = new AtomicLong();
        run.strategy.audit(run.machine, (block, place) -> blocks.addAndGet(where.test(place) ? 1 : 0));
        return blocks.get();
    }

    private static boolean isPool(Place place) {
        return place.holder() == Place.Holder.POOL;
    }

    /**
     * One thread with 16 live objects: the first refill brings a list, each later one what was freed since the one
     * before, which is all but the live ones.
     */
    @ParameterizedTest
    @CsvSource({
        "snmalloc, 256",
        "snmalloc-2019, 1024",
        "mimalloc, 64",
        "mimalloc-v3, 64",
        "rpmalloc, 64",
        "'mimalloc:extend=2048', 32"
    })
    void aRefillBringsWhatWasFreedSinceTheLast(String strategy, long first) {
        TinyOracle oracle = new TinyRun(strategy, "churn:live=16,handoff=0", 1, 1, 1).run(8000).oracle;
        long refills = oracle.counts[Mark.COUNT_REFILLS];
        assertThat(refills).isGreaterThan(5);
        assertThat(oracle.counts[Mark.COUNT_REFILL_OBJECTS]).isEqualTo(first + (refills - 1) * (first - 16));
        assertThat(oracle.counts[Mark.COUNT_FLUSHES]).isZero();
    }

    /** Every malloc takes a block of a list that came with a refill; what is left lies with threads. */
    @ParameterizedTest
    @ValueSource(strings = {"snmalloc", "snmalloc-2019", "snmalloc:rings=0", "mimalloc", "mimalloc-v3", "rpmalloc"})
    void everyBlockThatIsHandedOutCameWithARefill(String strategy) {
        for (String workload : new String[] {"producer-consumer", "sized-churn:handoff=0.5,live=40"}) {
            TinyRun run = new TinyRun(strategy, workload, 3, 6, 5).run(3000);
            long left = run.oracle.counts[Mark.COUNT_REFILL_OBJECTS] - run.oracle.mallocs;
            assertThat(left).as(workload).isBetween(0L, free(run, place -> true));
        }
    }

    /** Nothing goes back: all blocks that there are came with pages. */
    @ParameterizedTest
    @ValueSource(strings = {"churn:handoff=0.5,live=100", "producer-consumer"})
    void pagesOfRseqListAreCutIntoAllBlocksThatThereAre(String workload) {
        TinyRun run = new TinyRun("rseq-list", workload, 3, 6, 5).run(3000);
        assertThat(run.oracle.counts[Mark.COUNT_REFILL_OBJECTS])
                .isEqualTo(64 * run.oracle.counts[Mark.COUNT_REFILLS])
                .isEqualTo(run.oracle.owners.size() + free(run, place -> !isPool(place)));
    }

    /** What threads gave away and did not get back lies with CPUs and in the global lists. */
    @ParameterizedTest
    @ValueSource(strings = {"supermalloc", "supermalloc-rseq"})
    void superMallocsListsHoldWhatWentAndDidNotComeBack(String strategy) {
        for (String workload : new String[] {"producer-consumer", "sized-churn:handoff=0.5,live=100"}) {
            TinyRun run =
                    new TinyRun(strategy + ":thread_bytes=512,cpu_bytes=2048,depth=8", workload, 3, 6, 5).run(3000);
            long[] counts = run.oracle.counts;
            assertThat(counts[Mark.COUNT_FLUSHES]).isGreaterThan(20);
            assertThat(counts[Mark.COUNT_REFILLS]).isGreaterThan(20);
            assertThat(counts[Mark.COUNT_FLUSH_OBJECTS] - counts[Mark.COUNT_REFILL_OBJECTS])
                    .isEqualTo(free(
                            run,
                            place -> place.holder() == Place.Holder.CPU
                                    || place.words().equals("global list")));
        }
    }

    /**
     * Threads that nobody interrupts, so that no object has to be brought back: what came and did not go is live or in
     * arrays.
     */
    @ParameterizedTest
    @ValueSource(strings = {"producer-consumer", "sized-churn:handoff=0.5,live=300", "mstress"})
    void tcmallocsArraysHoldWhatCameAndDidNotGo(String workload) {
        TinyRun run = new TinyRun("tcmalloc-percpu:transfer=64,cpu_budget=8192", workload, 2, 2, 5);
        run.meanSlice = Integer.MAX_VALUE;
        run.run(5000);
        long[] counts = run.oracle.counts;
        assertThat(counts[Mark.COUNT_FLUSHES]).isPositive();
        assertThat(counts[Mark.COUNT_REFILL_OBJECTS] - counts[Mark.COUNT_FLUSH_OBJECTS])
                .isEqualTo(run.oracle.owners.size() + free(run, place -> place.holder() == Place.Holder.CPU));
    }

    /** Threads' lists and the pool: nothing is in between. Threads that end give all of theirs. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "cap=16,refill=8,flush=8; producer-consumer",
                "cap=16,refill=8,flush=8; sized-churn:handoff=0.5,live=100",
                "cap=16,refill=8,flush=8; turnover:life=50,left=0.5",
                "cap=4,refill=4,flush=8; producer-consumer"
            })
    void threadCachesHoldWhatCameAndDidNotGo(String settings, String workload) {
        TinyRun run = new TinyRun("thread-cache:" + settings, workload, 3, 6, 5).run(3000);
        long[] counts = run.oracle.counts;
        assertThat(counts[Mark.COUNT_FLUSHES]).isGreaterThan(20);
        long went = counts[Mark.COUNT_FLUSH_OBJECTS] - counts[Mark.COUNT_FLUSH_SHORT];
        assertThat(counts[Mark.COUNT_REFILL_OBJECTS] - went)
                .isEqualTo(run.oracle.owners.size() + free(run, place -> !isPool(place)));
    }
}
