package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/**
 * Small multiples: panels beside and below each other, each with values and intervals as lines over named places, and
 * one legend for all (Tufte, <i>Envisioning Information</i>, 1990, chapter 4). Where names are more than colours, those
 * that stand out have theirs at the ends of their lines.
 *
 * @param heading what stands above all panels
 * @param xTitle of the horizontal axes
 * @param yTitle of the vertical axes, with the unit
 * @param columns panels beside each other
 * @param oneScale whether all panels have one vertical scale, so that heights compare across them
 * @param zero whether a line at zero tells up from down
 * @param panels the panels, row by row
 */
public record PanelChart(
        Heading heading,
        String xTitle,
        String yTitle,
        int columns,
        boolean oneScale,
        boolean zero,
        List<Panel> panels) {
    private static final int HEIGHT = 250;

    /** Height of a panel's title, axis and margins; px. */
    private static final int FRAME = 80;

    /** Width of its axis and margins; px. */
    private static final int AXES = 120;

    /** How far apart neighbours of one place stand, of a place's width in all. */
    private static final double SPREAD = 0.2;

    /**
     * A value at a place; low and high are null where there is no interval.
     *
     * @param place index of the place
     * @param value the value
     * @param low lower end of the interval
     * @param high upper end of the interval
     */
    public record Point(int place, double value, Double low, Double high) {}

    /**
     * The points of one name.
     *
     * @param name what the legend says and whose style it has
     * @param points in the order of the places
     */
    public record Series(String name, List<Point> points) {}

    /**
     * One panel.
     *
     * @param title what sets it apart
     * @param places names along its horizontal axis
     * @param series the series
     */
    public record Panel(String title, List<String> places, List<Series> series) {}

    /** Draws it; styles are looked up by the names of series. */
    public Picture draw(Styles styles, Theme theme) {
        List<String> names = names();
        List<JFreeChart> charts =
                panels.stream().map(panel -> chart(panel, names, styles, theme)).toList();
        return Picture.titled(heading, new LegendStrip(names, styles), charts, abreast(styles), HEIGHT, theme);
    }

    /** Names at the ends of lines need their room. */
    private int abreast(Styles styles) {
        return styles.crowded() ? Math.min(2, columns) : columns;
    }

    private List<String> names() {
        Set<String> names = new LinkedHashSet<>();
        panels.forEach(panel -> panel.series().forEach(series -> names.add(series.name())));
        return List.copyOf(names);
    }

    private JFreeChart chart(Panel panel, List<String> names, Styles styles, Theme theme) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setCapLength(4);
        renderer.setErrorStroke(new BasicStroke(1.3f));
        renderer.setDefaultLinesVisible(true);
        List<String> apartNames =
                names.stream().filter(name -> !styles.behind(name)).toList();
        List<Series> order = new ArrayList<>(panel.series());
        order.sort(Comparator.comparing((Series series) -> !styles.behind(series.name())));
        for (int i = 0; i < order.size(); i++) {
            Series series = order.get(i);
            boolean behind = styles.behind(series.name());
            double apart = apartNames.size() < 2 || behind
                    ? 0
                    : (double) apartNames.indexOf(series.name()) / (apartNames.size() - 1) - 0.5;
            data.addSeries(points(series, apart * SPREAD, !behind));
            Styles.Style style = styles.of(series.name());
            renderer.setSeriesPaint(i, style.color());
            renderer.setSeriesShape(i, style.shape());
            renderer.setSeriesStroke(i, new BasicStroke(behind ? 1f : 1.5f));
        }
        Scale scale = scale(panel);
        ValueAxis values = Axes.of(scale.log() ? yTitle + " (log scale)" : yTitle, scale, theme);
        ValueAxis places = Axes.named(xTitle, panel.places(), theme);
        XYPlot plot = new XYPlot(data, places, values, renderer);
        if (styles.crowded()) {
            double width = (double) Picture.WIDTH / abreast(styles) - AXES;
            EndLabels labels = new EndLabels(ends(order, styles), width, HEIGHT - FRAME, theme);
            Scale across = labels.longer(new Scale(-0.5, panel.places().size() - 0.5, false, List.of()));
            places.setRange(across.low(), across.high());
            labels.add(plot, across, scale);
        }
        if (zero) {
            plot.addRangeMarker(new ValueMarker(0, theme.ink(), new BasicStroke(1.2f)));
        }
        JFreeChart chart = theme.chart(plot, false);
        plot.setDomainGridlinesVisible(false);
        chart.setTitle(new TextTitle(panel.title(), theme.strong()));
        return chart;
    }

    /** Those that stand out, where they end. */
    private static List<EndLabels.End> ends(List<Series> order, Styles styles) {
        List<EndLabels.End> ends = new ArrayList<>();
        for (Series series : order) {
            if (!styles.behind(series.name())) {
                Point last = series.points().get(series.points().size() - 1);
                ends.add(new EndLabels.End(series.name(), last.place(), last.value(), false, styles.of(series.name())));
            }
        }
        return ends;
    }

    private static XYIntervalSeries points(Series series, double apart, boolean whiskers) {
        XYIntervalSeries points = new XYIntervalSeries(series.name(), false, true);
        for (Point point : series.points()) {
            double x = point.place() + apart;
            double low = whiskers ? Objects.requireNonNullElse(point.low(), point.value()) : point.value();
            double high = whiskers ? Objects.requireNonNullElse(point.high(), point.value()) : point.value();
            points.add(x, x, x, point.value(), low, high);
        }
        return points;
    }

    /** The vertical scale of a panel: that of all where there is one. */
    Scale scale(Panel panel) {
        List<Double> values = new ArrayList<>();
        for (Panel one : oneScale ? panels : List.of(panel)) {
            for (Series series : one.series()) {
                for (Point point : series.points()) {
                    values.add(point.value());
                    values.add(Objects.requireNonNullElse(point.low(), point.value()));
                    values.add(Objects.requireNonNullElse(point.high(), point.value()));
                }
            }
        }
        return zero ? Scale.fromZero(values) : Scale.forRates(values);
    }
}
