package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jfree.chart.axis.ValueAxis;
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

    public Picture draw(Styles styles, Theme theme) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setCapLength(6);
        renderer.setErrorStroke(new BasicStroke(1.6f));
        renderer.setDefaultLinesVisible(true);
        for (int i = 0; i < series.size(); i++) {
            data.addSeries(points(i));
            Styles.Style style = styles.of(series.get(i).name());
            renderer.setSeriesPaint(i, style.color());
            renderer.setSeriesShape(i, style.shape());
            renderer.setSeriesStroke(i, theme.dataStroke());
        }
        ValueAxis domain = Axes.of(xTitle, xAxis(), theme);
        XYPlot plot = new XYPlot(
                data, domain, Axes.of(yAxis().log() ? yTitle + " (log scale)" : yTitle, yAxis(), theme), renderer);
        return Picture.of(theme.chart(plot, true), HEIGHT, theme);
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

    /** Neighbours stand a little apart, so that whiskers do not hide each other. */
    private XYIntervalSeries points(int index) {
        XYIntervalSeries points = new XYIntervalSeries(series.get(index).name(), false, true);
        Scale axis = xAxis();
        double apart = Math.pow(axis.high() / axis.low(), 0.004 * (index - (series.size() - 1) / 2.0));
        for (Point point : series.get(index).points()) {
            double x = point.x() * apart;
            double low = Objects.requireNonNullElse(point.low(), point.value());
            double high = Objects.requireNonNullElse(point.high(), point.value());
            points.add(x, x, x, point.value(), low, high);
        }
        return points;
    }
}
