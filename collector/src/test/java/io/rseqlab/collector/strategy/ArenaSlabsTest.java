package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.block.SlabShape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** jemalloc's slabs: which blocks they give, when they leave their bin, and what becomes of their pages. */
class ArenaSlabsTest {
    private static final String TIGHT = "jemalloc:tcache_cap=4,gc_bytes=0";

    /** jemalloc's table of size classes, for pages of 4 KiB; large blocks have a page more than they take. */
    @ParameterizedTest
    @CsvSource({
        "16, 1, 256",
        "48, 3, 256",
        "80, 5, 256",
        "112, 7, 256",
        "128, 1, 32",
        "320, 5, 64",
        "2048, 1, 2",
        "2560, 5, 8",
        "3584, 7, 8",
        "14336, 7, 2",
        "16384, 5, 1",
        "20480, 6, 1",
        "28672, 8, 1"
    })
    void aSlabIsTheFewestPagesOfWhichNothingIsLeft(int block, int pages, int blocks) {
        assertThat(SlabShape.bytes(block)).isEqualTo(pages * 4096);
        assertThat(SlabShape.blocks(block)).isEqualTo(blocks);
    }

    /** A thread alone gets blocks in the order of their addresses, and of freed ones the lowest first. */
    @Test
    void theLowestFreeBlocksAreTakenFirst() {
        TinyRun run = new TinyRun("jemalloc:tcache_largest=1,gc_bytes=0", "churn:live=100,handoff=0", 1, 1, 1);
        long first = 0;
        long mallocs = 0;
        while (run.oracle.workDone < 1000) {
            Set<Long> before = Set.copyOf(run.oracle.owners.keySet());
            run.stepSomeCpu();
            if (run.oracle.mallocs > mallocs) {
                mallocs = run.oracle.mallocs;
                Set<Long> now = new HashSet<>(run.oracle.owners.keySet());
                now.removeAll(before);
                long taken = now.iterator().next();
                first = first == 0 ? taken : first;
                long lowest = first;
                while (before.contains(lowest)) {
                    lowest += 64;
                }
                assertThat(taken).isEqualTo(lowest);
            }
        }
        assertThat(mallocs).isGreaterThan(500);
    }

    /** Bursts of more objects than caches hold: what comes and goes with each are whole slabs, unless they are kept. */
    @ParameterizedTest
    @ValueSource(strings = {TIGHT, TIGHT + ",lock=arena", TIGHT + ",decay_us=0"})
    void whatABurstLeavesBehindGoesBack(String strategy) {
        String load = "bursts:live=600,burst=300,pause_us=1";
        TinyRun returned = new TinyRun(strategy, load, 1, 1, 1).run(6000);
        TinyRun kept = new TinyRun(strategy + ",slabs=kept", load, 1, 1, 1).run(6000);
        assertThat(returned.oracle.spansGivenBack).isGreaterThan(20);
        assertThat(kept.oracle.spansGivenBack).isZero();
        assertThat(returned.machine.pages.spans.size()).isLessThan(kept.machine.pages.spans.size());
    }

    /** Pages that one size has given back are found by another of the same arena. */
    @Test
    void anotherSizeTakesThePages() {
        TinyRun run = new TinyRun(TIGHT + ",arenas=1", "sized-churn:live=60,handoff=0.3,most=2000", 2, 3, 7);
        assertThat(run.pagesThatChangedSize(3000)).isGreaterThan(5);
    }

    /** What is unused goes to the system as time passes, and no faster than it may. */
    @Test
    void unusedPagesGoToTheSystemInTime() {
        String load = "bursts:live=600,burst=300,pause_us=1";
        long soon = decayed("decay_us=0", load);
        long later = decayed("decay_us=500", load);
        assertThat(later).isPositive().isLessThan(soon / 2);
        assertThat(decayed("decay_us=10000000", load)).isZero();
    }

    private static long decayed(String setting, String load) {
        return new TinyRun(TIGHT + "," + setting, load, 1, 1, 1).run(20_000).machine.pages.decayed;
    }

    /** What a thread flushes is found in the arenas that it came from, whoever frees. */
    @Test
    void blocksGoBackToTheArenaTheyCameFrom() {
        TinyRun run = new TinyRun(TIGHT + ",arenas=3", "producer-consumer", 3, 6, 5).run(4000);
        Map<String, Integer> free = new HashMap<>();
        run.strategy.audit(run.machine, (block, place) -> free.merge(place.words(), 1, Integer::sum));
        assertThat(free).containsKeys("arena 0", "arena 2");
        assertThat(run.oracle.counts[Mark.COUNT_FLUSHES]).isGreaterThan(100);
    }

    /** The audit sees a bit that is wrong, and a count that is. */
    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void aWrongWordOfASlabIsFound(int word) {
        TinyRun run = new TinyRun(TIGHT, "sized-churn:live=60", 3, 6, 11).run(2000);
        Map<Long, Long> slabs = new HashMap<>();
        ArenaTcacheInstance instance = (ArenaTcacheInstance) run.strategy;
        for (long address : run.machine.pages.spans.keySet()) {
            slabs.put(instance.slabs.homeOf(run.machine, address), address);
        }
        assertThat(slabs).hasSizeGreaterThan(3);
        slabs.remove(0L);
        for (long slab : slabs.keySet()) {
            long right = run.machine.read64(slab + word);
            for (long wrong : word == 32 ? new long[] {right - 1, right + 1} : new long[] {right ^ 1}) {
                run.machine.write64(slab + word, wrong);
                assertThatThrownBy(run::checkBooks)
                        .isInstanceOfAny(StrategyInstance.AuditException.class, TinyOracle.Violation.class);
            }
            run.machine.write64(slab + word, right);
        }
        run.checkBooks();
    }

    @Test
    void slabsDoNotTellFreedBlocksFromFreshOnes() {
        AllocatorStrategy jemalloc = Strategies.byId("jemalloc");
        assertThatThrownBy(() -> jemalloc.check(Settings.parse("jemalloc:fill=freed", jemalloc.parameters())))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("fill=freed needs slabs=none");
    }
}
