package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jfree.chart.annotations.XYLineAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.ui.TextAnchor;

/**
 * Names at the right ends of lines, which a reader need not look up in a legend: each as near to its line's end as the
 * others leave room for, with a thread to it.
 *
 * @param ends where lines end
 * @param width of the plot, px
 * @param height of the plot, px
 * @param theme how names look
 */
record EndLabels(List<End> ends, double width, double height, Theme theme) {
    /** Between a line's end and its name, px. */
    private static final int THREAD = 26;

    /** More of the plot's width names do not take. */
    private static final double MOST_ROOM = 0.5;

    private static final double LEADING = 1.25;

    /**
     * The end of a line.
     *
     * @param name what stands there
     * @param x where it ends
     * @param y its value there
     * @param behind true of those that do not matter
     * @param style how the line is drawn
     */
    record End(String name, double x, double y, boolean behind, Styles.Style style) {}

    /** The horizontal axis of the lines, longer by the room that the names take. */
    Scale longer(Scale axis) {
        return new Scale(axis.low(), axis.at(1 / (1 - room())), axis.log(), axis.ticks());
    }

    private double room() {
        FontRenderContext context = new FontRenderContext(null, true, true);
        double longest = ends.stream()
                .mapToDouble(
                        end -> font(end).getStringBounds(end.name(), context).getWidth())
                .max()
                .orElse(0);
        return Math.min(MOST_ROOM, (THREAD + longest + theme.text().getSize2D()) / width);
    }

    private Font font(End end) {
        return end.behind() ? theme.text() : theme.strong();
    }

    /**
     * Adds them to a plot.
     *
     * @param across its horizontal axis, which is {@link #longer}
     * @param up its vertical axis
     */
    void add(XYPlot plot, Scale across, Scale up) {
        List<End> fromTop = new ArrayList<>(ends);
        fromTop.sort(Comparator.comparingDouble((End end) -> -end.y()).thenComparing(End::name));
        double line = LEADING * theme.text().getSize2D() / height;
        List<Double> at = spread(fromTop.stream().map(end -> up.share(end.y())).toList(), line);
        double x = across.at(1 - room() + THREAD / width);
        for (int i = 0; i < fromTop.size(); i++) {
            End end = fromTop.get(i);
            double y = up.at(at.get(i));
            BasicStroke thin = new BasicStroke(0.8f);
            plot.addAnnotation(new XYLineAnnotation(
                    end.x(), end.y(), x, y, thin, end.style().color()));
            XYTextAnnotation text = new XYTextAnnotation(" " + end.name(), x, y);
            text.setTextAnchor(TextAnchor.HALF_ASCENT_LEFT);
            text.setFont(font(end));
            text.setPaint(end.behind() ? Styles.SOFT : theme.ink());
            plot.addAnnotation(text);
        }
    }

    /** Places from the top, falling, moved apart where they are nearer than a line's height, whole lines in 0 to 1. */
    static List<Double> spread(List<Double> wanted, double line) {
        List<Double> at = new ArrayList<>();
        for (double one : wanted) {
            double highest = at.isEmpty() ? 1 - line / 2 : at.get(at.size() - 1) - line;
            at.add(Math.min(one, highest));
        }
        double lowest = line / 2;
        for (int i = at.size() - 1; i >= 0; i--) {
            at.set(i, Math.max(at.get(i), lowest));
            lowest = at.get(i) + line;
        }
        return at;
    }
}
