package io.rseqlab.reports.chart;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands above a picture's charts, for whoever sees it outside of its page.
 *
 * @param title what is shown, with its unit; empty for no heading at all
 * @param place where: workload, machine and what else all of it shares; empty for nothing
 */
public record Heading(String title, String place) {
    /** None: the picture's page says all. */
    public static final Heading NONE = new Heading("", "");

    private static final int MARGIN = 12;
    private static final double LEADING = 1.35;

    /** Height of the heading in a picture of that width, px. */
    int height(int width, Theme theme) {
        if (title.isEmpty()) {
            return 0;
        }
        double lines = lines(title, theme.strong(), width).size() * advance(theme.strong())
                + lines(place, theme.text(), width).size() * advance(theme.text());
        return MARGIN + (int) Math.ceil(lines);
    }

    /** Draws it into the top left corner. */
    void draw(Graphics2D graphics, int width, Theme theme) {
        graphics.setPaint(theme.ink());
        double y = MARGIN;
        for (String line : title.isEmpty() ? List.<String>of() : lines(title, theme.strong(), width)) {
            y = drawn(graphics, line, theme.strong(), y);
        }
        for (String line : title.isEmpty() ? List.<String>of() : lines(place, theme.text(), width)) {
            y = drawn(graphics, line, theme.text(), y);
        }
    }

    private static double drawn(Graphics2D graphics, String line, Font font, double y) {
        graphics.setFont(font);
        graphics.drawString(line, MARGIN, (float) (y + font.getSize2D()));
        return y + advance(font);
    }

    private static double advance(Font font) {
        return LEADING * font.getSize2D();
    }

    /** Words in as many lines as they need. */
    static List<String> lines(String text, Font font, int width) {
        List<String> lines = new ArrayList<>();
        FontRenderContext context = new FontRenderContext(null, true, true);
        String line = "";
        for (String word : text.isEmpty() ? new String[0] : text.split(" ")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (!line.isEmpty() && font.getStringBounds(longer, context).getWidth() > width - 2 * MARGIN) {
                lines.add(line);
                longer = word;
            }
            line = longer;
        }
        if (!line.isEmpty()) {
            lines.add(line);
        }
        return lines;
    }
}
