package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** rpmalloc's pages none of whose blocks is used: who may have them, and what of them goes to the system. */
class RpmallocFreePagesTest {
    private static final String BURSTS = "bursts:live=600,burst=300,pause_us=1";

    /** 600 objects are five pages of 8 KiB: most are free after each burst, to be taken by the next. */
    @Test
    void whatABurstLeavesBehindIsFree() {
        TinyRun returned = new TinyRun("rpmalloc:page=13", BURSTS, 1, 1, 1).run(6000);
        TinyRun kept = new TinyRun("rpmalloc:page=13,free_pages=kept", BURSTS, 1, 1, 1).run(6000);
        assertThat(returned.oracle.spansGivenBack).isGreaterThan(20);
        assertThat(kept.oracle.spansGivenBack).isZero();
        assertThat(returned.machine.pages.spans).hasSameSizeAs(kept.machine.pages.spans);
        assertThat(kept.machine.pages.idle.used()).isFalse();
    }

    /** Free pages of one size are found by another of the same heap. */
    @ParameterizedTest
    @ValueSource(strings = {"rpmalloc:page=13", "rpmalloc:page=13,discard_at=1"})
    void anotherSizeTakesThePages(String strategy) {
        TinyRun run = new TinyRun(strategy, "sized-churn:live=90,handoff=0.3,most=4000", 2, 3, 7);
        assertThat(run.pagesThatChangedSize(4000)).isPositive();
    }

    /** At most so many free pages are here less one; when there are as many, a quarter of them stay. */
    @ParameterizedTest
    @CsvSource({"4, 3, 1", "8, 7, 2", "1, 0, 0"})
    void ofManyFreePagesTheSystemGetsWhatLiesInThem(int discardAt, long most, long left) {
        TinyRun run = new TinyRun(
                "rpmalloc:page=13,discard_at=" + discardAt, "bursts:live=1500,burst=1500,pause_us=1", 1, 1, 1);
        long mostHere = 0;
        long mostGone = 0;
        long firstGone = 0;
        for (int step = 0; run.oracle.workDone < 6000; step++) {
            run.stepSomeCpu();
            if (step % 10 == 0 && !run.oracle.insideOperation(0)) {
                long gone = run.machine.pages.idle.goneBytes() / 4096;
                // of a page whose contents the system has the first 4 KiB stay
                long here = (run.machine.pages.idle.freeBytes() - 4096 * gone) / 8192;
                firstGone = firstGone == 0 && gone > 0 ? here : firstGone;
                mostHere = Math.max(mostHere, here);
                mostGone = Math.max(mostGone, gone);
            }
        }
        assertThat(mostHere).isEqualTo(most);
        assertThat(firstGone).isEqualTo(left);
        assertThat(mostGone).isGreaterThan(2);
    }

    @Test
    void whereNoneMayGoNoneDoes() {
        TinyRun run = new TinyRun("rpmalloc:page=13,discard_at=0", BURSTS, 1, 1, 1).run(6000);
        assertThat(run.machine.pages.idle.used()).isTrue();
        assertThat(run.machine.pages.idle.goneBytes()).isZero();
    }

    /** Larger blocks than those of all kinds of pages have pages of their own, which others may have in part. */
    @Test
    void pagesOfHugeBlocksGoBackToTheAddressSpace() {
        String load = "generator:law=list,list=300000";
        TinyRun run = new TinyRun("rpmalloc:page=13", load, 1, 1, 1).run(2000);
        assertThat(run.oracle.spansGivenBack).isGreaterThan(200);
        assertThat(run.machine.pages.idle.used()).isFalse();
    }

    /** The audit sees a page that counts a block too few as used, or too many, and a heap's count of free pages. */
    @Test
    void aWrongCountIsFound() {
        TinyRun run = new TinyRun("rpmalloc:page=13", "sized-churn:live=60,handoff=0.5", 3, 6, 11).run(2000);
        RpmallocInstance strategy = (RpmallocInstance) run.strategy;
        List<Long> pages = strategy.slabs.all(run.machine);
        assertThat(pages).hasSizeGreaterThan(3);
        for (long page : pages) {
            expectFound(run, page + RpmallocInstance.USED);
        }
        for (int thread = 0; thread < 6; thread++) {
            long heap = run.machine.read64(run.strategy.threadBase(thread) + RpmallocInstance.SELF);
            expectFound(run, heap + RpmallocFreePages.HERE);
        }
        run.checkBooks();
    }

    private static void expectFound(TinyRun run, long word) {
        long right = run.machine.read64(word);
        for (long wrong : new long[] {right - 1, right + 1}) {
            run.machine.write64(word, wrong);
            assertThatThrownBy(run::checkBooks).isInstanceOf(StrategyInstance.AuditException.class);
        }
        run.machine.write64(word, right);
    }
}
