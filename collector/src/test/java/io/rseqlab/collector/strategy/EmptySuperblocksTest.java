package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hoard's superblocks that have no block in use: which size has them next. */
class EmptySuperblocksTest {
    private static final int BYTES = 8192;
    private static final int OWN_BYTES = 128;
    private static final String KEPT = "hoard:tcache_cap=2,superblock=" + BYTES;
    private static final String TIGHT = KEPT + ",empty=returned";
    private static final String SIZES = "sized-churn:live=200,handoff=0.3,most=2000";

    /** How often superblocks are found with another size than before. */
    private static int changes(TinyRun run, long work) {
        Map<Long, Integer> before = new HashMap<>();
        int changes = 0;
        for (int step = 0; run.oracle.workDone < work; step++) {
            run.stepSomeCpu();
            for (long superblock : step % 1000 == 0 ? superblocks(run) : Set.<Long>of()) {
                int now = run.strategy.sizeClass(run.machine, superblock + OWN_BYTES);
                Integer last = before.put(superblock, now);
                changes += last == null || last == now ? 0 : 1;
            }
        }
        return changes;
    }

    private static Set<Long> superblocks(TinyRun run) {
        Set<Long> found = new TreeSet<>();
        run.oracle.owners.keySet().forEach(block -> found.add(block & -BYTES));
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {TIGHT, TIGHT + ",arenas=2", TIGHT + ",fill=half"})
    void anotherSizeTakesThem(String strategy) {
        TinyRun run = new TinyRun(strategy, SIZES, 2, 3, 7);
        assertThat(changes(run, 9000)).isPositive();
        assertThat(run.oracle.spansGivenBack).isPositive();
        run.run(9100);
    }

    /** A block that fills a superblock has one for itself, which stays with its size. */
    @Test
    void superblocksOfOneBlockStayWithTheirSize() {
        TinyRun run = new TinyRun(TIGHT, "generator:order=fifo,live=40,law=list,list=9000/20000", 2, 3, 5).run(3000);
        assertThat(run.machine.pages.idle.used()).isFalse();
    }

    @Test
    void keptOnesStayWithTheirSize() {
        TinyRun run = new TinyRun(KEPT, SIZES, 2, 3, 7);
        assertThat(changes(run, 9000)).isZero();
        assertThat(run.machine.pages.idle.used()).isFalse();
    }

    /** Bursts of more objects than heaps keep: what is empty after one serves the next. */
    @Test
    void emptyOnesAreTakenAgain() {
        TinyRun run = new TinyRun(TIGHT, "bursts:live=300,burst=600,pause_us=1", 3, 6, 3).run(10_000);
        long left = run.machine.pages.idle.freeBytes() / (BYTES - OWN_BYTES);
        assertThat(left).isGreaterThan(4);
        assertThat(run.oracle.spansGivenBack).isGreaterThan(left);
    }

    /** The audit sees a superblock that counts a block too few as used, or too many. */
    @Test
    void aWrongCountIsFound() {
        TinyRun run = new TinyRun(TIGHT, "bursts:live=300,burst=600,pause_us=1", 3, 6, 3);
        Set<Long> all = new TreeSet<>();
        for (int step = 0; run.oracle.workDone < 3000; step++) {
            run.stepSomeCpu();
            if (step % 1000 == 0) {
                all.addAll(superblocks(run));
            }
        }
        run.run(4000);
        assertThat(run.machine.pages.idle.freeBytes()).isPositive();
        assertThat(all).hasSizeGreaterThan(10);
        for (long superblock : all) {
            long used = superblock + 8;
            long right = run.machine.read64(used);
            for (long wrong : new long[] {right - 1, right + 1}) {
                run.machine.write64(used, wrong);
                assertThatThrownBy(run::checkBooks).isInstanceOf(StrategyInstance.AuditException.class);
            }
            run.machine.write64(used, right);
        }
        run.checkBooks();
    }
}
