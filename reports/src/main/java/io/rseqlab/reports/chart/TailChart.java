package io.rseqlab.reports.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
    private static final double SMALLEST_SHARE = 1e-7;

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
            XYPlot plot = panel(panels.get(i), shareAxis().low(), styles, theme);
            // One legend serves all panels.
            if (i > 0) {
                plot.setFixedLegendItems(new org.jfree.chart.LegendItemCollection());
            }
            all.add(plot);
        }
        return Picture.of(theme.chart(all, true), HEIGHT, theme);
    }

    private static XYPlot panel(Panel panel, double lowest, Styles styles, Theme theme) {
        XYSeriesCollection data = new XYSeriesCollection();
        XYStepRenderer steps = new XYStepRenderer();
        for (int i = 0; i < panel.series().size(); i++) {
            Series one = panel.series().get(i);
            data.addSeries(exceeding(one, valueAxis(panel).low(), lowest));
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
    static XYSeries exceeding(Series series, double from, double lowest) {
        XYSeries points = new XYSeries(series.name(), false, true);
        points.add(from, 1);
        double before = 1;
        for (double[] point : series.cumulative()) {
            points.add(Math.max(1, point[0]), Math.max(before, lowest));
            before = 1 - point[1];
            points.add(Math.max(1, point[0]), Math.max(before, lowest));
        }
        return points;
    }

    static Scale valueAxis(Panel panel) {
        List<Double> values = new ArrayList<>();
        panel.series().forEach(one -> one.cumulative().forEach(point -> values.add(Math.max(1, point[0]))));
        return Scale.log(values);
    }

    /** Whole decades down to the smallest share that is not zero. */
    Scale shareAxis() {
        double smallest = 0.01;
        for (Panel panel : panels) {
            for (Series one : panel.series()) {
                for (double[] point : one.cumulative()) {
                    double share = 1 - point[1];
                    smallest = share > 1e-12 ? Math.min(smallest, share) : smallest;
                }
            }
        }
        int decades = (int) Math.ceil(-Math.log10(Math.max(smallest, SMALLEST_SHARE)) - 1e-9);
        List<Double> ticks = IntStream.rangeClosed(0, decades)
                .mapToObj(power -> Math.pow(10, -power))
                .toList();
        return new Scale(Math.pow(10, -decades), 1.3, true, ticks);
    }

    private static String percent(double share) {
        return new BigDecimal(share * 100)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString() + " %";
    }
}
