package io.rseqlab.reports.chart;

import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.CombinedRangeXYPlot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYStepRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * How many operations take longer than a given time: value to the right, share of operations that exceed it upwards,
 * both logarithmic, so that the tail has as much room as the middle. Panels stand side by side over one vertical axis.
 *
 * @param panels one per operation
 */
public record TailChart(List<Panel> panels) {
    private static final int HEIGHT = 470;
    private static final double SMALLEST_SHARE = 1e-6;

    /**
     * One panel.
     *
     * @param title of its horizontal axis, with the unit
     * @param series one per strategy
     */
    public record Panel(String title, List<Series> series) {}

    /**
     * A distribution.
     *
     * @param name whose it is; what the legend says
     * @param cumulative pairs of (value, share of all that is at or below it), rising
     */
    public record Series(String name, List<double[]> cumulative) {}

    public Picture draw(Styles styles, Theme theme) {
        ValueAxis shares = Axes.of("operations that take longer", shareAxis(), TailChart::percent, theme);
        CombinedRangeXYPlot all = new CombinedRangeXYPlot(shares);
        all.setGap(24);
        for (int i = 0; i < panels.size(); i++) {
            XYPlot plot = panel(panels.get(i), styles, theme);
            // One legend serves all panels.
            if (i > 0) {
                plot.setFixedLegendItems(new org.jfree.chart.LegendItemCollection());
            }
            all.add(plot);
        }
        return Picture.of(theme.chart(all, true), HEIGHT, theme);
    }

    private static XYPlot panel(Panel panel, Styles styles, Theme theme) {
        XYSeriesCollection data = new XYSeriesCollection();
        XYStepRenderer steps = new XYStepRenderer();
        for (int i = 0; i < panel.series().size(); i++) {
            Series one = panel.series().get(i);
            data.addSeries(exceeding(one));
            steps.setSeriesPaint(i, styles.of(one.name()).color());
            steps.setSeriesStroke(i, theme.dataStroke());
            steps.setSeriesShapesVisible(i, false);
        }
        steps.setDefaultShapesVisible(false);
        steps.setLegendLine(new java.awt.geom.Line2D.Double(-12, 0, 12, 0));
        XYPlot plot = new XYPlot(data, Axes.of(panel.title(), valueAxis(panel), theme), null, steps);
        plot.setDomainGridlinePaint(theme.grid());
        plot.setRangeGridlinePaint(theme.grid());
        plot.setDomainGridlineStroke(theme.hairline());
        plot.setRangeGridlineStroke(theme.hairline());
        plot.setBackgroundPaint(theme.paper());
        plot.setOutlineVisible(false);
        return plot;
    }

    /** Only the points where the picture changes: everything exceeds the value before the first. */
    static XYSeries exceeding(Series series) {
        XYSeries points = new XYSeries(series.name(), false, true);
        double before = 1;
        for (double[] point : series.cumulative()) {
            points.add(Math.max(1, point[0]), Math.max(before, SMALLEST_SHARE));
            before = 1 - point[1];
            points.add(Math.max(1, point[0]), Math.max(before, SMALLEST_SHARE));
        }
        return points;
    }

    static Scale valueAxis(Panel panel) {
        List<Double> values = new ArrayList<>();
        panel.series().forEach(one -> one.cumulative().forEach(point -> values.add(Math.max(1, point[0]))));
        return Scale.log(values);
    }

    static Scale shareAxis() {
        return new Scale(SMALLEST_SHARE, 1.3, true, List.of(1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6));
    }

    private static String percent(double share) {
        return Scale.text(share * 100) + " %";
    }
}
