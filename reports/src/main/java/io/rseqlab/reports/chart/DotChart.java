package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/**
 * Values with intervals, one dot per row and series. Dots and not bars, because a bar claims to start at zero.
 *
 * @param title of the value axis, with the unit
 * @param rows names of the rows, from the top
 * @param series the series, in the order of the legend
 * @param scale how the value axis is laid out
 * @param reference a value to read the others against, or null
 * @param margin relative difference from the reference that does not matter, or null
 * @param overlaid true where the dots of a row lie on one line, to be seen together
 */
public record DotChart(
        String title,
        List<String> rows,
        List<Series> series,
        Layout scale,
        Double reference,
        Double margin,
        boolean overlaid) {
    /** How the value axis is laid out. */
    public enum Layout {
        /** From zero, or logarithmic where values differ so much that the smallest would be lost. */
        RATE,
        /** Logarithmic around the reference. */
        RATIO,
        /** From zero. */
        FROM_ZERO
    }

    /**
     * One value; low and high are null where there is no interval.
     *
     * @param row index of its row
     * @param value the value
     * @param low lower end of the interval
     * @param high upper end of the interval
     */
    public record Dot(int row, double value, Double low, Double high) {}

    /**
     * The dots of one name.
     *
     * @param name what the legend says
     * @param style whose colour and shape it has
     * @param hollow true where only the outline of the shape is drawn
     * @param dots at most one per row
     */
    public record Series(String name, String style, boolean hollow, List<Dot> dots) {}

    /** Draws it; styles are looked up by {@link Series#style}. */
    public Picture draw(Styles styles, Theme theme) {
        Scale axis = axis();
        String axisTitle = axis.log() && scale == Layout.RATE ? title + " (log scale)" : title;
        Rows plot = new Rows(rows, axisTitle, axis, Scale::text, theme);
        if (reference != null && margin != null) {
            plot.region(reference * (1 - margin), reference * (1 + margin));
        }
        if (reference != null) {
            plot.reference(reference);
        }
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = whiskers(theme);
        for (int i = 0; i < series.size(); i++) {
            data.addSeries(points(i));
            dress(renderer, i, styles.of(series.get(i).style()));
        }
        plot.add(data, renderer);
        return plot.draw(rows.size() * (overlaid ? 30 : series.size() * 15 + 16), true);
    }

    Scale axis() {
        List<Double> values = new ArrayList<>();
        for (Series one : series) {
            for (Dot dot : one.dots()) {
                values.add(dot.value());
                values.add(Objects.requireNonNullElse(dot.low(), dot.value()));
                values.add(Objects.requireNonNullElse(dot.high(), dot.value()));
            }
        }
        if (!values.isEmpty() && reference != null) {
            values.add(reference);
        }
        return switch (scale) {
            case RATE -> Scale.forRates(values);
            case RATIO -> Scale.log(values);
            case FROM_ZERO -> Scale.fromZero(values);
        };
    }

    private XYIntervalSeries points(int index) {
        XYIntervalSeries points = new XYIntervalSeries(series.get(index).name(), false, true);
        double shift = overlaid ? 0 : (index - (series.size() - 1) / 2.0) * 0.8 / series.size();
        for (Dot dot : series.get(index).dots()) {
            double y = dot.row() + shift;
            double low = Objects.requireNonNullElse(dot.low(), dot.value());
            double high = Objects.requireNonNullElse(dot.high(), dot.value());
            points.add(dot.value(), low, high, y, y, y);
        }
        return points;
    }

    private static XYErrorRenderer whiskers(Theme theme) {
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawYError(false);
        renderer.setCapLength(6);
        renderer.setErrorStroke(new BasicStroke(1.6f));
        renderer.setDefaultOutlineStroke(new BasicStroke(1.6f));
        renderer.setDefaultLegendTextFont(theme.text());
        return renderer;
    }

    private void dress(XYErrorRenderer renderer, int index, Styles.Style style) {
        boolean hollow = series.get(index).hollow();
        renderer.setSeriesShape(index, style.shape());
        renderer.setSeriesPaint(index, style.color());
        renderer.setSeriesFillPaint(index, hollow ? new Color(0, true) : style.color());
        renderer.setSeriesOutlinePaint(index, style.color());
        renderer.setSeriesShapesFilled(index, true);
        renderer.setUseFillPaint(true);
        renderer.setDrawOutlines(true);
        renderer.setUseOutlinePaint(true);
    }
}
