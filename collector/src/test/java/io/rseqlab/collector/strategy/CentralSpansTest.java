package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.strategy.block.SpanLists;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans whose blocks are all back go to the page heap, and come from there for any size. */
class CentralSpansTest {
    private static final String PER_CPU = "tcmalloc-percpu:cpu_budget=2048,transfer=0,page_shift=12";
    private static final String PER_THREAD = "tcmalloc-thread:thread_least=2048,thread_most=2048,slots=1,page_shift=12";

    /** TCMalloc's table for pages of 8 KiB, but for 4096 and 8192, of which it takes one. */
    @ParameterizedTest
    @CsvSource({
        "32, 1",
        "640, 1",
        "1024, 1",
        "1152, 2",
        "2048, 2",
        "2304, 2",
        "2816, 3",
        "3200, 2",
        "4096, 2",
        "6144, 3",
        "8192, 2",
        "16384, 2",
        "24576, 3",
        "65536, 8",
        "262144, 32"
    })
    void aSpanHasAsFewPagesAsWasteLittle(int block, int pages) {
        assertThat(SpanLists.spanBytes(block, 8192)).isEqualTo(pages * 8192L);
    }

    private static SpanLists spans(TinyRun run) {
        return run.strategy instanceof TcmallocPercpuInstance instance
                ? instance.central.spans()
                : ((TcmallocThreadInstance) run.strategy).central.spans();
    }

    /** Bursts of more objects than caches hold: what comes and goes with each are whole spans, unless they are kept. */
    @ParameterizedTest
    @ValueSource(strings = {PER_CPU, PER_THREAD + ",release_rate=0"})
    void whatABurstLeavesBehindGoesBack(String strategy) {
        String load = "bursts:live=600,burst=300,pause_us=1";
        TinyRun returned = new TinyRun(strategy, load, 1, 1, 1).run(6000);
        TinyRun kept = new TinyRun(strategy + ",spans=kept", load, 1, 1, 1).run(6000);
        assertThat(returned.oracle.spansGivenBack).isGreaterThan(20);
        assertThat(kept.oracle.spansGivenBack).isZero();
        // as many as are cached at most are left, and none is fetched anew where whole ones lie in the page heap
        assertThat(returned.machine.pages.spans.size()).isLessThan(kept.machine.pages.spans.size());
        assertThat(returned.machine.pages.runs.freshBytes()).isEqualTo(kept.machine.pages.runs.freshBytes());
    }

    /** A span that one size has given back is found by another. */
    @ParameterizedTest
    @ValueSource(strings = {PER_CPU, PER_THREAD})
    void anotherSizeTakesASpan(String strategy) {
        TinyRun run = new TinyRun(strategy, "sized-churn:live=60,handoff=0.3,most=2000", 2, 3, 7);
        Map<Long, Integer> classes = new HashMap<>();
        int changes = 0;
        for (int step = 0; run.oracle.workDone < 3000; step++) {
            run.stepSomeCpu();
            for (long span : step % 100 == 0 ? run.machine.pages.spans.keySet() : List.<Long>of()) {
                int now = run.strategy.sizeClass(run.machine, span);
                Integer before = spans(run).spanOf(run.machine, span, now) == 0 ? null : classes.put(span, now);
                changes += before == null || before == now ? 0 : 1;
            }
        }
        run.run(3000);
        assertThat(changes).isGreaterThan(5);
    }

    /** Of every span so many blocks are live or in caches as it says. */
    @ParameterizedTest
    @ValueSource(strings = {PER_CPU, PER_THREAD, PER_CPU + ",spans=kept", PER_CPU + ",background_us=1"})
    void spansKnowHowManyBlocksAreElsewhere(String strategy) {
        for (String load : List.of("sized-churn:live=60,handoff=0.5", "producer-consumer")) {
            TinyRun run = new TinyRun(strategy, load, 3, 6, 11).run(2000);
            List<Long> elsewhere = new ArrayList<>(run.oracle.owners.keySet());
            run.strategy.audit(run.machine, (block, place) -> {
                if (!place.words().equals("central list")) {
                    elsewhere.add(block);
                }
            });
            Map<Long, Long> found = new HashMap<>();
            elsewhere.forEach(block -> found.merge(span(run, block), 1L, Long::sum));
            assertThat(found).doesNotContainKey(0L);
            for (long address : run.machine.pages.spans.keySet()) {
                long span = span(run, address);
                assertThat(spans(run).allocated(run.machine, span)).isEqualTo(found.getOrDefault(span, 0L));
            }
        }
    }

    private static long span(TinyRun run, long block) {
        return spans(run).spanOf(run.machine, block, run.strategy.sizeClass(run.machine, block));
    }

    /** The tests above could fail: a count that is wrong by one is found, whichever way. */
    @ParameterizedTest
    @ValueSource(strings = {PER_CPU, PER_THREAD})
    void aWrongCountIsFound(String strategy) {
        TinyRun run = new TinyRun(strategy, "sized-churn:live=60", 3, 6, 11).run(2000);
        int broken = 0;
        for (long address : run.machine.pages.spans.keySet()) {
            long counted = span(run, address) + SpanLists.ALLOCATED;
            long right = run.machine.read64(counted);
            if (listed(run, address) && broken++ < 5) {
                for (long wrong : new long[] {right - 1, right + 1}) {
                    run.machine.write64(counted, wrong);
                    assertThatThrownBy(run::checkBooks).isInstanceOf(StrategyInstance.AuditException.class);
                }
                run.machine.write64(counted, right);
            }
        }
        assertThat(broken).isPositive();
        run.checkBooks();
    }

    private static boolean listed(TinyRun run, long address) {
        int sizeClass = run.strategy.sizeClass(run.machine, address);
        boolean[] found = new boolean[1];
        spans(run).walk(run.machine, sizeClass, (span, blocks, fault) -> found[0] |= span == span(run, address));
        return found[0];
    }

    /** A block that a cache still has when its span is nobody's any more is found. */
    @ParameterizedTest
    @ValueSource(strings = {PER_CPU, PER_THREAD})
    void noBlockLiesWhereThereIsNoSpan(String strategy) {
        TinyRun run = new TinyRun(strategy, "producer-consumer", 3, 6, 11).run(3000);
        List<Long> cached = new ArrayList<>();
        run.strategy.audit(run.machine, (block, place) -> {
            if (!place.words().equals("central list")) {
                cached.add(block);
            }
        });
        run.machine.write64(span(run, cached.get(0)) + SpanLists.OWNER, 0);
        assertThatThrownBy(run::checkBooks).isInstanceOf(StrategyInstance.AuditException.class);
    }
}
