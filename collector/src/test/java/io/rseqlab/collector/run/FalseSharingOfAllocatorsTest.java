package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which allocators let two threads have objects of one line, as their publications say: who hands out blocks one by one
 * from a common list does so actively, who keeps a block where it was freed does so passively. Blocks that have their
 * lines to themselves have no part in it.
 */
class FalseSharingOfAllocatorsTest {
    @TempDir
    private Path folder;

    private Map<String, Long> totals(String strategy, String workload) {
        RunSpec spec = RunSpecs.resolve(
                RunRequest.of(strategy, workload)
                        .machine("generic-64")
                        .cpus(4)
                        .threads(4)
                        .warmup(0.5e-3)
                        .window(0.5e-3),
                1);
        Collector.Outcome outcome = Collector.collect(spec, folder.resolve("trace"));
        assertThat(outcome.violations()).isEmpty();
        return outcome.info().totals();
    }

    @ParameterizedTest
    @CsvSource({
        "tcmalloc-thread, cache-thrash",
        "rseq-freelist, cache-scratch",
        "thread-cache, cache-scratch",
        "glibc, cache-scratch",
        "hoard, cache-scratch"
    })
    void threadsWithObjectsOfOneLineTakeItFromEachOther(String strategy, String workload) {
        Map<String, Long> totals = totals(strategy, workload + ":touches=300");
        assertThat(totals.get("ops")).isGreaterThan(1000);
        assertThat(totals.get("false_sharing")).isGreaterThan(4 * totals.get("ops"));
        assertThat(totals.get("false_sharing"))
                .isBetween((long) (0.9 * totals.get("line_transfers")), totals.get("line_transfers"));
    }

    @ParameterizedTest
    @CsvSource({
        "rseq-freelist, cache-thrash",
        "hoard, cache-thrash",
        "mimalloc, cache-scratch",
        "snmalloc, cache-scratch",
        "rseq-freelist, churn:handoff=0",
        "rseq-freelist, churn:handoff=0.5",
        "tcmalloc-thread, churn:handoff=0",
        "tcmalloc-percpu, churn:handoff=0.5"
    })
    void threadsWithLinesToThemselvesDoNot(String strategy, String workload) {
        Map<String, Long> totals = totals(strategy, workload);
        assertThat(totals.get("ops")).isGreaterThan(1000);
        assertThat(totals).doesNotContainKey("false_sharing");
        if (workload.endsWith("0.5")) {
            assertThat(totals.get("line_transfers")).isGreaterThan(totals.get("ops") / 10);
        }
    }
}
