package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Stroke;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.Axis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/**
 * How every chart looks, in one value. All text is in the bundled font, so that a chart does not depend on the fonts of
 * the machine that draws it.
 *
 * @param text font of labels and legends
 * @param strong font of axis titles
 * @param paper background
 * @param ink text and axis lines
 * @param grid grid lines
 * @param band tint of every other row; grid lines show through it
 * @param stroke width of lines that carry data, px
 * @param scale pixels of the picture per px of the layout
 */
public record Theme(
        Font text, Font strong, Color paper, Color ink, Color grid, Color band, float stroke, double scale) {
    private static final Font REGULAR = load("fonts/DejaVuSans.ttf");
    private static final Font BOLD = load("fonts/DejaVuSans-Bold.ttf");

    /** Dark on white, at twice the resolution of a plain screen. */
    public static final Theme STANDARD = new Theme(
            REGULAR.deriveFont(13f),
            BOLD.deriveFont(13f),
            Color.WHITE,
            new Color(0x2b2b2b),
            new Color(0xd9d9d9),
            new Color(0x0a, 0x1e, 0x46, 10),
            2.2f,
            2);

    private static Font load(String resource) {
        try (InputStream font = Theme.class.getResourceAsStream(resource)) {
            return Font.createFont(Font.TRUETYPE_FONT, font);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (FontFormatException broken) {
            throw new IllegalStateException(resource + " is no font", broken);
        }
    }

    Stroke dataStroke() {
        return new BasicStroke(stroke, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }

    Stroke hairline() {
        return new BasicStroke(1f);
    }

    /** A chart around the plot: no title, because the page has it; a legend above, so that it is read first. */
    JFreeChart chart(XYPlot plot, boolean withLegend) {
        plot.setBackgroundPaint(paper);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinePaint(grid);
        plot.setRangeGridlinePaint(grid);
        plot.setDomainGridlineStroke(hairline());
        plot.setRangeGridlineStroke(hairline());
        plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
        JFreeChart chart = new JFreeChart(null, text, plot, withLegend);
        chart.setBackgroundPaint(paper);
        chart.setPadding(new RectangleInsets(8, 10, 8, 18));
        if (withLegend) {
            dress(chart.getLegend());
        }
        return chart;
    }

    private void dress(LegendTitle legend) {
        legend.setPosition(RectangleEdge.TOP);
        legend.setItemFont(text);
        legend.setItemPaint(ink);
        legend.setFrame(BlockBorder.NONE);
        legend.setBackgroundPaint(paper);
        legend.setItemLabelPadding(new RectangleInsets(2, 4, 2, 14));
    }

    void dress(Axis axis) {
        axis.setLabelFont(strong);
        axis.setLabelPaint(ink);
        axis.setTickLabelFont(text);
        axis.setTickLabelPaint(ink);
        axis.setAxisLinePaint(grid);
        axis.setTickMarkPaint(grid);
    }
}
