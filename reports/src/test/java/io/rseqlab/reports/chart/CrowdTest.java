package io.rseqlab.reports.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A page of more names than colours must not give one look to two of those that matter, and must say of every mark
 * whose it is: by its row, by the name at its line's end, or when it is pointed at.
 */
class CrowdTest {
    private static final Theme THEME = Theme.STANDARD;

    private static final List<String> NAMES = IntStream.range(0, 30)
            .mapToObj(i -> i == 29 ? "message-passing" : i == 28 ? "global-mutex" : "s" + i)
            .toList();
    private static final List<String> FIRST = List.of("s7", "message-passing", "s3", "global-mutex");
    private static final Styles CROWD = Styles.standingOut(NAMES, FIRST);

    @Test
    void thoseThatStandOutHaveAColourEachAndAllOthersAreGrey() {
        Set<Styles.Style> seen = new HashSet<>();
        for (String name : FIRST) {
            assertThat(seen.add(CROWD.of(name))).as(name).isTrue();
            assertThat(CROWD.behind(name)).isFalse();
            assertThat(CROWD.of(name).color()).isNotIn(Styles.PALE, Styles.GREY);
        }
        assertThat(CROWD.of("message-passing"))
                .isEqualTo(Styles.of(List.of("message-passing")).of("message-passing"));
        NAMES.stream().filter(name -> !FIRST.contains(name)).forEach(name -> {
            assertThat(CROWD.behind(name)).isTrue();
            assertThat(CROWD.of(name).color()).isEqualTo(Styles.PALE);
        });
        assertThat(Styles.standingOut(NAMES, NAMES).behind("s29")).isFalse();
    }

    /** Pages that cannot choose whom to show, as of predictions, still have to keep names apart. */
    @Test
    void withoutAChoiceNoTwoNamesLookAlike() {
        Styles all = Styles.of(NAMES);
        assertThat(NAMES.stream().map(all::of).distinct()).hasSameSizeAs(NAMES);
        assertThat(all.crowded()).isFalse();
    }

    @Test
    void aMarkOfACrowdSaysWhoseItIs() {
        List<PanelChart.Series> series = new ArrayList<>();
        NAMES.forEach(name -> series.add(new PanelChart.Series(
                name, List.of(new PanelChart.Point(0, 2.5, null, null), new PanelChart.Point(1, 1234.5, null, null)))));
        PanelChart chart = new PanelChart(
                Heading.NONE,
                "threads",
                "",
                3,
                true,
                false,
                List.of(new PanelChart.Panel("one", List.of("2", "8"), series)));
        List<Picture.Spot> spots = chart.draw(CROWD, THEME).spots();
        assertThat(spots).hasSize(2 * NAMES.size());
        assertThat(spots).extracting(Picture.Spot::text).contains("s0: 2.5", "s0: 1235", "message-passing: 2.5");
        assertThat(spots).allMatch(spot -> spot.x() > 0 && spot.x() < 1 && spot.y() > 0 && spot.y() < 1);
        assertThat(chart.draw(Styles.of(NAMES), THEME).spots()).isEmpty();
    }

    @Test
    void aCurveOfACrowdHasRoomForANameAtEachEnd() {
        List<CurveChart.Series> series = new ArrayList<>();
        NAMES.forEach(name -> series.add(new CurveChart.Series(
                name, List.of(new CurveChart.Point(2, 5, null, null), new CurveChart.Point(8, 6, 5.5, 6.5)))));
        CurveChart chart = new CurveChart("threads", "ops/s", series);
        Picture crowded = chart.draw(CROWD, THEME);
        assertThat(crowded.height())
                .isGreaterThan(30 * 16)
                .isGreaterThan(chart.draw(Styles.of(NAMES), THEME).height());
    }

    @Test
    void namesAtTheEndsOfLinesDoNotRunIntoEachOther() {
        double line = 0.1;
        for (List<Double> wanted : List.of(
                List.of(0.5, 0.5, 0.5, 0.49),
                List.of(1.0, 1.0, 0.98),
                List.of(0.02, 0.01, 0.0, 0.0),
                List.of(0.9, 0.9, 0.1, 0.1))) {
            List<Double> at = EndLabels.spread(wanted, line);
            for (int i = 0; i < at.size(); i++) {
                assertThat(at.get(i)).isBetween(line / 2 - 1e-9, 1 - line / 2 + 1e-9);
                assertThat(i == 0 ? 1 : at.get(i - 1) - at.get(i)).isGreaterThan(line - 1e-9);
            }
        }
        assertThat(EndLabels.spread(List.of(0.8, 0.3), line)).containsExactly(0.8, 0.3);
    }

    @Test
    void panelsOfARankingStandInRowsOfOneLength() {
        assertThat(ranks(1).abreast()).isEqualTo(1);
        assertThat(ranks(4).abreast()).isEqualTo(4);
        assertThat(ranks(5).abreast()).isEqualTo(3);
        assertThat(ranks(8).abreast()).isEqualTo(4);
        int one = ranks(4).draw(CROWD, THEME).height();
        assertThat(ranks(5).draw(CROWD, THEME).height()).isGreaterThan(one + NAMES.size() * 18);
    }

    @Test
    void aRankingHoldsItsReferenceAndItsWhiskers() {
        Scale scale = ranks(2).scale(ranks(2).panels().get(0));
        assertThat(scale.low()).isLessThan(0.5);
        assertThat(scale.high()).isGreaterThan(2.5);
        RankChart far = new RankChart(Heading.NONE, ranks(1).rows(), 1.0, false, List.of(panel(50, 60, 70)));
        assertThat(far.scale(far.panels().get(0)).low()).isLessThan(1);
    }

    private static RankChart ranks(int panels) {
        List<RankChart.Row> rows = NAMES.stream()
                .map(name -> new RankChart.Row(name, "1", "", false))
                .toList();
        return new RankChart(
                new Heading("ratios", "any"),
                rows,
                1.0,
                false,
                IntStream.range(0, panels).mapToObj(i -> panel(0.5, 2, 2.5)).toList());
    }

    private static RankChart.Panel panel(double low, double value, double high) {
        return new RankChart.Panel("a cell", List.of(new RankChart.Mark(3, value, low, high, "2.00", true)));
    }
}
