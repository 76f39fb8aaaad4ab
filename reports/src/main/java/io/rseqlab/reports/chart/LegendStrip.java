package io.rseqlab.reports.chart;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.List;

/**
 * One legend for a picture of many panels, in as many lines as it needs: each name behind a piece of its line. Where
 * names are more than colours, those that have one stand at the ends of their lines, and the legend is on the others.
 *
 * @param names what the panels' series are called
 * @param styles how they are drawn
 */
record LegendStrip(List<String> names, Styles styles) {
    private static final int MARGIN = 12;
    private static final int LINE = 22;
    private static final int SAMPLE = 26;
    private static final int GAP = 20;

    /** A name and where it stands. */
    private record Placed(String name, double x, int line) {}

    /** Height in a picture of that width, px. */
    int height(int width, Theme theme) {
        List<Placed> placed = placed(width, theme);
        return placed.isEmpty() ? 0 : LINE * (placed.get(placed.size() - 1).line() + 1) + MARGIN;
    }

    /** Draws it below a height. */
    void draw(Graphics2D graphics, double top, int width, Theme theme) {
        for (Placed one : placed(width, theme)) {
            double y = top + MARGIN / 2.0 + LINE * (one.line() + 0.5);
            Styles.Style style = styles.of(one.name());
            graphics.setPaint(style.color());
            graphics.setStroke(theme.dataStroke());
            graphics.draw(new Line2D.Double(one.x(), y, one.x() + SAMPLE, y));
            Shape mark = AffineTransform.getTranslateInstance(one.x() + SAMPLE / 2.0, y)
                    .createTransformedShape(style.shape());
            graphics.fill(mark);
            graphics.setPaint(theme.ink());
            graphics.setFont(theme.text());
            graphics.drawString(words(one.name()), (float) (one.x() + SAMPLE + 6), (float)
                    (y + 0.36 * theme.text().getSize2D()));
        }
    }

    /** True where some names are grey, and marks tell theirs when they are pointed at. */
    boolean crowded() {
        return styles != null && styles.crowded();
    }

    /** What it says, each of which has a style. */
    private List<String> entries() {
        if (!crowded()) {
            return names;
        }
        return names.stream().filter(styles::behind).limit(1).toList();
    }

    private String words(String entry) {
        long others = names.stream().filter(name -> styles.behind(name)).count();
        return crowded() ? "the " + others + " others; on the page, point at a mark for its name" : entry;
    }

    private List<Placed> placed(int width, Theme theme) {
        List<Placed> placed = new ArrayList<>();
        FontRenderContext context = new FontRenderContext(null, true, true);
        double x = MARGIN;
        int line = 0;
        for (String name : entries()) {
            double wide = SAMPLE + 6 + width(words(name), theme.text(), context) + GAP;
            if (x > MARGIN && x + wide > width) {
                x = MARGIN;
                line++;
            }
            placed.add(new Placed(name, x, line));
            x += wide;
        }
        return placed;
    }

    private static double width(String text, Font font, FontRenderContext context) {
        return font.getStringBounds(text, context).getWidth();
    }
}
