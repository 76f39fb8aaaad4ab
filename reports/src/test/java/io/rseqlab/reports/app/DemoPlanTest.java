package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.stats.SignFlipPermutation;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A plan that cannot answer its question costs as much host time as one that can. */
class DemoPlanTest {
    private static final List<DemoPlan.Run> RUNS = DemoPlan.runs();

    private static List<DemoPlan.Run> of(DemoPlan.Kind kind) {
        return RUNS.stream().filter(run -> run.kind() == kind).toList();
    }

    private static String cell(DemoPlan.Run run) {
        return run.spec().machine().cpus() + " " + run.spec().threads() + " "
                + run.spec().workloadSettings();
    }

    /** As many seeds as it takes for the smallest p to survive Holm's correction over every comparison of the table. */
    @Test
    void seedsSufficeForTheWholeTable() {
        List<DemoPlan.Run> compared = of(DemoPlan.Kind.SHORT);
        Set<String> combinations = compared.stream()
                .map(run -> cell(run) + " " + run.spec().strategy().id())
                .collect(Collectors.toSet());
        Set<String> cells = compared.stream().map(DemoPlanTest::cell).collect(Collectors.toSet());
        int seeds = compared.size() / combinations.size();
        int comparisons = combinations.size() - cells.size();
        assertThat(SignFlipPermutation.leastPairs(comparisons, 0.95).orElseThrow())
                .isLessThanOrEqualTo(seeds);
    }

    /** A CPU that is never idle preempts at every slice, which is four milliseconds of 250 ticks a second. */
    @Test
    void longRunsAreLongEnoughForAHundredNaturalPreemptions() {
        assertThat(of(DemoPlan.Kind.NATURAL))
                .isNotEmpty()
                .allSatisfy(run -> assertThat(run.spec().durationSeconds()
                                * run.spec().machine().cpus()
                                / 0.004)
                        .isGreaterThanOrEqualTo(DemoPlan.ENOUGH_PREEMPTIONS));
    }

    @Test
    void bothRivalsRunOverSeveralNumbersOfThreads() {
        for (String strategy : DemoPlan.RIVALS) {
            assertThat(of(DemoPlan.Kind.SHORT).stream()
                            .filter(run -> run.spec().strategy().id().equals(strategy))
                            .filter(run -> run.spec().machine().cpus() == 2)
                            .filter(run -> run.folder().contains("handoff=0.5"))
                            .map(run -> run.spec().threads())
                            .distinct())
                    .containsExactlyInAnyOrder(2, 4, 8, 16);
        }
    }

    /** Hand-off 0 answers the same on any number of CPUs, at the price of as many. */
    @Test
    void manyCpusRunWhatTheyShareSomethingIn() {
        for (DemoPlan.Kind kind : List.of(DemoPlan.Kind.SHORT, DemoPlan.Kind.INTERRUPTED)) {
            assertThat(of(kind).stream()
                            .filter(run -> run.spec().machine().cpus() == 16)
                            .map(run -> run.folder().split("/")[2])
                            .distinct())
                    .containsExactly("churn_handoff=0.1", "churn_handoff=0.5", "churn_handoff=1", "producer-consumer");
        }
    }

    @Test
    void everyRunHasAFolderOfItsOwn() {
        assertThat(RUNS.stream().map(run -> run.trace(Path.of("out")))).doesNotHaveDuplicates();
    }
}
