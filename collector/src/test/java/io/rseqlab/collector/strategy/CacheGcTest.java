package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What jemalloc's thread caches give back unasked, what a fill brings them, and which sizes they are for. */
class CacheGcTest {
    private static final int BLOCK = 64;

    /** A cache of one size as jemalloc's rules say that it is, operation by operation. */
    private static final class Expected {
        private final int cap;
        private final long every;
        private final boolean doubles;
        private final long[] bytes = new long[2];
        private final long[] marks = new long[2];
        private int blocks;
        private int fewest;
        private int halvings = 1;
        private int fewer;
        private boolean filled;
        /** In the order of the marks' numbers. */
        private final long[] counts = new long[Mark.COUNT_KINDS];

        Expected(int cap, long every, boolean doubles) {
            this.cap = cap;
            this.every = every;
            this.doubles = doubles;
            marks[0] = every;
            marks[1] = every;
        }

        void begins(int operation) {
            bytes[operation] += BLOCK;
            if (bytes[operation] >= marks[operation]) {
                marks[operation] = bytes[operation] + every;
                look();
            }
            if (operation == Mark.MALLOC) {
                if (blocks == 0) {
                    fill();
                }
                blocks--;
                fewest = Math.min(fewest, blocks);
            } else {
                if (blocks == cap) {
                    flush((cap + 1) / 2);
                }
                blocks++;
            }
        }

        private void fill() {
            blocks = Math.max(1, cap >> halvings - fewer);
            filled = true;
            fewer += doubles && fewer + 1 < halvings ? 1 : 0;
            counts[Mark.COUNT_REFILLS]++;
            counts[Mark.COUNT_REFILL_OBJECTS] += blocks;
        }

        private void flush(int objects) {
            blocks -= objects;
            fewest = Math.min(fewest, blocks);
            fewer = 0;
            counts[Mark.COUNT_FLUSHES]++;
            counts[Mark.COUNT_FLUSH_OBJECTS] += objects;
        }

        private void look() {
            if (fewest > 0) {
                halvings += cap >> halvings > 1 ? 1 : 0;
                flush(fewest - fewest / 4);
            } else if (filled) {
                filled = false;
                halvings = Math.max(1, halvings - 1);
                fewer = 0;
            }
            fewest = blocks;
        }
    }

    /** After each operation of a thread it has filled and flushed so often, and so many blocks, as the rules say. */
    @ParameterizedTest
    @CsvSource({
        "'churn:live=30,handoff=0', 40, 960, 4",
        "'churn:live=30,handoff=0', 40, 960, 0",
        "'churn:live=60,handoff=0', 24, 300, 4",
        "'bursts:live=10,burst=60,pause_us=1', 200, 1500, 4",
        "'bursts:live=10,burst=60,pause_us=1', 200, 1500, 0",
        "'bursts:live=90,burst=200,pause_us=1', 100, 7000, 4",
        "'bursts:live=30,burst=30,pause_us=1', 16, 5000, 4",
        "'bursts:live=30,burst=30,pause_us=1', 8, 9000, 4",
        "'bursts:live=90,burst=200,pause_us=1', 7, 500, 4",
    })
    void unusedBlocksGoBackAndFillsAdapt(String workload, int cap, long every, int sizes) {
        String strategy = "jemalloc:gc_us=0,gc_bytes=" + every + ",gc_sizes=" + sizes + ",tcache_cap=" + cap;
        TinyRun run = new TinyRun(strategy, workload, 1, 1, 1);
        Expected expected = new Expected(cap, every, sizes > 0);
        int before = -1;
        boolean halved = false;
        while (run.oracle.workDone < 4000) {
            if (run.machine.running[0] == null) {
                run.machine.switchIn(0, run.machine.threads.get(0));
            }
            run.machine.step(0);
            int now = run.oracle.operation(0);
            if (now >= 0 && now != before) {
                expected.begins(now);
            }
            halved |= expected.halvings > 1;
            before = now;
            if (now < 0) {
                for (int kind : new int[] {
                    Mark.COUNT_REFILLS, Mark.COUNT_REFILL_OBJECTS, Mark.COUNT_FLUSHES, Mark.COUNT_FLUSH_OBJECTS
                }) {
                    assertThat(run.oracle.counts[kind]).as("kind " + kind).isEqualTo(expected.counts[kind]);
                }
            }
        }
        assertThat(expected.counts[Mark.COUNT_FLUSHES]).isPositive();
        assertThat(halved).as("fills were made smaller").isTrue();
    }

    /** Blocks that go back leave the thread: it holds fewer at the end. */
    @Test
    void withoutLooksAThreadKeepsWhatItDoesNotUse() {
        String load = "bursts:live=10,burst=150,pause_us=1";
        assertThat(cached("jemalloc:gc_us=0,gc_bytes=1000", load)).isLessThan(cached("jemalloc:gc_bytes=0", load) / 2);
    }

    private static int cached(String strategy, String load) {
        TinyRun run = new TinyRun(strategy, load, 2, 3, 5).run(6000);
        AtomicInteger blocks = new AtomicInteger();
        run.strategy.audit(
                run.machine, (block, place) -> blocks.addAndGet(place.holder() == Place.Holder.THREAD ? 1 : 0));
        return blocks.get();
    }

    /** The clock of the tiny machine counts its steps, at a gigahertz. */
    @Test
    void looksAreSoFarApart() {
        String load = "bursts:live=10,burst=60,pause_us=1";
        long often = flushes("jemalloc:gc_us=0,gc_bytes=500", load);
        long rarely = flushes("jemalloc:gc_us=40,gc_bytes=500", load);
        long once = flushes("jemalloc:gc_us=10000,gc_bytes=500", load);
        assertThat(rarely).isBetween(once + 1, often / 2);
        assertThat(once).as("three threads").isLessThanOrEqualTo(3);
    }

    private static long flushes(String strategy, String load) {
        return new TinyRun(strategy, load, 2, 3, 5).run(6000).oracle.counts[Mark.COUNT_FLUSHES];
    }

    /** Sizes take turns: a look at one size each time comes round more slowly than one at all. */
    @Test
    void aLookTakesBlocksOfSoManySizes() {
        String load = "sized-churn:live=60,most=900,handoff=0.3";
        long one = flushes("jemalloc:gc_us=0,gc_bytes=3000,gc_sizes=0", load);
        long some = flushes("jemalloc:gc_us=0,gc_bytes=3000,gc_sizes=1", load);
        long all = flushes("jemalloc:gc_us=0,gc_bytes=3000,gc_sizes=100", load);
        assertThat(one).isPositive().isLessThan(some);
        assertThat(some).isLessThan(all);
    }

    /** Larger blocks go to the arena that owns them, and come from there, one by one. */
    @ParameterizedTest
    @ValueSource(strings = {"jemalloc", "jemalloc:fill=one,spill=one,gc_bytes=0", "glibc:spill=half,chunks=none"})
    void blocksAboveTheLimitAreNotCached(String strategy) {
        String settings = strategy + (strategy.contains(":") ? "," : ":") + "tcache_largest=256";
        TinyRun run = new TinyRun(settings, "sized-churn:live=40,most=600,handoff=0.5", 3, 5, 3).run(4000);
        Map<Boolean, Integer> largestByCached = new HashMap<>();
        run.strategy.audit(
                run.machine,
                (block, place) -> largestByCached.merge(
                        place.holder() == Place.Holder.THREAD,
                        run.oracle.bytes(run.strategy.sizeClass(run.machine, block)),
                        Math::max));
        assertThat(largestByCached).containsEntry(true, 256).containsEntry(false, 640);
    }

    /** With a limit below all sizes there are arenas and nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"jemalloc:gc_bytes=500,gc_us=0", "glibc:key=0"})
    void arenasAloneKeepNothingForThreads(String strategy) {
        for (String load : new String[] {"churn:handoff=0.5", "sized-churn:live=40,most=600"}) {
            TinyRun run = new TinyRun(strategy + ",tcache_largest=1", load, 3, 5, 3).run(3000);
            run.strategy.audit(
                    run.machine, (block, place) -> assertThat(place.holder()).isEqualTo(Place.Holder.POOL));
            assertThat(run.oracle.counts[Mark.COUNT_REFILLS]).isEqualTo(run.oracle.mallocs);
            assertThat(run.oracle.counts[Mark.COUNT_FLUSHES]).isEqualTo(run.oracle.frees);
        }
    }

    /** Sizes above come one by one, and are cached all the same. */
    @Test
    void fillsOfLargeSizesBringOneBlock() {
        long[] large = counts("jemalloc:fill_largest=32");
        long[] small = counts("jemalloc:fill_largest=64");
        assertThat(large[Mark.COUNT_REFILL_OBJECTS]).isEqualTo(large[Mark.COUNT_REFILLS]);
        assertThat(small[Mark.COUNT_REFILL_OBJECTS]).isGreaterThan(20 * small[Mark.COUNT_REFILLS]);
        assertThat(large[Mark.COUNT_REFILLS]).isGreaterThan(10);
    }

    private static long[] counts(String strategy) {
        return new TinyRun(strategy, "churn:live=30", 2, 2, 3).run(3000).oracle.counts;
    }

    /** Who follows a thread that has ended finds its caches as new ones are. */
    @Test
    void anEndedThreadsCachesAreForgotten() {
        TinyRun run = new TinyRun(
                "jemalloc:gc_bytes=300,gc_us=0,tcache_cap=40", "turnover:live=20,life=90,left=0.5,most=64", 2, 3, 1);
        CacheGc gc = ((ArenaTcacheInstance) run.strategy).caches.gc;
        AtomicInteger ends = new AtomicInteger();
        AtomicInteger adapted = new AtomicInteger();
        run.machine.whenEnded = ended -> {
            ends.incrementAndGet();
            for (int thread = 0; thread < 3; thread++) {
                long caches = run.machine.read64(run.strategy.threadBase(thread) + ThreadCaches.CACHES);
                long halvings = run.machine.read64(caches + gc.begin() + 8);
                adapted.addAndGet(halvings > 1 ? 1 : 0);
                assertThat(thread == ended ? halvings : 1).isEqualTo(1);
            }
        };
        run.run(3000);
        assertThat(ends).hasPositiveValue();
        assertThat(adapted).as("threads that had adapted fills").hasPositiveValue();
    }

    @Test
    void listsHaveNoLowWaterMark() {
        AllocatorStrategy jemalloc = Strategies.byId("jemalloc");
        assertThatThrownBy(() -> jemalloc.check(Settings.parse("jemalloc:cache=list", jemalloc.parameters())))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("gc_bytes=65536 needs cache=array");
    }
}
