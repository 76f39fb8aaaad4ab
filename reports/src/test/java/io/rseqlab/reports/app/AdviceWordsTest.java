package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.AdviceDocument.Neighbour;
import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import io.rseqlab.analyzer.result.Interval;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said to hang on something does, and what is said not to does not. */
class AdviceWordsTest {
    private static Place place(double factor, String winner, String... contenders) {
        return place("undecided", factor, winner, contenders);
    }

    private static Place place(String tied, double factor, String winner, String... contenders) {
        List<Standing> standings = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            boolean worse = !List.of(contenders).contains(name);
            standings.add(new Standing(
                    name,
                    1e6,
                    worse ? 0.8 : 0.995,
                    new Interval(0.79, 1.001, 0.95, "paired t on log ratios"),
                    0.2,
                    worse ? "worse" : tied,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null));
        }
        return new Place(factor, winner, List.of(contenders), 10, 3, "sign-flip permutation", standings);
    }

    private static String sensitivity(Place less, Place own, Place more) {
        AdviceSubject subject = new AdviceSubject(
                "x", "replay", null, "the trace's", List.of(), "0ms", "1ms", List.of(), "all", List.of(), null);
        return new AdviceWords(subject, List.of(less, own, more), List.of(), own, 0.01).sensitivity();
    }

    @Test
    void theAnswerHangsOnTheWorkWhereTheWinnerChanges() {
        assertThat(sensitivity(place(0.5, "b", "b"), place(1, "a", "a"), place(2, "a", "a")))
                .contains("the answer hangs on it");
        assertThat(sensitivity(place(0.5, "a", "a"), place(1, "a", "a"), place(2, "a", "a")))
                .contains("the answer does not change with it");
    }

    /** Threads that wait for a CPU all along say nothing of how a winner changes with them. */
    @Test
    void aRowWithoutTimeSharingMakesNoCrossover() {
        Place own = place(1, "a", "a");
        AdviceSubject subject = new AdviceSubject(
                "x",
                "sketch",
                null,
                "as given",
                List.of(),
                "0ms",
                "1ms",
                List.of(new AdviceSubject.Figure("threads", 2, "threads", "2")),
                "all",
                List.of(),
                null);
        for (String note : new String[] {null, "no time sharing"}) {
            Neighbour other = new Neighbour("threads", 8, "b", List.of("b"), "b", 1.2, note);
            AdviceWords words = new AdviceWords(subject, List.of(own), List.of(other), own, 0.01);
            assertThat(words.changes()).hasSize(note == null ? 1 : 0);
            assertThat(words.crossover())
                    .contains(
                            note == null
                                    ? "between 2 threads and 8 threads"
                                    : "With more threads than CPUs it is not known")
                    .contains(note == null ? "from a to b" : "Nearest crossover: none");
        }
    }

    private static Standing waiting(String name, double mops, double allocatorNs, double waitShare) {
        return new Standing(
                name, 1e6 * mops, 1, null, null, "best", allocatorNs, null, null, null, null, null, null, waitShare);
    }

    private static String waits(String winner, Standing... standings) {
        Place own = new Place(1, winner, List.of("a"), 10, 1, "sign-flip permutation", List.of(standings));
        return AdviceWaits.sentences(own, 4);
    }

    @Test
    void whereThreadsWaitForEachOtherTheAnswerSaysHowMuchOfTheLeadThatIs() {
        // 40 ns a call and thread of which 4 are waiting, 50 of which 6 are
        assertThat(waits("a", waiting("a", 100, 5, 0.1), waiting("b", 80, 12, 0.12)))
                .isEqualTo("Threads waited for each other, to keep the trace's order, 10.0 % (a) to 12.0 % (b) of their"
                        + " time. Of the 10.0 ns by which a call takes a thread longer with b than with a, 7.0 ns are"
                        + " in malloc and free, and 2.0 ns are such waiting.");
        assertThat(waits("a", waiting("a", 100, 5, 0.1), waiting("b", 20, 5, 0.82)))
                .contains("0.0 ns are in malloc and free, and 160.0 ns are such waiting: most of the lead is waiting");
        assertThat(waits(null, waiting("a", 20, 5, 0.8), waiting("b", 20, 5, 0.8)))
                .contains("throughput is that of the order")
                .doesNotContain("lead");
        assertThat(waits("a", waiting("a", 100, 5, 0.01), waiting("b", 80, 12, 0.02)))
                .isNull();
    }

    @Test
    void whereAllWaitMostOfTheTimeTheAnswerIsLessCertain() {
        assertThat(AdviceWaits.prevail(place(waiting("a", 100, 5, 0.6), waiting("b", 80, 12, 0.7))))
                .isTrue();
        assertThat(AdviceWaits.prevail(place(waiting("a", 100, 5, 0.4), waiting("b", 80, 12, 0.7))))
                .isFalse();
    }

    private static Place place(Standing... standings) {
        return new Place(1, "a", List.of("a"), 10, 1, "sign-flip permutation", List.of(standings));
    }

    /** Shown to be the same is another answer than undecided. */
    @Test
    void whereThroughputIsTheSameThatIsSaid() {
        Place same = place("equivalent", 2, null, "a", "b", "c");
        assertThat(sensitivity(place(0.5, null, "a", "b", "c"), place(1, null, "a", "b", "c"), same))
                .contains("with ×0.5 of it undecided between all", "with ×2 of it the same with all");
    }

    /** Undecided between a and b is another answer than undecided between b and c. */
    @Test
    void whereNobodyWinsTheAnswerIsBetweenWhom() {
        assertThat(sensitivity(place(0.5, null, "b", "a"), place(1, null, "a", "b"), place(2, null, "a", "b")))
                .contains("the answer does not change with it");
        assertThat(sensitivity(place(0.5, null, "a", "b"), place(1, null, "a", "b"), place(2, null, "b", "c")))
                .contains("no winner with any of it, but who is not shown to be slower hangs on it")
                .contains("with ×2 of it undecided between b, c")
                .doesNotContain("does not change");
    }
}
