package io.rseqlab.reports.chart;

import java.awt.Color;
import java.util.List;
import java.util.function.DoubleFunction;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.IntervalMarker;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.XYDataset;
import org.jfree.data.xy.XYIntervalSeries;

/**
 * A plot of named rows with values to the right: long names are read without turning the head, and the picture grows
 * with the number of rows instead of squeezing them.
 */
final class Rows {
    /** Height of everything but the rows: legend, axis, margins; px. */
    static final int FRAME = 120;

    private final XYPlot plot = new XYPlot();
    private final Theme theme;
    private int layers;

    Rows(List<String> names, String valueTitle, Scale scale, DoubleFunction<String> text, Theme theme) {
        this.theme = theme;
        ValueAxis values = Axes.of(valueTitle, scale, text, theme);
        plot.setDomainAxis(values);
        plot.setRangeAxis(Axes.rows(names, theme));
        plot.setRangeGridlinesVisible(false);
        plot.setDomainMinorGridlinesVisible(false);
        for (int row = 1; row < names.size(); row += 2) {
            plot.addRangeMarker(band(row - 0.5, row + 0.5, theme.band()), Layer.BACKGROUND);
        }
    }

    /** Adds a data set on top of those before it. */
    void add(XYDataset data, XYItemRenderer renderer) {
        plot.setDataset(layers, data);
        plot.setRenderer(layers, renderer);
        layers++;
    }

    XYPlot plot() {
        return plot;
    }

    /** A line across all rows at a value that the others are read against. */
    void reference(double value) {
        plot.addDomainMarker(new ValueMarker(value, theme.ink(), theme.hairline()), Layer.BACKGROUND);
    }

    /** A range of values that counts as the same. */
    void region(double low, double high) {
        plot.addDomainMarker(band(low, high, new Color(0x0a, 0x1e, 0x46, 24)), Layer.BACKGROUND);
    }

    Picture draw(int rowsHeight, boolean withLegend) {
        // Drawn from the first to the last, so that later ones lie on top.
        plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
        plot.setSeriesRenderingOrder(SeriesRenderingOrder.FORWARD);
        return Picture.of(theme.chart(plot, withLegend), rowsHeight + FRAME, theme);
    }

    static IntervalMarker band(double low, double high, Color color) {
        IntervalMarker marker = new IntervalMarker(low, high, color);
        marker.setAlpha(1f);
        return marker;
    }

    /** Bars without gloss or shadow, from x interval and y interval of each item. */
    static XYBarRenderer bars() {
        XYBarRenderer bars = new XYBarRenderer();
        bars.setUseYInterval(true);
        bars.setBarPainter(new StandardXYBarPainter());
        bars.setShadowVisible(false);
        bars.setDrawBarOutline(false);
        return bars;
    }

    /** Adds a bar of one row, from one value to another, at an offset from the row's middle. */
    static void bar(XYIntervalSeries series, double row, double halfHeight, double from, double to) {
        series.add((from + to) / 2, from, to, row, row - halfHeight, row + halfHeight);
    }
}
