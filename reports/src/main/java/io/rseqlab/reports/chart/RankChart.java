package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Many names as rows, the best on top, with a panel for each place beside each other: along a row one name's fortunes,
 * down a column who wins there and by how much, in figures beside the marks. All axes are logarithmic.
 *
 * @param heading what stands above
 * @param rows the names, from the top
 * @param reference a value that the others are read against, at which a line stands; null for none
 * @param oneScale whether all panels have one scale, so that lengths compare across them
 * @param panels the places
 */
public record RankChart(Heading heading, List<Row> rows, Double reference, boolean oneScale, List<Panel> panels) {
    /** So many panels stand beside each other. */
    private static final int ABREAST = 4;

    private static final int ROW = 19;
    private static final int MARGIN = 12;
    private static final int GAP = 14;

    /** Room for the figures of a panel, and for places before the names. */
    private static final int FIGURES = 58;

    private static final int RANKS = 30;
    private static final int TICKS = 22;

    /** Least room between two ticks' texts. */
    private static final int SPACE = 6;

    private static final String STAR = "\u2605 ";

    private static final Stroke WHISKER = new BasicStroke(3f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER);

    private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, true);

    /**
     * A row.
     *
     * @param name whose it is, and whose style it has
     * @param rank its place, empty for none
     * @param aside what is said of it behind its name, empty for nothing
     * @param strong true of a name that is looked for, as a baseline
     */
    public record Row(String name, String rank, String aside, boolean strong) {
        private String words() {
            return name + aside;
        }
    }

    /**
     * A value; low and high are null where there is no interval.
     *
     * @param row index of its row
     * @param value above zero
     * @param low lower end of its interval
     * @param high upper end of its interval
     * @param text the figure beside it
     * @param best true of the best of its panel
     */
    public record Mark(int row, double value, Double low, Double high, String text, boolean best) {
        private double least() {
            return low == null ? value : low;
        }

        private double most() {
            return high == null ? value : high;
        }
    }

    /**
     * A panel.
     *
     * @param title what sets it apart
     * @param marks at most one for each row
     */
    public record Panel(String title, List<Mark> marks) {}

    /** Draws it; styles are looked up by the names of rows. */
    public Picture draw(Styles styles, Theme theme) {
        int top = heading.height(Picture.WIDTH, theme);
        int lines = (panels.size() + abreast() - 1) / abreast();
        int height = top + lines * lineHeight(theme) + MARGIN;
        return Picture.drawn(height, theme, graphics -> {
            heading.draw(graphics, Picture.WIDTH, theme);
            for (int line = 0; line < lines; line++) {
                List<Panel> beside = panels.subList(line * abreast(), Math.min(panels.size(), (line + 1) * abreast()));
                drawLine(graphics, beside, top + line * lineHeight(theme), styles, theme);
            }
        });
    }

    /** As even as can be: three and three rather than four and two. */
    int abreast() {
        int lines = (panels.size() + ABREAST - 1) / ABREAST;
        return (panels.size() + lines - 1) / lines;
    }

    private double namesWidth(Theme theme) {
        return RANKS
                + rows.stream()
                        .mapToDouble(row -> width(row.words(), font(row.strong(), theme)))
                        .max()
                        .orElse(0)
                + GAP;
    }

    private double panelWidth(Theme theme) {
        return (Picture.WIDTH - 2 * MARGIN - namesWidth(theme) - (abreast() - 1) * GAP) / abreast();
    }

    private int titleHeight(Theme theme) {
        return panels.stream()
                        .mapToInt(panel -> Heading.lines(panel.title(), theme.strong(), (int) panelWidth(theme))
                                .size())
                        .max()
                        .orElse(0)
                * ROW;
    }

    private int lineHeight(Theme theme) {
        return MARGIN + titleHeight(theme) + TICKS + rows.size() * ROW;
    }

    private void drawLine(Graphics2D graphics, List<Panel> beside, double top, Styles styles, Theme theme) {
        double first = top + MARGIN + titleHeight(theme) + TICKS;
        for (int row = 0; row < rows.size(); row++) {
            double y = first + row * ROW;
            if (row % 2 == 1) {
                graphics.setPaint(theme.band());
                graphics.fill(new Rectangle2D.Double(MARGIN, y, Picture.WIDTH - 2.0 * MARGIN, ROW));
            }
            Row one = rows.get(row);
            boolean strong = one.strong() || !styles.behind(one.name());
            Font font = font(one.strong(), theme);
            write(graphics, one.rank(), MARGIN + RANKS - 8, y, theme.text(), Styles.SOFT, true);
            write(graphics, one.words(), MARGIN + RANKS, y, font, strong ? theme.ink() : Styles.SOFT, false);
        }
        double left = MARGIN + namesWidth(theme);
        for (Panel panel : beside) {
            double y = top + MARGIN;
            for (String line : Heading.lines(panel.title(), theme.strong(), (int) panelWidth(theme))) {
                write(graphics, line, left, y, theme.strong(), theme.ink(), false);
                y += ROW;
            }
            drawPanel(graphics, panel, left, first, styles, theme);
            left += panelWidth(theme) + GAP;
        }
    }

    /** Where a panel's values lie. */
    private record Frame(double left, double width, double top, Scale scale) {
        double x(double value) {
            return left + width * scale.share(value);
        }
    }

    private void drawPanel(Graphics2D graphics, Panel panel, double left, double top, Styles styles, Theme theme) {
        Frame frame = new Frame(left, panelWidth(theme) - FIGURES, top, scale(panel));
        double bottom = top + rows.size() * ROW;
        graphics.setStroke(theme.hairline());
        graphics.setPaint(theme.grid());
        frame.scale()
                .ticks()
                .forEach(tick -> graphics.draw(new Line2D.Double(frame.x(tick), top, frame.x(tick), bottom)));
        ticks(frame, theme)
                .forEach((text, x) -> write(graphics, text, x, top - TICKS, theme.text(), Styles.SOFT, false));
        if (reference != null) {
            graphics.setPaint(theme.ink());
            graphics.draw(new Line2D.Double(frame.x(reference), top - 3, frame.x(reference), bottom));
        }
        for (Mark mark : panel.marks()) {
            drawMark(graphics, mark, frame, styles, theme);
        }
    }

    /** Texts of ticks by where they begin: the reference's first, then those that do not run into another. */
    private Map<String, Double> ticks(Frame frame, Theme theme) {
        List<Double> order = new ArrayList<>(frame.scale().ticks());
        if (reference != null) {
            order.remove(reference);
            order.add(0, reference);
        }
        Map<String, Double> begin = new LinkedHashMap<>();
        for (double tick : order) {
            String text = Scale.text(tick);
            double wide = width(text, theme.text());
            double from = frame.x(tick) - wide / 2;
            boolean free = begin.entrySet().stream()
                    .allMatch(other -> from > other.getValue() + width(other.getKey(), theme.text()) + SPACE
                            || from + wide + SPACE < other.getValue());
            if (free) {
                begin.put(text, from);
            }
        }
        return begin;
    }

    private void drawMark(Graphics2D graphics, Mark mark, Frame frame, Styles styles, Theme theme) {
        String name = rows.get(mark.row()).name();
        double x = frame.x(mark.value());
        double y = frame.top() + (mark.row() + 0.5) * ROW;
        graphics.setPaint(styles.of(name).color());
        if (reference != null) {
            graphics.setStroke(theme.hairline());
            graphics.draw(new Line2D.Double(frame.x(reference), y, x, y));
        }
        if (mark.most() > mark.least()) {
            graphics.setStroke(WHISKER);
            graphics.draw(new Line2D.Double(frame.x(mark.least()), y, frame.x(mark.most()), y));
        }
        Shape shape = styles.of(name).shape();
        graphics.fill(AffineTransform.getTranslateInstance(x, y).createTransformedShape(shape));
        Color ink = mark.best() || !styles.behind(name) ? theme.ink() : Styles.SOFT;
        String text = mark.best() ? STAR + mark.text() : mark.text();
        double right = frame.left() + frame.width() + FIGURES;
        write(graphics, text, right, y - ROW / 2.0, font(mark.best(), theme), ink, true);
    }

    /** The scale of a panel: that of all where there is one. */
    Scale scale(Panel panel) {
        List<Double> values = new ArrayList<>();
        for (Panel one : oneScale ? panels : List.of(panel)) {
            for (Mark mark : one.marks()) {
                values.add(mark.least());
                values.add(mark.most());
            }
        }
        if (reference != null && !values.isEmpty()) {
            values.add(reference);
        }
        return Scale.log(values);
    }

    private static Font font(boolean strong, Theme theme) {
        return strong ? theme.strong() : theme.text();
    }

    private static double width(String text, Font font) {
        return font.getStringBounds(text, CONTEXT).getWidth();
    }

    /** Text in a row, from a place or up to it. */
    private static void write(
            Graphics2D graphics, String text, double x, double top, Font font, Color color, boolean flushRight) {
        graphics.setFont(font);
        graphics.setPaint(color);
        double begin = flushRight ? x - width(text, font) : x;
        graphics.drawString(text, (float) begin, (float) (top + ROW / 2.0 + 0.36 * font.getSize2D()));
    }
}
