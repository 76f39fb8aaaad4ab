package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** snmalloc's slabs that are not used any more: which stay, and what becomes of the pages of others. */
class SnmallocSlabsTest {
    /** 3000 objects are twelve slabs: all but a few go back with each burst, to be taken by the next. */
    @ParameterizedTest
    @CsvSource({"snmalloc, keep=2", "snmalloc, keep=0", "snmalloc-2019:chunk=14, keep=0", "snmalloc:rings=0, keep=1"})
    void whatABurstLeavesBehindGoesBack(String strategy, String keep) {
        String load = "bursts:live=3000,burst=1500,pause_us=1";
        String settings = strategy + (strategy.contains(":") ? "," : ":");
        TinyRun returned = new TinyRun(settings + keep, load, 1, 1, 1).run(24_000);
        TinyRun kept = new TinyRun(settings + "keep=1000", load, 1, 1, 1).run(24_000);
        assertThat(returned.oracle.spansGivenBack).isGreaterThan(20);
        assertThat(kept.oracle.spansGivenBack).isZero();
        // as many as are kept at most are left, and none is fetched anew where whole ones lie unused
        assertThat(returned.machine.pages.spans.size()).isLessThan(kept.machine.pages.spans.size());
        assertThat(returned.machine.pages.numbered.get(0L).freshBytes())
                .isEqualTo(kept.machine.pages.numbered.get(0L).freshBytes());
    }

    /** Pages that one size has given back are found by another of the same thread. */
    @ParameterizedTest
    @ValueSource(strings = {"snmalloc:keep=0,remote_cache=512", "snmalloc-2019:chunk=14,remote_cache=512"})
    void anotherSizeTakesThePages(String strategy) {
        TinyRun run = new TinyRun(strategy, "sized-churn:live=90,handoff=0.3,most=4000", 2, 3, 7);
        assertThat(run.pagesThatChangedSize(4000)).isPositive();
    }

    /** The audit sees a slab that waits for a block too few, or too many. */
    @ParameterizedTest
    @ValueSource(strings = {"snmalloc:remote_cache=512", "snmalloc-2019"})
    void aWrongCountIsFound(String strategy) {
        TinyRun run = new TinyRun(strategy, "sized-churn:live=60,handoff=0.5", 3, 6, 11).run(2000);
        List<Long> slabs = ((SnmallocInstance) run.strategy).slabs.all(run.machine);
        assertThat(slabs).hasSizeGreaterThan(3);
        for (long slab : slabs) {
            long right = run.machine.read64(slab + SnmallocSlabs.NEEDED);
            for (long wrong : new long[] {right - 1, right + 1}) {
                run.machine.write64(slab + SnmallocSlabs.NEEDED, wrong);
                assertThatThrownBy(run::checkBooks).isInstanceOf(StrategyInstance.AuditException.class);
            }
            run.machine.write64(slab + SnmallocSlabs.NEEDED, right);
        }
        run.checkBooks();
    }
}
