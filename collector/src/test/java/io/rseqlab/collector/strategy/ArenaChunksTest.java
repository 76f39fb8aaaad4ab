package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** glibc's chunks: who has their memory next, and what of it goes to the system. */
class ArenaChunksTest {
    private static final int PIECE = 128 << 10;
    private static final int HEAD = 16;
    private static final String SIZES = "sized-churn:live=100,handoff=0.3,most=2000";

    /** How often an address is found to be that of a block of another size than before. */
    private static int changes(TinyRun run, long work) {
        Map<Long, Integer> before = new HashMap<>();
        int changes = 0;
        for (int step = 0; run.oracle.workDone < work; step++) {
            run.stepSomeCpu();
            for (long block : step % 1000 == 0 ? run.oracle.owners.keySet() : List.<Long>of()) {
                int now = run.strategy.sizeClass(run.machine, block);
                Integer last = before.put(block, now);
                changes += last == null || last == now ? 0 : 1;
            }
        }
        return changes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"glibc:tcache_cap=2", "glibc:tcache_cap=2,arenas=1", "glibc:tcache_cap=2,fill=half"})
    void anotherSizeTakesTheMemory(String strategy) {
        TinyRun run = new TinyRun(strategy, SIZES, 2, 3, 7);
        assertThat(changes(run, 3000)).isGreaterThan(50);
        run.run(3100);
    }

    @Test
    void withoutChunksItStaysWithItsSize() {
        TinyRun run = new TinyRun("glibc:tcache_cap=2,chunks=none", SIZES, 2, 3, 7);
        assertThat(changes(run, 3000)).isZero();
        assertThat(run.machine.pages.idle.used()).isFalse();
    }

    /**
     * Small chunks look used until a large one is asked for: then one can begin where only small ones have been. With
     * small ones alone nothing is joined.
     */
    @Test
    void smallChunksAreJoinedWhenALargeOneIsAskedFor() {
        TinyRun small = new TinyRun("glibc:tcache_cap=2", "generator:live=60,law=list,list=64/96", 1, 1, 3);
        assertThat(changes(small, 1500)).isZero();
        TinyRun run = new TinyRun("glibc:tcache_cap=2", "generator:live=60,law=list,list=64/96/1200", 1, 1, 3);
        Set<Long> wereSmall = new HashSet<>();
        Set<Long> wereLarge = new HashSet<>();
        int found = 0;
        for (int step = 0; run.oracle.workDone < 1500; step++) {
            run.stepSomeCpu();
            for (long block : step % 10 == 0 ? run.oracle.owners.keySet() : List.<Long>of()) {
                if (run.strategy.sizeClass(run.machine, block) < 2) {
                    wereSmall.add(block);
                } else if (wereLarge.add(block)) {
                    found += wereSmall.contains(block) ? 1 : 0;
                    for (long inside = block; inside < block + 1200; inside += 32) {
                        wereLarge.add(inside);
                    }
                }
            }
        }
        assertThat(found).isPositive();
        run.run(1600);
    }

    /** And before an arena takes more memory: of what small ones leave others are cut. */
    @Test
    void smallChunksAreJoinedBeforeAnArenaGrows() {
        TinyRun run = new TinyRun("glibc:tcache_cap=2", "generator:order=fifo,live=2000,law=list,list=32/96", 1, 1, 3);
        assertThat(changes(run, 15_000)).isPositive();
        run.run(15_100);
    }

    /** Twice 128 KiB is more than the top may have: one of these stays, with what is less than one. */
    @ParameterizedTest
    @CsvSource({"131072, 1", "1, 1", "100000000, 5", "0, 5"})
    void theSystemGetsWhatTheTopHasTooMuch(long trim, int left) {
        TinyRun run = new TinyRun("glibc:trim=" + trim, "bursts:live=300,burst=0,pause_us=1,size=2000", 1, 1, 1);
        int most = 0;
        int least = Integer.MAX_VALUE;
        while (run.oracle.mallocs < 900) {
            run.stepSomeCpu();
            most = Math.max(most, run.machine.pages.spans.size());
            least = most < 5 ? least : Math.min(least, run.machine.pages.spans.size());
        }
        assertThat(most).isEqualTo(5);
        assertThat(least).isEqualTo(left);
        assertThat(run.machine.pages.decayed).isEqualTo(left == 5 ? 0 : 2L * 4 * PIECE);
        run.run(2000);
    }

    /** Arenas outgrow their address space in turn: what follows lies elsewhere, and a fence is between. */
    @Test
    void anArenaGoesOnElsewhere() {
        String load = "generator:order=fifo,live=700,law=list,list=100/3000/100000";
        TinyRun run = new TinyRun("glibc:arenas=2", load, 2, 2, 3);
        assertThat(changes(run, 4000)).isPositive();
        run.run(4100);
        long least =
                run.machine.pages.spans.keySet().stream().min(Long::compare).orElseThrow();
        long most = run.machine.pages.spans.keySet().stream().max(Long::compare).orElseThrow();
        assertThat(most - least).isGreaterThan(32 << 20);
    }

    /** Blocks of 128 KiB and more are runs of pages. */
    @Test
    void largeBlocksAreNoChunks() {
        TinyRun run = new TinyRun("glibc", "generator:law=list,list=300000", 1, 1, 1).run(1000);
        assertThat(run.oracle.spansGivenBack).isGreaterThan(100);
        assertThat(run.machine.pages.idle.used()).isFalse();
    }

    /** The audit sees a chunk that says wrongly whether it or the one before it is free, or how long it is. */
    @Test
    void aWrongWordIsFound() {
        TinyRun run = new TinyRun("glibc:arenas=2", SIZES, 2, 3, 11).run(2000);
        assertThat(run.oracle.owners).hasSizeGreaterThan(100);
        for (long block : run.oracle.owners.keySet()) {
            long right = run.machine.read64(block + HEAD);
            for (long bit : new long[] {1L, 1L << 16, 1L << 32, 1L << 33, 1L << 37}) {
                run.machine.write64(block + HEAD, right ^ bit);
                assertThatThrownBy(run::checkBooks)
                        .as("bit 0x%x", bit)
                        .isInstanceOf(StrategyInstance.AuditException.class);
            }
            run.machine.write64(block + HEAD, right);
        }
        run.checkBooks();
    }
}
