package io.rseqlab.reports.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.compare.Crossovers;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Thirty strategies on one page: the answer is who wins where and by how much, in one picture, and no picture has more
 * colours than people tell apart. Pages of few strategies have nothing of this.
 */
class ManyStrategiesTest {
    private static final String BASELINE = "rseq-freelist";
    private static final List<Integer> THREADS = List.of(2, 8);

    /** The baseline, the bound, the rival, and 27 others, the last of which is the best. */
    private static final List<String> NAMES = IntStream.range(0, 30)
            .mapToObj(i -> i == 0 ? BASELINE : i == 1 ? "ideal" : i == 2 ? "message-passing" : "s" + i)
            .toList();

    private static double ratio(int index, int threads) {
        return index == 1 ? 9 : index == 2 ? 0.5 : index == 29 && threads == 8 ? 0.9 : 0.7 + index / 50.0;
    }

    private static ComparisonDocument document(int strategies, List<Integer> threads, boolean intervals) {
        List<Cell> cells = new ArrayList<>();
        for (int count : threads) {
            CellKey key = new CellKey("churn:handoff=0", "m", "k", 2, count, null, null);
            List<StrategyResult> results = new ArrayList<>();
            List<Contrast> contrasts = new ArrayList<>();
            for (int i = 0; i < strategies; i++) {
                double speed = i == 0 ? 1 : ratio(i, count);
                Estimate estimate = new Estimate(1e6 * speed, null, 1, "ops/s", List.of(1e6 * speed), null);
                results.add(HandMade.result(NAMES.get(i), Map.of("throughput_ops_per_s", estimate)));
                if (i > 0) {
                    contrasts.add(contrast(NAMES.get(i), speed, intervals));
                }
            }
            cells.add(new Cell(key, key.label(), results, contrasts, "any"));
        }
        List<String> verdicts = new ArrayList<>(List.of("Best of many."));
        NAMES.subList(1, strategies).forEach(name -> verdicts.add(name + " against the baseline."));
        return HandMade.document(cells, verdicts);
    }

    private static Contrast contrast(String name, double ratio, boolean interval) {
        return new Contrast(
                name,
                BASELINE,
                "throughput_ops_per_s",
                ratio,
                interval ? new Interval(0.98 * ratio, 1.02 * ratio, 0.95, "t") : null,
                interval ? 10 : 1,
                null,
                null,
                null,
                null,
                interval ? "higher" : "too_few_seeds",
                "any");
    }

    private static String page(ComparisonDocument document) {
        return ReportPage.html(ReportModel.of("many").withComparison(document));
    }

    private static String text(String page) {
        return page.replaceAll("base64,[^\"]*", "").replaceAll("(?s)<script.*", "");
    }

    @Test
    void theFirstPictureRanksAllOfThem() {
        String page = text(page(document(30, THREADS, false)));
        int ranking = page.indexOf("<figure id=\"ranking\"");
        assertThat(ranking).isBetween(page.indexOf("class=\"verdict\""), page.indexOf("class=\"facts\""));
        assertThat(page)
                .doesNotContain("id=\"overview\"")
                .doesNotContain("id=\"ratio")
                .doesNotContain("id=\"values");
        String figure = page.substring(ranking, page.indexOf("</figure>", ranking));
        assertThat(figure)
                .contains(
                        "Throughput over that of rseq-freelist, all 30 strategies, the best over the panels on top.",
                        "No intervals: 6 seeds are the least for one, and here are 1.");
        NAMES.forEach(name -> assertThat(figure).contains("<td>" + name + "</td>"));
        assertThat(page(document(30, THREADS, true))).contains("Bars are 95 % intervals");
    }

    @Test
    void aSentenceForEachPanelSaysWhoIsAheadAndThoseOnStrategiesAreFolded() {
        String page = text(page(document(30, THREADS, false)));
        assertThat(page)
                .contains(
                        "<p class=\"verdict\">Best of many.</p>",
                        "<li>churn · 2 threads: s29 has the best mean, ahead by 1.6 % over s28 and by 28.0 % over"
                                + " rseq-freelist (place 15).</li>",
                        "<li>churn · 8 threads: s28 has the best mean, ahead by 1.6 % over s27 and by 26.0 % over"
                                + " rseq-freelist (place 14).</li>");
        assertThat(page.indexOf("Each strategy against the baseline"))
                .isPositive()
                .isLessThan(page.indexOf("s29 against the baseline."));
    }

    /** A bound is never the best, and has no place among those that a program could run. */
    @Test
    void theBoundIsShownAndNotRanked() {
        ComparisonDocument document = document(30, THREADS, false);
        Leaders leaders = Leaders.of(document, document.cells(), NAMES);
        assertThat(leaders.order().get(0)).isEqualTo("ideal");
        assertThat(leaders.contenders(document.cells().get(0))).hasSize(29).doesNotContain("ideal");
        assertThat(text(page(document))).contains("<td>bound</td>").doesNotContain("ideal has the best");
    }

    @Test
    void theBaselineTheBoundTheRivalTheWinnersAndTheBestStandOut() {
        ComparisonDocument document = document(30, THREADS, false);
        Leaders leaders = Leaders.of(document, document.cells(), NAMES);
        assertThat(leaders.crowded()).isTrue();
        assertThat(leaders.first())
                .containsExactly(BASELINE, "ideal", "message-passing", "s28", "s29", "s27", "s26", "s25");
    }

    /** More cells than anybody compares: what is left out is said, and stands in the table. */
    @Test
    void whatIsLeftOutIsSaid() {
        List<Integer> threads = IntStream.rangeClosed(1, 11).boxed().toList();
        String page = text(page(document(30, threads, false)));
        assertThat(page).contains("Left out, and in the tables: 3 cells.");
        String figure = page.substring(page.indexOf("id=\"ranking\""));
        assertThat(figure.substring(0, figure.indexOf("</figure>"))).contains("<td>churn · 11 threads</td>");
    }

    /** A map says who wins where and comes first; the ranking follows, and of 29 candidates a few have a map. */
    @Test
    void onlyThoseThatStandOutHaveAMapOfTheirOwn() {
        ComparisonDocument mapped = Crossovers.in(document(30, List.of(2, 4, 8), false), List.of("threads"));
        String page = text(page(mapped));
        assertThat(page.indexOf("<figure id=\"winners\"")).isPositive().isLessThan(page.indexOf("id=\"ranking\""));
        assertThat(page.split("<figure id=\"crossovers", -1)).hasSize(1 + 7);
        assertThat(page).contains("Without a picture, and in the folded tables: s3, s4");
        assertThat(page).contains("<details><summary>Crossovers along threads, s3 against rseq-freelist");
    }

    @Test
    void marksOfLinesSayWhoseTheyAre() {
        String crowded = text(page(document(30, THREADS, false)));
        assertThat(crowded).contains("class=\"spots\"", "title=\"s4: 0.78\"", ".spots i");
    }

    /** The page of few stays as it was: nine strategies have nine colours. */
    @Test
    void aPageOfFewHasNothingOfThis() {
        String few = text(page(document(9, THREADS, false)));
        assertThat(few)
                .contains("id=\"overview\"", "id=\"ratio")
                .doesNotContain("ranking")
                .doesNotContain("spots");
        assertThat(text(page(document(10, THREADS, false)))).contains("id=\"ranking\"");
    }
}
