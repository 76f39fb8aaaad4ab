package io.rseqlab.reports.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.reports.chart.TimelineChart.Kind;
import io.rseqlab.reports.chart.TimelineChart.Mark;
import io.rseqlab.reports.chart.TimelineChart.Stretch;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** A chart shows all it is given, is the same every time, and refuses to draw nothing. */
class ChartsTest {
    private static final Theme THEME = Theme.STANDARD;
    private static final Styles STYLES = Styles.of(List.of("rseq-freelist", "message-passing"));

    @Test
    void theSameDataGiveTheSameBytes() {
        assertThat(dots(DotChart.Layout.RATE, dot(1, 0.5, 1.5))
                        .draw(STYLES, THEME)
                        .png())
                .isEqualTo(dots(DotChart.Layout.RATE, dot(1, 0.5, 1.5))
                        .draw(STYLES, THEME)
                        .png());
    }

    @Test
    void aPictureIsTwiceAsFineAsItsLayout() throws Exception {
        Picture picture = dots(DotChart.Layout.RATE, dot(1, null, null)).draw(STYLES, THEME);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.png()));
        assertThat(image.getWidth()).isEqualTo(2 * picture.width());
        assertThat(image.getHeight()).isEqualTo(2 * picture.height());
    }

    @Test
    void whiskersLieInsideTheAxis() {
        Scale axis = dots(DotChart.Layout.RATIO, dot(1.2, 0.4, 1.9)).axis();
        assertThat(axis.low()).isLessThan(0.4);
        assertThat(axis.high()).isGreaterThan(1.9);
    }

    @Test
    void theReferenceLiesInsideTheAxis() {
        DotChart chart = new DotChart(
                "ratio", List.of("a"), series(dot(5, null, null)), DotChart.Layout.RATIO, 1.0, 0.05, false);
        assertThat(chart.axis().low()).isLessThan(1);
    }

    @Test
    void anEmptyChartIsAnError() {
        DotChart none = new DotChart("x", List.of("a"), List.of(), DotChart.Layout.RATE, null, null, false);
        assertThatThrownBy(() -> none.draw(STYLES, THEME)).hasMessageContaining("no data");
        assertThatThrownBy(() -> new CurveChart("x", "y", List.of()).draw(STYLES, THEME))
                .hasMessageContaining("no data");
        BarChart bars = new BarChart("x", List.of("a"), List.of(), true);
        assertThatThrownBy(() -> bars.draw(STYLES, THEME)).hasMessageContaining("no data");
    }

    @Test
    void stackedBarsEndAtTheirSum() {
        List<BarChart.Series> parts = List.of(
                new BarChart.Series("rseq-freelist", List.of(3.0)),
                new BarChart.Series("message-passing", List.of(4.0)));
        assertThat(new BarChart("x", List.of("a"), parts, true).axis().high()).isGreaterThan(7);
        assertThat(new BarChart("x", List.of("a"), parts, false).axis().high()).isBetween(4.0, 5.0);
    }

    @Test
    void barsThatDoNotFitTheirRowsAreRefused() {
        List<BarChart.Series> short1 = List.of(new BarChart.Series("a", Arrays.asList(1.0, null)));
        assertThatThrownBy(() -> new BarChart("x", List.of("a"), short1, true)).hasMessageContaining("2 values");
    }

    @Test
    void aCurveHasTicksWhereItsDataAre() {
        CurveChart chart = new CurveChart("threads", "ops/s", List.of(curve(1, 5), curve(2, 9), curve(48, 30)));
        assertThat(chart.xAxis().ticks()).containsExactly(1.0, 2.0, 48.0);
        assertThat(chart.yAxis().low()).isZero();
        CurveChart one = new CurveChart("threads", "ops/s", List.of(curve(4, 5)));
        assertThat(one.draw(STYLES, THEME).png()).isNotEmpty();
    }

    @Test
    void aTailReachesDownToItsSmallestShare() {
        TailChart.Series tail = new TailChart.Series(
                "rseq-freelist", List.of(new double[] {5, 0.9}, new double[] {80, 0.99996}, new double[] {9000, 1}));
        TailChart chart = new TailChart(List.of(new TailChart.Panel("malloc, cycles", List.of(tail))));
        assertThat(chart.shareAxis().low()).isEqualTo(1e-5);
        Scale values = TailChart.valueAxis(chart.panels().get(0));
        assertThat(values.low()).isLessThan(5);
        assertThat(values.high()).isGreaterThan(9000);
    }

    @Test
    void oneValueIsATailToo() {
        TailChart.Series tail = new TailChart.Series("rseq-freelist", List.of(new double[] {0, 1}));
        TailChart chart = new TailChart(List.of(new TailChart.Panel("malloc, cycles", List.of(tail))));
        assertThat(chart.draw(STYLES, THEME).png()).isNotEmpty();
    }

    @Test
    void everyMarkOfATimelineIsCounted() {
        TimelineChart chart = new TimelineChart(
                "ms",
                10,
                List.of("CPU 0", "CPU 1"),
                List.of(new Stretch(0, 1, "t1", 0, 4), new Stretch(1, 2, "t2", 0, 10)),
                List.of(
                        new Mark(Kind.PREEMPTION, 4, 0, null),
                        new Mark(Kind.ABORT, 4, 0, null),
                        new Mark(Kind.MIGRATION, 5, 0, 1)));
        assertThat(chart.counts().values()).containsExactly(1, 1, 1);
        assertThat(chart.draw(THEME).png()).isNotEmpty();
    }

    @Test
    void aStrategyLooksTheSameOnEveryPage() {
        Styles alone = Styles.of(List.of("message-passing"));
        Styles beside = Styles.of(List.of("a", "message-passing", "rseq-freelist:cap=64", "z"));
        assertThat(alone.css("message-passing")).isEqualTo(beside.css("message-passing"));
    }

    @Test
    void aBorderLiesWhereTheWinnerChangesAndNowhereElse() {
        List<MapChart.Tile> tiles = List.of(
                new MapChart.Tile(0, 0, MapChart.Kind.DECIDED, "ideal", 0.2, "+20%"),
                new MapChart.Tile(1, 0, MapChart.Kind.DECIDED, "global-mutex", 0.1, "-10%"),
                new MapChart.Tile(0, 1, MapChart.Kind.DECIDED, "ideal", 0.3, "+30%"),
                new MapChart.Tile(1, 1, MapChart.Kind.UNDECIDED, null, 0, "+0.1%"));
        MapChart.Panel panel = new MapChart.Panel("", tiles);
        assertThat(MapChart.borders(panel)).hasSize(1);
        assertThat(MapChart.borders(panel).get(0).getCenterX()).isEqualTo(0.5);
        assertThat(MapChart.borders(panel).get(0).getMaxY()).isEqualTo(0.5);
        MapChart one = new MapChart(
                Heading.NONE,
                "x",
                "y",
                List.of("1", "2"),
                List.of("3", "4"),
                false,
                List.of("ideal", "global-mutex"),
                List.of(panel));
        Styles styles = Styles.of(one.winners());
        Picture alone = one.draw(styles, Theme.STANDARD);
        assertThat(alone.png()).isEqualTo(one.draw(styles, Theme.STANDARD).png());
        MapChart.Panel named = new MapChart.Panel("cpus 2", tiles);
        MapChart four = new MapChart(
                Heading.NONE,
                "x",
                "y",
                one.columns(),
                one.rows(),
                false,
                one.winners(),
                List.of(named, named, named, named));
        assertThat(four.draw(styles, Theme.STANDARD).height()).isBetween(2 * alone.height(), 3 * alone.height());
    }

    /**
     * Too few seeds to decide is no grey: who has the better mean has its colour, hatched; and no winner changes there.
     */
    @Test
    void aTileOfTooFewSeedsLeansToTheBetterMean() {
        Set<String> pictures = new HashSet<>();
        for (MapChart.Kind kind : List.of(MapChart.Kind.DECIDED, MapChart.Kind.LEANING, MapChart.Kind.UNDECIDED)) {
            List<MapChart.Tile> tiles = List.of(
                    new MapChart.Tile(0, 0, kind, "a", 0.2, "+20%"), new MapChart.Tile(1, 0, kind, "b", 0.1, "-10%"));
            MapChart.Panel panel = new MapChart.Panel("", tiles);
            assertThat(MapChart.borders(panel)).hasSize(kind == MapChart.Kind.DECIDED ? 1 : 0);
            MapChart map = new MapChart(
                    Heading.NONE, "x", "y", List.of("1", "2"), List.of("3"), false, List.of("a", "b"), List.of(panel));
            pictures.add(Arrays.toString(
                    map.draw(Styles.of(map.winners()), Theme.STANDARD).png()));
        }
        assertThat(pictures).hasSize(3);
    }

    /** A map in a mail says what it is; a heading too long for a line takes more. */
    @Test
    void aHeadingStandsAboveTheMapAndBreaksIntoLines() {
        List<MapChart.Tile> tiles = List.of(new MapChart.Tile(0, 0, MapChart.Kind.DECIDED, "a", 0.1, "+10%"));
        List<Integer> heights = new ArrayList<>();
        for (Heading heading : List.of(
                Heading.NONE,
                new Heading("Throughput: change in %", ""),
                new Heading("Throughput: change in %", "churn · 2 CPUs"),
                new Heading("Throughput: change in %", "churn · 2 CPUs ".repeat(20)))) {
            MapChart map = new MapChart(
                    heading,
                    "x",
                    "y",
                    List.of("1"),
                    List.of("3"),
                    false,
                    List.of("a", "b"),
                    List.of(new MapChart.Panel("", tiles)));
            heights.add(map.draw(Styles.of(map.winners()), Theme.STANDARD).height());
        }
        assertThat(heights).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void noTwoOfNineStrategiesShareAColourOrAShape() {
        List<String> names =
                List.of("rseq-freelist", "ideal", "other", "more", "message-passing", "x:1", "x:2", "x:3", "x:4");
        Styles styles = Styles.of(names);
        Set<Object> looks = new HashSet<>();
        for (String name : names) {
            looks.add(styles.of(name).color());
            looks.add(styles.of(name).shape());
        }
        assertThat(looks).hasSize(2 * names.size());
    }

    private static DotChart dots(DotChart.Layout layout, DotChart.Dot dot) {
        return new DotChart("x", List.of("a row"), series(dot), layout, null, null, false);
    }

    private static List<DotChart.Series> series(DotChart.Dot dot) {
        return List.of(new DotChart.Series("rseq-freelist", "rseq-freelist", false, List.of(dot)));
    }

    private static DotChart.Dot dot(double value, Double low, Double high) {
        return new DotChart.Dot(0, value, low, high);
    }

    private static CurveChart.Series curve(double x, double value) {
        return new CurveChart.Series("rseq-freelist", List.of(new CurveChart.Point(x, value, null, null)));
    }
}
