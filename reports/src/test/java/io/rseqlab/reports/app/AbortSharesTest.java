package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.SectionListing;
import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.RunSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places of aborts are compared by what stands there: the names must fit the program that the model runs. */
class AbortSharesTest {
    @Test
    void stepsFitTheSectionsThatTheModelRuns(@TempDir Path folder) throws IOException {
        RunSpec spec =
                ValidationPoint.churn("rseq-freelist", 2).pad(50).aborts().interrupted(1);
        Collector.collect(spec, folder.resolve("run"));
        RunResult run = Analyzer.analyze(List.of(folder.resolve("run"))).runs().get(0);
        assertThat(run.sections()).isNotEmpty();
        for (SectionListing section : run.sections()) {
            List<String> steps = AbortShares.STEPS.get(section.name());
            assertThat(steps).as(section.name()).hasSize(section.length());
            for (int i = 0; i < section.length(); i++) {
                String instruction = section.listing().get(i);
                assertThat(steps.get(i).equals("commit")).as(instruction).isEqualTo(i == section.length() - 1);
                assertThat(steps.get(i).equals("pad") && instruction.startsWith("djnz"))
                        .as(instruction)
                        .isEqualTo(instruction.startsWith("djnz"));
            }
        }
        Map<String, Long> exposed = AbortShares.exposed(List.of(run));
        assertThat(exposed.keySet()).contains("pop/pad", "push/pad", "push/link", "pop/read head");
    }

    @Test
    void theDistanceIsTheShareThatWouldHaveToMove() {
        AbortShares shares =
                AbortShares.of(Map.of("pop/pad", 60L, "push/pad", 40L), Map.of("pop/pad", 300L, "push/link", 700L));
        assertThat(shares.distance()).isCloseTo(0.7, within(1e-12));
        assertThat(shares.aborts()).isEqualTo(100);
        assertThat(AbortShares.top(shares.measured())).isEqualTo("pop/pad 0.60, push/pad 0.40");
    }

    @Test
    void topPlacesMustBePresentOnBothSides() {
        Map<String, Long> both = Map.of("a", 50L, "b", 50L);
        assertThat(AbortShares.of(both, Map.of("a", 80L, "b", 12L, "c", 8L)).sameTop())
                .isTrue();
        assertThat(AbortShares.of(both, Map.of("a", 92L, "b", 8L)).sameTop()).isFalse();
        assertThat(AbortShares.of(Map.of("a", 92L, "b", 8L), both).sameTop()).isFalse();
    }

    @Test
    void withoutAbortsThereIsNothingToCompare() {
        assertThat(AbortShares.of(Map.of(), Map.of("a", 1L))).isNull();
        assertThat(AbortShares.of(null, Map.of("a", 1L))).isNull();
    }
}
