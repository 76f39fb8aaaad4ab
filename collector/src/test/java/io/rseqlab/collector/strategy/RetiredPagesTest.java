package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** mimalloc's pages none of whose blocks is used: when they go back, and what becomes of them. */
class RetiredPagesTest {
    /** 600 objects are five pages of 8 KiB: all but one go back with each burst, to be taken by the next. */
    @ParameterizedTest
    @ValueSource(strings = {"mimalloc:page=13", "mimalloc:page=13,delayed=off", "mimalloc-v3:page=13"})
    void whatABurstLeavesBehindGoesBack(String strategy) {
        String load = "bursts:live=600,burst=300,pause_us=1";
        TinyRun returned = new TinyRun(strategy, load, 1, 1, 1).run(6000);
        TinyRun kept = new TinyRun(strategy + ",retire=0", load, 1, 1, 1).run(6000);
        assertThat(returned.oracle.spansGivenBack).isGreaterThan(20);
        assertThat(kept.oracle.spansGivenBack).isZero();
        assertThat(returned.machine.pages.spans.size()).isLessThan(kept.machine.pages.spans.size());
        assertThat(returned.machine.pages.numbered.get(0L).freshBytes())
                .isEqualTo(kept.machine.pages.numbered.get(0L).freshBytes());
    }

    /** Pages that one size has given back are found by another. */
    @ParameterizedTest
    @ValueSource(strings = {"mimalloc:page=13", "mimalloc-v3:page=13"})
    void anotherSizeTakesThePages(String strategy) {
        TinyRun run = new TinyRun(strategy, "sized-churn:live=90,handoff=0.3,most=4000", 2, 3, 7);
        assertThat(run.pagesThatChangedSize(4000)).isPositive();
    }

    /** A size's only page stays for a while: the longer, the fewer go back. */
    @ParameterizedTest
    @ValueSource(strings = {"mimalloc:page=13,", "mimalloc-v3:page=13,"})
    void theOnlyPageOfASizeLingers(String strategy) {
        String load = "sized-churn:live=2,handoff=0,most=1000";
        long soon = new TinyRun(strategy + "retire=1", load, 1, 1, 3).run(6000).oracle.spansGivenBack;
        long later = new TinyRun(strategy + "retire=40", load, 1, 1, 3).run(6000).oracle.spansGivenBack;
        assertThat(soon).isGreaterThan(2 * later);
    }

    /** A consumer empties pages of a producer that makes none: these are found when the producer looks. */
    @Test
    void pagesThatOthersHaveEmptiedAreFound() {
        String load = "producer-consumer";
        String strategy = "mimalloc:page=13,delayed_every=2,collect_every=";
        long often = new TinyRun(strategy + 2, load, 2, 2, 3).run(8000).oracle.spansGivenBack;
        long never = new TinyRun(strategy + 1_000_000_000, load, 2, 2, 3).run(8000).oracle.spansGivenBack;
        assertThat(often).isGreaterThan(never);
    }

    /** Version 3: the last block of an abandoned page takes the page with it, whoever frees it. */
    @Test
    void anAbandonedPageGoesBackWithItsLastBlock() {
        String load = "bursts:live=600,burst=300,pause_us=1";
        String strategy = "mimalloc-v3:page=13,retain=0,reclaim=never";
        TinyRun returned = new TinyRun(strategy, load, 1, 1, 1).run(6000);
        TinyRun kept = new TinyRun(strategy + ",retire=0", load, 1, 1, 1).run(6000);
        assertThat(returned.oracle.spansGivenBack).isGreaterThan(20);
        assertThat(kept.oracle.spansGivenBack).isZero();
    }

    /** The audit sees a page that counts a block too few as used, or too many. */
    @ParameterizedTest
    @CsvSource({"mimalloc", "mimalloc-v3"})
    void aWrongCountIsFound(String strategy) {
        TinyRun run = new TinyRun(strategy + ":page=13", "sized-churn:live=60,handoff=0.5", 3, 6, 11).run(2000);
        boolean second = strategy.equals("mimalloc");
        List<Long> pages = second
                ? ((MimallocInstance) run.strategy).slabs.all(run.machine)
                : ((MimallocV3Instance) run.strategy).slabs.all(run.machine);
        int used = second ? MimallocInstance.USED : MimallocV3Instance.USED;
        int owned = 0;
        for (long page : pages) {
            if (second || run.machine.read64(page + MimallocV3Instance.OWNER) != 0) {
                owned++;
                long right = run.machine.read64(page + used);
                for (long wrong : new long[] {right - 1, right + 1}) {
                    run.machine.write64(page + used, wrong);
                    assertThatThrownBy(run::checkBooks).isInstanceOf(StrategyInstance.AuditException.class);
                }
                run.machine.write64(page + used, right);
            }
        }
        assertThat(owned).isGreaterThan(3);
        run.checkBooks();
    }
}
