package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.annotations.XYLineAnnotation;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/**
 * Predicted against measured: both axes have the same range, so that the diagonal is where they are equal.
 *
 * @param xTitle of the horizontal axis, which has what was measured, with the unit
 * @param yTitle of the vertical axis, which has what was predicted
 * @param log true where equal ratios take equal lengths
 * @param tolerance how far from the diagonal a dot may lie: a share of the measured value on logarithmic axes, an
 *     amount on others
 * @param series the series, in the order of the legend
 */
public record ScatterChart(String xTitle, String yTitle, boolean log, double tolerance, List<Series> series) {
    private static final int HEIGHT = 640;

    /**
     * One comparison.
     *
     * @param measured what was measured
     * @param low least of what was measured
     * @param high most of what was measured
     * @param predicted what was predicted
     */
    public record Dot(double measured, double low, double high, double predicted) {}

    /**
     * The dots of one name.
     *
     * @param name what the legend says and whose style it has
     * @param dots the comparisons
     */
    public record Series(String name, List<Dot> dots) {}

    public Picture draw(Styles styles, Theme theme) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawYError(false);
        renderer.setCapLength(4);
        renderer.setErrorStroke(new BasicStroke(1.2f));
        renderer.setDefaultLegendTextFont(theme.text());
        for (int i = 0; i < series.size(); i++) {
            data.addSeries(points(series.get(i)));
            Styles.Style style = styles.of(series.get(i).name());
            renderer.setSeriesPaint(i, see(style.color()));
            renderer.setSeriesShape(i, style.shape());
        }
        Scale scale = axis();
        ValueAxis domain = Axes.of(log ? xTitle + " (log scale)" : xTitle, scale, theme);
        ValueAxis range = Axes.of(log ? yTitle + " (log scale)" : yTitle, scale, theme);
        XYPlot plot = new XYPlot(data, domain, range, renderer);
        lines(plot, scale, theme);
        return Picture.of(theme.chart(plot, true), HEIGHT, theme);
    }

    /** Dots lie on each other; through a little of each the others show. */
    private static Color see(Color color) {
        return new Color(color.getRed(), color.getGreen(), color.getBlue(), 190);
    }

    /** The diagonal, and what lies as far off it as tolerance allows. */
    private void lines(XYPlot plot, Scale scale, Theme theme) {
        BasicStroke thin = new BasicStroke(1.2f);
        BasicStroke dashed =
                new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 0, new float[] {5, 4}, 0);
        line(plot, scale, 0, thin, theme.ink());
        line(plot, scale, tolerance, dashed, Styles.GREY);
        line(plot, scale, -tolerance, dashed, Styles.GREY);
    }

    /** From edge to edge: a line with an end outside of the plot is not drawn where the axis is logarithmic. */
    private void line(XYPlot plot, Scale scale, double off, BasicStroke stroke, Color color) {
        double fromX = Math.max(scale.low(), log ? scale.low() / (1 + off) : scale.low() - off);
        double toX = Math.min(scale.high(), log ? scale.high() / (1 + off) : scale.high() - off);
        plot.addAnnotation(new XYLineAnnotation(fromX, shifted(fromX, off), toX, shifted(toX, off), stroke, color));
    }

    private double shifted(double x, double off) {
        return log ? x * (1 + off) : x + off;
    }

    /** One scale for both axes. */
    Scale axis() {
        List<Double> values = new ArrayList<>();
        for (Series one : series) {
            for (Dot dot : one.dots()) {
                values.addAll(List.of(dot.measured(), dot.low(), dot.high(), dot.predicted()));
            }
        }
        if (!log) {
            return Scale.fromZero(values);
        }
        values.removeIf(value -> value <= 0);
        return Scale.log(values);
    }

    private static XYIntervalSeries points(Series one) {
        XYIntervalSeries points = new XYIntervalSeries(one.name(), false, true);
        for (Dot dot : one.dots()) {
            points.add(dot.measured(), dot.low(), dot.high(), dot.predicted(), dot.predicted(), dot.predicted());
        }
        return points;
    }
}
