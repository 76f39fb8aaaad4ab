package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every strategy must keep under every workload and interleaving. */
class StrategyContractTest {
    private static final int SEEDS = 2;
    private static final int SEEDS_OF_SIZES = 1;

    static Stream<String> strategies() {
        return Strategies.ALL.stream().flatMap(strategy -> TightSettings.all(strategy).stream());
    }

    private static TinyRun run(String strategy, String workload, int cpus, int threads, long seed) {
        try {
            return new TinyRun(strategy, workload, cpus, threads, seed).run(1200);
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

    @ParameterizedTest
    @MethodSource("strategies")
    void producerConsumerKeepsTheBooks(String strategy) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            run(strategy, "producer-consumer", 2, 2, seed);
            run(strategy, "producer-consumer:pad=4", 2, 5, seed);
            run(strategy, "producer-consumer", 3, 8, seed);
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void blocksOfManySizesKeepTheBooks(String strategy) {
        for (long seed = 1; seed <= SEEDS_OF_SIZES; seed++) {
            run(strategy, "sized-churn:live=20,most=200", 2, 4, seed);
            run(strategy, "sized-churn:live=12,most=600,handoff=0.5,pad=6", 2, 6, seed);
            run(strategy, "sized-churn:live=4,most=20000,handoff=1", 3, 5, seed);
        }
    }

    /** No program may rely on what an unregistered area holds: there the CPU's number never is. */
    @ParameterizedTest
    @MethodSource("strategies")
    void withoutRseqTheBooksAreKeptAndNothingIsASection(String strategy) {
        for (String workload : List.of("churn:handoff=0.5,pad=6", "producer-consumer", "sized-churn:handoff=0.2")) {
            TinyRun run = new TinyRun(strategy, workload, 3, 7, 11, false).run(2000);
            assertThat(run.machine.program.sections()).isEmpty();
            assertThat(run.oracle.attempts).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"percpu-lock", "percpu-cas", "rseq-freelist"})
    void withoutRseqTheListOfTheRightCpuIsUsedAllTheSame(String strategy) {
        TinyRun run = new TinyRun(strategy, "churn", 3, 7, 11, false).run(2000);
        Set<String> places = new HashSet<>();
        run.strategy.audit(run.machine, (block, place) -> places.add(place.words()));
        assertThat(places).contains("cpu 0", "cpu 1", "cpu 2");
    }

    @Test
    void strategiesWithSectionsNameAFallbackWithoutAndNoOthersDo() {
        for (AllocatorStrategy strategy : Strategies.ALL) {
            if (strategy.usesRseq()) {
                assertThat(Strategies.byId(strategy.fallback()).usesRseq()).isFalse();
            } else {
                assertThat(strategy.fallback()).isNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rseq-freelist", "rseq-message", "rseq-remote-cas"})
    void everyAttemptOfASectionEndsOnce(String strategy) {
        TinyOracle oracle = run(strategy + ":cap=9,refill=5,flush=4", "churn:handoff=1", 3, 8, 7).oracle;
        long exits = Arrays.stream(oracle.exits).sum();
        assertThat(oracle.commits + oracle.aborts + exits).isEqualTo(oracle.attempts);
        assertThat(oracle.aborts).isPositive();
        assertThat(oracle.exits[Mark.EXIT_STALE_CPU]).isPositive();
        assertThat(oracle.exits[Mark.EXIT_EMPTY]).isPositive();
        assertThat(oracle.exits[Mark.EXIT_FULL]).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rseq-freelist", "rseq-message", "percpu-lock", "percpu-cas", "thread-cache"})
    void cappedListsAreRefilledAndFlushed(String strategy) {
        TinyOracle oracle =
                new TinyRun(strategy + ":cap=9,refill=5,flush=4", "producer-consumer", 4, 4, 3).run(3000).oracle;
        assertThat(oracle.counts[Mark.COUNT_REFILLS]).isPositive();
        assertThat(oracle.counts[Mark.COUNT_FLUSHES]).isPositive();
        assertThat(oracle.tiers[1]).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "message-passing",
                "rseq-message",
                "percpu-lock-message",
                "percpu-cas-message",
                "thread-cache-message"
            })
    void messagesCarryBatches(String strategy) {
        TinyOracle oracle = run(strategy + ":batch=8", "producer-consumer", 2, 4, 3).oracle;
        long messages = oracle.counts[Mark.COUNT_MESSAGES];
        assertThat(messages).isPositive();
        assertThat(oracle.counts[Mark.COUNT_MESSAGE_OBJECTS]).isBetween(messages, 8 * messages);
    }

    @ParameterizedTest
    @ValueSource(strings = {"percpu-lock", "global-mutex"})
    void contendedLocksAreCounted(String strategy) {
        TinyOracle oracle = run(strategy, "churn", 4, 8, 3).oracle;
        assertThat(oracle.counts[Mark.COUNT_CONTENDED_LOCKS]).isPositive();
        assertThat(oracle.tiers[2]).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rseq-freelist", "thread-cache", "percpu-cas"})
    void aBudgetIsSharedOutAmongLists(String strategy) {
        long blocks = 24;
        String settings = strategy + ":budget=" + blocks * 64;
        TinyRun run = new TinyRun(settings, "producer-consumer", 4, 4, 3).run(3000);
        long[] cached = new long[4];
        run.strategy.audit(run.machine, (block, place) -> {
            if (place.holder() != Place.Holder.POOL) {
                cached[place.number()]++;
            }
        });
        assertThat(Arrays.stream(cached)).allMatch(count -> count <= blocks / 4);
        assertThat(Arrays.stream(cached).sum()).isPositive();
    }

    /** BatchIt: so many blocks of a slab are one message; without it each is one, and chains go by owner. */
    @Test
    void snmallocSendsWhatIsPendingAtOnceAndForwardsWhereSlotsAreShared() {
        for (String rings : List.of("rings=0", "rings=2")) {
            String settings = "snmalloc:slot_bits=1,remote_cache=640," + rings;
            TinyOracle oracle = new TinyRun(settings, "churn:handoff=1,live=40", 3, 6, 3).run(4000).oracle;
            long messages = oracle.counts[Mark.COUNT_MESSAGES];
            assertThat(messages).isPositive();
            assertThat(oracle.counts[Mark.COUNT_MESSAGE_OBJECTS]).isGreaterThan(messages);
        }
    }

    /** Hoard's invariant: what is freed into a heap does not stay there, and comes to heaps that need it. */
    @Test
    void superblocksThatAreHardlyInUseGoToTheGlobalHeapAndComeBack() {
        String strategy = "hoard:tcache_cap=4,superblock=8192";
        TinyRun run = new TinyRun(strategy, "bursts:live=300,burst=600,pause_us=1", 3, 6, 3);
        run.run(20_000);
        Map<String, Integer> free = new HashMap<>();
        run.strategy.audit(run.machine, (block, place) -> free.merge(place.words(), 1, Integer::sum));
        // 126 blocks of a line in a superblock, and two may be unused
        for (int heap = 1; heap <= 6; heap++) {
            assertThat(free.getOrDefault("heap " + heap, 0)).isLessThanOrEqualTo(2 * 126);
        }
        assertThat(free.entrySet())
                .as("one more than a superblock's is kept")
                .anyMatch(place -> place.getKey().startsWith("heap ") && place.getValue() > 126);
        assertThat(free.get("global heap")).isGreaterThan(500);
        // 1800 are live at most; some five bursts have each taken what the one before gave back
        assertThat(run.oracle.known.size()).isLessThan(2400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"superblock=5000", "superblock=8192", "superblock=8192,lock=arena,fill=freed"})
    void superblocksThatCannotBeAreRefused(String settings) {
        AllocatorStrategy model = Strategies.byId("arena-tcache");
        assertThatThrownBy(() -> model.check(Settings.parse("arena-tcache:" + settings, model.parameters())))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("superblock=");
    }

    /** mimalloc 3: what is freed into full pages comes to threads that have none, as no page of theirs runs empty. */
    @ParameterizedTest
    @ValueSource(strings = {"own", "never", "any"})
    void pagesThatAreFullAreAbandonedAndFoundByOthers(String reclaim) {
        String strategy = "mimalloc-v3:page=13,retain=0,reclaim=" + reclaim;
        TinyRun run = new TinyRun(strategy, "churn:handoff=0.5,live=300", 3, 6, 3).run(9000);
        Set<String> places = new HashSet<>();
        run.strategy.audit(run.machine, (block, place) -> places.add(place.words()));
        assertThat(places.contains("abandoned page")).isEqualTo(!reclaim.equals("any"));
        assertThat(run.oracle.foreignFrees).isPositive();
    }

    @Test
    void byConcurrencyIdOnlySoManyListsAreUsedAsThreadsRunAtOnce() {
        TinyRun run = new TinyRun("rseq-freelist:index=cid", "churn", 4, 2, 3).run(3000);
        Set<String> places = new HashSet<>();
        run.strategy.audit(run.machine, (block, place) -> places.add(place.words()));
        assertThat(places).isSubsetOf("cid 0", "cid 1", "pool");
    }

    /** Another CPU's arrays may be touched only behind a barrier that aborts the sections there. */
    @Test
    void withoutTheBarriersAbortTheBackgroundBreaksArrays() {
        String strategy = "tcmalloc-percpu:cpu_budget=1024,first_capacity=40,transfer=1,background_us=1";
        inBursts(strategy, false);
        assertThatThrownBy(() -> inBursts(strategy, true))
                .isInstanceOfAny(TinyOracle.Violation.class, StrategyInstance.AuditException.class);
    }

    private static void inBursts(String strategy, boolean forgetBarriers) {
        for (long seed = 1; seed <= 30; seed++) {
            TinyRun run = new TinyRun(strategy, "producer-consumer", 3, 8, seed);
            run.machine.forgetBarriers = forgetBarriers;
            run.burst = 150;
            run.run(2000);
        }
    }

    @Test
    void handOffMovesObjectsBetweenThreads() {
        TinyRun run = new TinyRun("ideal", "churn:handoff=1,live=2", 2, 2, 5).run(6000);
        // 1024 slots swallow the first objects: nothing is freed where an empty slot was drawn
        assertThat(run.oracle.mallocs - run.oracle.frees).isBetween(900L, 1028L);
    }

    @Test
    void aMisspeltStrategyIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Strategies.byId("rseq-freelst"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("did you mean 'rseq-freelist'?");
    }

    /** Whoever writes a strategy and forgets the list finds out here. */
    @Test
    void everyImplementationIsListed() {
        List<String> listed = Strategies.ALL.stream()
                .map(strategy -> strategy.getClass().getName())
                .toList();
        List<String> written = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.rseqlab.collector.strategy")
                        .stream()
                        .filter(one -> one.isAssignableTo(AllocatorStrategy.class) && !one.isInterface())
                        .map(JavaClass::getName)
                        .toList();
        assertThat(written).isNotEmpty().isSubsetOf(listed);
    }

    @Test
    void namesAreUnique() {
        assertThat(Strategies.ALL.stream().map(AllocatorStrategy::id)).doesNotHaveDuplicates();
    }
}
