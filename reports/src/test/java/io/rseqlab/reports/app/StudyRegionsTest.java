package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MapPoint;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Where each of a pair is ahead is said without leaving a point out, neighbours together. */
class StudyRegionsTest {
    private static final StudyPair PAIR = new StudyPair("Question", "new", "old");

    private static MapPoint point(int threads, Double ratio, boolean decided) {
        String winner = !decided ? null : ratio > 1 ? "new" : "old";
        Interval interval = new Interval(ratio * 0.9, ratio * 1.1, 0.95, "t");
        String state = decided ? MapPoint.DECIDED : MapPoint.UNDECIDED;
        return new MapPoint(String.valueOf(threads), null, state, winner, ratio, interval, 10, 0.01, null, null);
    }

    /** Ratios of 1, 4, 16 and 64 threads; those of 1 are undecided. */
    private static StudyRegions.Line line(String workload, String handoff, double... ratios) {
        NavigableMap<Integer, MapPoint> points = new TreeMap<>();
        for (int i = 0; i < ratios.length; i++) {
            int threads = 1 << 2 * i;
            points.put(threads, point(threads, ratios[i], ratios[i] != 1));
        }
        return new StudyRegions.Line(workload, handoff, "4", points);
    }

    private static StudyRegions regions(StudyRegions.Line... lines) {
        return new StudyRegions(PAIR, List.of(lines));
    }

    @Test
    void neighboursAreARunAndGapsAreNot() {
        StudyRegions regions = regions(line("a", null, 2, 3, 0.5, 4), line("b", null, 1, 1, 0.5, 0.25));
        assertThat(regions.words("new")).isEqualTo("a (1 to 4 and 64 threads on 4 CPUs)");
        assertThat(regions.words("old")).isEqualTo("a (16 threads on 4 CPUs) and b (16 to 64 threads on 4 CPUs)");
        assertThat(regions.lead())
                .isEqualTo("old is ahead on b (up to ×4.00); now one, now the other on a (new up to ×4.00, old up to"
                        + " ×2.00).");
    }

    /** One CPU count at which nobody or the other one is ahead is told from those at which one is. */
    @Test
    void theLeadNamesTheCpusWhereNotAllAgree() {
        NavigableMap<Integer, MapPoint> open = line("a", null, 1, 1).points();
        StudyRegions regions = regions(line("a", null, 2, 5), new StudyRegions.Line("a", null, "64", open));
        assertThat(regions.lead()).isEqualTo("new is ahead on a on 4 CPUs (up to ×5.00).");
    }

    @Test
    void handOffsWithTheSameThreadsAreOnePlace() {
        StudyRegions regions =
                regions(line("c", "0", 2, 1, 1, 1), line("c", "0.5", 0.5, 0.5, 1, 1), line("c", "1", 0.5, 0.5, 1, 1));
        assertThat(regions.words("new")).isEqualTo("c with hand-off 0 (1 thread on 4 CPUs)");
        assertThat(regions.words("old")).isEqualTo("c with hand-off 0.5 and 1 (1 to 4 threads on 4 CPUs)");
    }

    @Test
    void aRowSaysTheLeastAndTheMostOfEachSideAndWhatIsOpen() {
        List<Object> row = regions(line("a", null, 2, 1, 0.5, 4)).rows().get(0);
        assertThat(row)
                .containsExactly(
                        "new, old",
                        "a, 4 CPUs",
                        "1 and 64 threads: ×2.00 [×1.80, ×2.20] to ×4.00 [×3.60, ×4.40]",
                        "16 threads: ×2.00 [×1.82, ×2.22]",
                        "4 threads");
    }

    @Test
    void aLeadOfLessThanOnePercentIsNotCalledNothing() {
        assertThat(StudyRegions.margin(point(1, 1.004, true))).startsWith("×1.004 [");
        assertThat(StudyRegions.margin(point(1, 1 / 1.004, true))).startsWith("×1.004 [");
    }

    @Test
    void nobodyAheadAnywhereIsNoWords() {
        StudyRegions regions = regions(line("a", null, 1, 1));
        assertThat(regions.words("new")).isNull();
        assertThat(regions.lead()).isNull();
    }
}
