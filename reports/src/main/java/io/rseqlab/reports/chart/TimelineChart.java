package io.rseqlab.reports.chart;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Who ran where and when: one lane per CPU, one pastel per thread, its name where it fits, and marks for what happened.
 * Preemptions stand above the lane's middle, aborts below, so that an abort does not hide the preemption that caused
 * it.
 *
 * @param timeTitle of the time axis, with the unit
 * @param end length of the window, in that unit
 * @param lanes names of the lanes, from the top
 * @param stretches who ran where
 * @param marks what happened
 */
public record TimelineChart(
        String timeTitle, double end, List<String> lanes, List<Stretch> stretches, List<Mark> marks) {

    /** A stretch of one thread in one lane. */
    public record Stretch(int lane, int thread, String name, double from, double to) {}

    /** Something that happened; {@code toLane} is null except for a move. */
    public record Mark(Kind kind, double at, int lane, Integer toLane) {}

    /** Kinds of marks, in the order of the legend. */
    public enum Kind {
        PREEMPTION("preemption", Styles.BLACK, Styles.polygon(-4.5, -5, 4.5, -5, 0, 4), -0.27),
        MIGRATION("migration (line to the new CPU)", Styles.BLUE, Styles.polygon(0, -5, 5, 0, 0, 5, -5, 0), 0),
        ABORT("abort", new Color(0xc00000), cross(), 0.27),
        RESTART("restart: other CPU number", Styles.PURPLE, new Ellipse2D.Double(-4, -4, 8, 8), 0.27),
        SIGNAL("signal", Styles.GREEN, Styles.polygon(0, -5, 5, 4, -5, 4), -0.27),
        FAULT("fault or violation", Styles.VERMILLION, new Ellipse2D.Double(-5, -5, 10, 10), 0);

        private final String label;
        private final Color color;
        private final Shape shape;
        private final double shift;

        Kind(String label, Color color, Shape shape, double shift) {
            this.label = label;
            this.color = color;
            this.shape = shape;
            this.shift = shift;
        }

        private static Shape cross() {
            double a = 5;
            double b = 1.6;
            return Styles.polygon(
                    -a, -a + b, -a + b, -a, 0, -b, a - b, -a, a, -a + b, b, 0, a, a - b, a - b, a, 0, b, -a + b, a, -a,
                    a - b, -b, 0);
        }
    }

    public Picture draw(Theme theme) {
        Scale time = Scale.linear(0, end);
        Rows plot = new Rows(lanes, timeTitle, time, Scale::text, theme);
        int laneHeight = lanes.size() <= 4 ? 64 : lanes.size() <= 16 ? 40 : 24;
        XYPlot inner = plot.plot();
        addStretches(plot);
        moves(inner, theme);
        LegendItemCollection legend = addMarks(plot, theme);
        inner.setFixedLegendItems(legend);
        names(inner, theme);
        return plot.draw(lanes.size() * laneHeight, legend.getItemCount() > 0);
    }

    private void addStretches(Rows plot) {
        Map<Integer, XYIntervalSeries> threads = new TreeMap<>();
        for (Stretch stretch : stretches) {
            XYIntervalSeries series = threads.computeIfAbsent(
                    stretch.thread(), thread -> new XYIntervalSeries("thread " + thread, false, true));
            Rows.bar(series, stretch.lane(), 0.42, stretch.from(), stretch.to());
        }
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYBarRenderer bars = Rows.bars();
        bars.setDrawBarOutline(true);
        int index = 0;
        for (XYIntervalSeries series : threads.values()) {
            data.addSeries(series);
            bars.setSeriesPaint(index, pastel(index));
            bars.setSeriesOutlinePaint(index, Color.WHITE);
            index++;
        }
        plot.add(data, bars);
    }

    private static Color pastel(int index) {
        Color color = Styles.nth(index);
        int round = index / 9;
        double strength = 0.45 - 0.12 * (round % 3);
        return new Color(
                mix(color.getRed(), strength), mix(color.getGreen(), strength), mix(color.getBlue(), strength));
    }

    private static int mix(int channel, double strength) {
        return (int) Math.round(255 - (255 - channel) * strength);
    }

    private void moves(XYPlot plot, Theme theme) {
        for (Mark mark : marks) {
            if (mark.toLane() != null && mark.toLane() != mark.lane()) {
                plot.addAnnotation(new org.jfree.chart.annotations.XYLineAnnotation(
                        mark.at(), mark.lane(), mark.at(), mark.toLane(), theme.hairline(), Kind.MIGRATION.color));
            }
        }
    }

    private LegendItemCollection addMarks(Rows plot, Theme theme) {
        Map<Kind, XYSeries> kinds = new TreeMap<>();
        for (Mark mark : marks) {
            int lane = mark.toLane() == null ? mark.lane() : mark.toLane();
            kinds.computeIfAbsent(mark.kind(), kind -> new XYSeries(kind.label, false, true))
                    .add(mark.at(), lane + mark.kind().shift);
        }
        XYSeriesCollection data = new XYSeriesCollection();
        XYLineAndShapeRenderer shapes = new XYLineAndShapeRenderer(false, true);
        shapes.setDrawOutlines(true);
        shapes.setUseOutlinePaint(true);
        LegendItemCollection legend = new LegendItemCollection();
        for (Map.Entry<Kind, XYSeries> entry : kinds.entrySet()) {
            Kind kind = entry.getKey();
            int index = data.getSeriesCount();
            data.addSeries(entry.getValue());
            shapes.setSeriesShape(index, kind.shape);
            shapes.setSeriesPaint(index, kind.color);
            shapes.setSeriesOutlinePaint(index, Color.WHITE);
            legend.add(legendItem(kind, entry.getValue().getItemCount()));
        }
        plot.add(data, shapes);
        return legend;
    }

    private static LegendItem legendItem(Kind kind, int count) {
        return new LegendItem(kind.label + ": " + count, null, null, null, kind.shape, kind.color);
    }

    /** Names only where the stretch is wide enough for them. */
    private void names(XYPlot plot, Theme theme) {
        double widthOfLetter = 9.0 / Picture.WIDTH * end;
        for (Stretch stretch : stretches) {
            if (stretch.to() - stretch.from() > widthOfLetter * (stretch.name().length() + 1)) {
                XYTextAnnotation name =
                        new XYTextAnnotation(stretch.name(), (stretch.from() + stretch.to()) / 2, stretch.lane());
                name.setFont(theme.text().deriveFont(12f));
                name.setPaint(theme.ink());
                plot.addAnnotation(name);
            }
        }
    }

    /** How many marks of each kind there are, in the order of the legend. */
    public Map<String, Integer> counts() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Kind kind : new ArrayList<>(List.of(Kind.values()))) {
            int count = (int) marks.stream().filter(mark -> mark.kind() == kind).count();
            if (count > 0) {
                counts.put(kind.label, count);
            }
        }
        return counts;
    }
}
