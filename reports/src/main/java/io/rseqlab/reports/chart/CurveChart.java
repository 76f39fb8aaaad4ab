package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Stroke;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/**
 * Values with intervals over a number such as the thread count, whose axis is logarithmic with ticks where data is.
 *
 * @param xTitle of the horizontal axis
 * @param yTitle of the vertical axis, with the unit
 * @param series the series, in the order of the legend
 */
public record CurveChart(String xTitle, String yTitle, List<Series> series) {
    private static final int HEIGHT = 460;

    /** Height of a name at a line's end; px. */
    private static final int LINE = 17;

    /** Width and height of everything but the plot; px. */
    private static final int FRAME = 70;

    /**
     * One value; low and high are null where there is no interval.
     *
     * @param x where, above zero
     * @param value the value
     * @param low lower end of the interval
     * @param high upper end of the interval
     */
    public record Point(double x, double value, Double low, Double high) {}

    /**
     * The points of one name.
     *
     * @param name what the legend says and whose style it has
     * @param points in rising x
     */
    public record Series(String name, List<Point> points) {}

    /** Draws it. Where names are more than colours, each stands at the end of its line, and there is no legend. */
    public Picture draw(Styles styles, Theme theme) {
        return styles.crowded() ? crowded(styles, theme) : legended(styles, theme);
    }

    private Picture crowded(Styles styles, Theme theme) {
        List<Series> order = new ArrayList<>(series);
        order.sort(Comparator.comparing((Series one) -> !styles.behind(one.name())));
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = renderer();
        List<EndLabels.End> ends = new ArrayList<>();
        for (Series one : order) {
            boolean behind = styles.behind(one.name());
            Styles.Style style = styles.of(one.name());
            dress(renderer, data.getSeriesCount(), style, behind ? theme.hairline() : theme.dataStroke());
            data.addSeries(points(one, 1, !behind));
            Point last = one.points().get(one.points().size() - 1);
            ends.add(new EndLabels.End(one.name(), last.x(), last.value(), behind, style));
        }
        int height = Math.max(HEIGHT, LINE * series.size() + FRAME);
        EndLabels labels = new EndLabels(ends, Picture.WIDTH - FRAME, height - FRAME, theme);
        Scale across = labels.longer(xAxis());
        XYPlot plot = plot(data, across, renderer, theme);
        labels.add(plot, across, yAxis());
        LegendStrip none = new LegendStrip(List.of(), styles);
        return Picture.titled(Heading.NONE, none, List.of(theme.chart(plot, false)), 1, height, theme);
    }

    private XYPlot plot(XYIntervalSeriesCollection data, Scale across, XYErrorRenderer renderer, Theme theme) {
        Scale up = yAxis();
        return new XYPlot(
                data,
                Axes.of(xTitle, across, theme),
                Axes.of(up.log() ? yTitle + " (log scale)" : yTitle, up, theme),
                renderer);
    }

    private static XYErrorRenderer renderer() {
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setCapLength(6);
        renderer.setErrorStroke(new BasicStroke(1.6f));
        renderer.setDefaultLinesVisible(true);
        return renderer;
    }

    private static void dress(XYErrorRenderer renderer, int index, Styles.Style style, Stroke stroke) {
        renderer.setSeriesPaint(index, style.color());
        renderer.setSeriesShape(index, style.shape());
        renderer.setSeriesStroke(index, stroke);
    }

    private Picture legended(Styles styles, Theme theme) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = renderer();
        Scale axis = xAxis();
        for (int i = 0; i < series.size(); i++) {
            double apart = Math.pow(axis.high() / axis.low(), 0.004 * (i - (series.size() - 1) / 2.0));
            data.addSeries(points(series.get(i), apart, true));
            dress(renderer, i, styles.of(series.get(i).name()), theme.dataStroke());
        }
        return Picture.of(theme.chart(plot(data, axis, renderer, theme), true), HEIGHT, theme);
    }

    Scale xAxis() {
        TreeSet<Double> used = new TreeSet<>();
        series.forEach(one -> one.points().forEach(point -> used.add(point.x())));
        Scale range = Scale.log(new ArrayList<>(used));
        return new Scale(range.low(), range.high(), true, new ArrayList<>(used));
    }

    Scale yAxis() {
        List<Double> values = new ArrayList<>();
        for (Series one : series) {
            for (Point point : one.points()) {
                values.add(point.value());
                values.add(Objects.requireNonNullElse(point.low(), point.value()));
                values.add(Objects.requireNonNullElse(point.high(), point.value()));
            }
        }
        return Scale.forRates(values);
    }

    /**
     * The points of a series.
     *
     * @param apart factor by which neighbours stand apart, so that whiskers do not hide each other
     */
    private static XYIntervalSeries points(Series one, double apart, boolean whiskers) {
        XYIntervalSeries points = new XYIntervalSeries(one.name(), false, true);
        for (Point point : one.points()) {
            double x = point.x() * apart;
            double low = whiskers ? Objects.requireNonNullElse(point.low(), point.value()) : point.value();
            double high = whiskers ? Objects.requireNonNullElse(point.high(), point.value()) : point.value();
            points.add(x, x, x, point.value(), low, high);
        }
        return points;
    }
}
