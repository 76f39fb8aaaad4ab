package io.rseqlab.reports.chart;

import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/**
 * Bars from zero, several series per row: stacked where they are parts of a whole, else side by side.
 *
 * @param title of the value axis, with the unit
 * @param rows names of the rows, from the top
 * @param series the series, in the order of the legend
 * @param stacked true for parts of a whole
 */
public record BarChart(String title, List<String> rows, List<Series> series, boolean stacked) {

    /**
     * One value per row.
     *
     * @param name what the legend says
     * @param values by row; null for no data
     */
    public record Series(String name, List<Double> values) {}

    public BarChart {
        for (Series one : series) {
            if (one.values().size() != rows.size()) {
                throw new IllegalArgumentException(
                        one.name() + " has " + one.values().size() + " values for " + rows.size() + " rows");
            }
        }
    }

    /** Draws it; styles are looked up by the names of the series. */
    public Picture draw(Styles styles, Theme theme) {
        Rows plot = new Rows(rows, title, axis(), Scale::text, theme);
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        XYBarRenderer bars = Rows.bars();
        double[] ends = new double[rows.size()];
        for (int i = 0; i < series.size(); i++) {
            data.addSeries(stacked ? stackedBars(series.get(i), ends) : besideBars(i));
            bars.setSeriesPaint(i, styles.of(series.get(i).name()).color());
        }
        plot.add(data, bars);
        return plot.draw(rows.size() * (stacked ? 28 : 12 + 13 * series.size()), true);
    }

    Scale axis() {
        List<Double> ends = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            double sum = 0;
            for (Series one : series) {
                Double value = one.values().get(row);
                if (value != null) {
                    sum = stacked ? sum + value : Math.max(sum, value);
                    ends.add(sum);
                }
            }
        }
        return Scale.fromZero(ends);
    }

    private static XYIntervalSeries stackedBars(Series one, double[] ends) {
        XYIntervalSeries bars = new XYIntervalSeries(one.name(), false, true);
        for (int row = 0; row < ends.length; row++) {
            Double value = one.values().get(row);
            if (value != null) {
                Rows.bar(bars, row, 0.34, ends[row], ends[row] + value);
                ends[row] += value;
            }
        }
        return bars;
    }

    private XYIntervalSeries besideBars(int index) {
        XYIntervalSeries bars = new XYIntervalSeries(series.get(index).name(), false, true);
        double each = 0.8 / series.size();
        for (int row = 0; row < rows.size(); row++) {
            Double value = series.get(index).values().get(row);
            if (value != null) {
                double middle = row + (index - (series.size() - 1) / 2.0) * each;
                Rows.bar(bars, middle, each * 0.46, 0, value);
            }
        }
        return bars;
    }
}
