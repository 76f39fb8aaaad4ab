package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/**
 * What is gained over what it costs: settings of a name are joined by a line, further up is better, further left is
 * cheaper. The cost's axis is logarithmic.
 *
 * @param xTitle of the cost, with the unit
 * @param yTitle of the gain, with the unit
 * @param series the series, in the order of the legend
 */
public record FrontierChart(String xTitle, String yTitle, List<Series> series) {
    private static final int HEIGHT = 460;

    /**
     * A value with its interval; low and high are null where there is none.
     *
     * @param value the value
     * @param low lower end of the interval
     * @param high upper end of the interval
     */
    public record Value(double value, Double low, Double high) {
        private double least() {
            return Objects.requireNonNullElse(low, value);
        }

        private double most() {
            return Objects.requireNonNullElse(high, value);
        }
    }

    /**
     * One setting.
     *
     * @param cost above zero
     * @param gain what is had for it
     */
    public record Point(Value cost, Value gain) {}

    /**
     * The settings of one name.
     *
     * @param name what the legend says and whose style it has
     * @param points with rising cost
     */
    public record Series(String name, List<Point> points) {}

    public Picture draw(Styles styles, Theme theme) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setCapLength(5);
        renderer.setErrorStroke(new BasicStroke(1.4f));
        renderer.setDefaultLinesVisible(true);
        renderer.setDefaultLegendTextFont(theme.text());
        for (int i = 0; i < series.size(); i++) {
            data.addSeries(points(series.get(i)));
            Styles.Style style = styles.of(series.get(i).name());
            renderer.setSeriesPaint(i, style.color());
            renderer.setSeriesShape(i, style.shape());
            renderer.setSeriesStroke(i, theme.dataStroke());
        }
        Scale gains = yAxis();
        ValueAxis domain = Axes.of(xTitle + " (log scale)", xAxis(), theme);
        ValueAxis range = Axes.of(gains.log() ? yTitle + " (log scale)" : yTitle, gains, theme);
        return Picture.of(theme.chart(new XYPlot(data, domain, range, renderer), true), HEIGHT, theme);
    }

    Scale xAxis() {
        List<Double> values = new ArrayList<>();
        series.forEach(
                one -> one.points().forEach(point -> values.add(point.cost().value())));
        return Scale.log(values);
    }

    Scale yAxis() {
        List<Double> values = new ArrayList<>();
        series.forEach(one -> one.points().forEach(point -> {
            values.add(point.gain().least());
            values.add(point.gain().most());
        }));
        return Scale.forRates(values);
    }

    private XYIntervalSeries points(Series one) {
        XYIntervalSeries points = new XYIntervalSeries(one.name(), false, true);
        Scale costs = xAxis();
        for (Point point : one.points()) {
            double low = Math.max(costs.low(), point.cost().least());
            double high = Math.min(costs.high(), point.cost().most());
            points.add(
                    point.cost().value(),
                    Math.min(low, point.cost().value()),
                    Math.max(high, point.cost().value()),
                    point.gain().value(),
                    point.gain().least(),
                    point.gain().most());
        }
        return points;
    }
}
