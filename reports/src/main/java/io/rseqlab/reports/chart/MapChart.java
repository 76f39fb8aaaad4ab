package io.rseqlab.reports.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.RenderingHints;
import java.awt.TexturePaint;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYShapeAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Maps of tiles: who wins by the colour, by how much by its depth and by what stands in the tile, undecided ones
 * hatched, and a line where the winner changes. Several maps stand beside each other on one scale of depth.
 *
 * @param heading what stands above all maps
 * @param xTitle of the horizontal axis
 * @param yTitle of the vertical axis, empty where the rows have names
 * @param columns names of the columns, from the left
 * @param rows names of the rows
 * @param firstRowOnTop false where rows rise, as on an axis of numbers
 * @param winners names that may win, in the order of the legend
 * @param panels the maps
 */
public record MapChart(
        Heading heading,
        String xTitle,
        String yTitle,
        List<String> columns,
        List<String> rows,
        boolean firstRowOnTop,
        List<String> winners,
        List<Panel> panels) {
    private static final int TILE_HEIGHT = 40;

    /** Height of axis and margins of a map; with the legend, more. */
    private static final int FRAME = 72;

    private static final int LEGEND = 34;
    private static final int TITLE = 24;

    /** Maps of so many columns still stand two abreast. */
    private static final int NARROW = 8;

    /** The palest tile that has a winner still shows its colour. */
    private static final double LEAST_DEPTH = 0.16;

    private static final double MOST_DEPTH = 0.9;
    /** Half the breadth of a border in tiles: its stroke makes it visible, whatever the size of a tile. */
    private static final double THIN = 1e-3;

    /** How far from the middle of a tile its two texts stand, in tiles. */
    private static final double BESIDE = 0.2;

    /** The lower text's size over the upper one's. */
    private static final float SMALL = 0.85f;

    private static final String RING = "○";

    private static final Color HATCH = new Color(0x9a9a9a);

    /** What a tile is. */
    public enum Kind {
        /** Somebody wins. */
        DECIDED,
        /** Nobody is shown to win. */
        UNDECIDED,
        /** Somebody has the better mean, of runs too few to show anything. */
        LEANING,
        /** A difference that does not matter. */
        WITHIN_MARGIN,
        /** Nothing is known. */
        NO_DATA
    }

    /**
     * One tile.
     *
     * @param column index of its column
     * @param row index of its row
     * @param kind what it is
     * @param winner who wins, null for nobody
     * @param margin by how much, 0 and up: the depth of the colour goes by it
     * @param label what stands in it
     * @param below what stands below the label in small, empty for nothing
     * @param ringed whether a ring marks it: its winner is no more than the error of the model
     */
    public record Tile(
            int column, int row, Kind kind, String winner, double margin, String label, String below, boolean ringed) {
        /** A tile with its label alone. */
        public Tile(int column, int row, Kind kind, String winner, double margin, String label) {
            this(column, row, kind, winner, margin, label, "", false);
        }
    }

    /**
     * One map.
     *
     * @param title what sets it apart, empty where it is the only one
     * @param tiles at most one for each column and row
     */
    public record Panel(String title, List<Tile> tiles) {}

    /** Draws it; styles are looked up by the winners' names. */
    public Picture draw(Styles styles, Theme theme) {
        double most = panels.stream()
                .flatMap(panel -> panel.tiles().stream())
                .filter(tile -> tile.kind() == Kind.DECIDED)
                .mapToDouble(Tile::margin)
                .max()
                .orElse(1);
        List<JFreeChart> charts = panels.stream()
                .map(panel -> chart(panel, Math.max(most, 1e-9), styles, theme))
                .toList();
        int abreast = panels.size() > 1 && columns.size() <= NARROW ? 2 : 1;
        boolean titled = panels.stream().anyMatch(panel -> !panel.title().isEmpty());
        int height = rows.size() * TILE_HEIGHT + FRAME + LEGEND * abreast + (titled ? TITLE : 0);
        return Picture.titled(heading, charts, abreast, height, theme);
    }

    private JFreeChart chart(Panel panel, double most, Styles styles, Theme theme) {
        ValueAxis vertical = Axes.named(yTitle.isEmpty() ? null : yTitle, rows, theme);
        vertical.setInverted(firstRowOnTop);
        XYPlot plot = new XYPlot(new XYSeriesCollection(), Axes.named(xTitle, columns, theme), vertical, null);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        for (Tile tile : panel.tiles()) {
            Rectangle2D area = new Rectangle2D.Double(tile.column() - 0.5, tile.row() - 0.5, 1, 1);
            plot.addAnnotation(
                    new XYShapeAnnotation(area, new BasicStroke(1.5f), theme.paper(), fill(tile, most, styles, theme)));
        }
        borders(panel)
                .forEach(line -> plot.addAnnotation(
                        new XYShapeAnnotation(line, new BasicStroke(2.6f), theme.ink(), theme.ink())));
        for (Tile tile : panel.tiles()) {
            labels(tile, most, styles, theme).forEach(plot::addAnnotation);
        }
        plot.setFixedLegendItems(legend(panel, styles, theme));
        JFreeChart chart = theme.chart(plot, true);
        if (!panel.title().isEmpty()) {
            chart.setTitle(new TextTitle(panel.title(), theme.strong()));
        }
        return chart;
    }

    private List<XYTextAnnotation> labels(Tile tile, double most, Styles styles, Theme theme) {
        double down = (firstRowOnTop ? 1 : -1) * (tile.below().isEmpty() ? 0 : BESIDE);
        List<XYTextAnnotation> labels = new ArrayList<>();
        String text = tile.ringed() ? tile.label() + " " + RING : tile.label();
        labels.add(label(tile, text, tile.row() - down, theme.text(), most, styles, theme));
        if (!tile.below().isEmpty()) {
            Font small = theme.text().deriveFont(SMALL * theme.text().getSize2D());
            labels.add(label(tile, tile.below(), tile.row() + down, small, most, styles, theme));
        }
        return labels;
    }

    private static XYTextAnnotation label(
            Tile tile, String text, double row, Font font, double most, Styles styles, Theme theme) {
        XYTextAnnotation label = new XYTextAnnotation(text, tile.column(), row);
        label.setFont(font);
        label.setTextAnchor(TextAnchor.CENTER);
        boolean dark = tile.kind() == Kind.DECIDED && luminance(shade(tile, most, styles)) < 0.5;
        label.setPaint(dark ? theme.paper() : theme.ink());
        if (tile.kind() == Kind.UNDECIDED || tile.kind() == Kind.LEANING) {
            label.setBackgroundPaint(theme.paper());
        }
        return label;
    }

    private static Paint fill(Tile tile, double most, Styles styles, Theme theme) {
        return switch (tile.kind()) {
            case DECIDED -> shade(tile, most, styles);
            case UNDECIDED -> hatched(HATCH, theme);
            case LEANING -> hatched(styles.of(tile.winner()).color(), theme);
            case WITHIN_MARGIN -> theme.grid();
            case NO_DATA -> theme.paper();
        };
    }

    private static Color shade(Tile tile, double most, Styles styles) {
        double depth = LEAST_DEPTH + (MOST_DEPTH - LEAST_DEPTH) * Math.min(1, tile.margin() / most);
        Color full = styles.of(tile.winner()).color();
        return new Color(mixed(full.getRed(), depth), mixed(full.getGreen(), depth), mixed(full.getBlue(), depth));
    }

    private static int mixed(int part, double depth) {
        return (int) Math.round(255 + (part - 255) * depth);
    }

    /** Relative luminance of sRGB, Rec. 709, without gamma: enough to choose black or white for text. */
    private static double luminance(Color color) {
        return (0.2126 * color.getRed() + 0.7152 * color.getGreen() + 0.0722 * color.getBlue()) / 255;
    }

    private static Paint hatched(Color color, Theme theme) {
        int size = 8;
        BufferedImage tile = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = tile.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setColor(theme.paper());
        graphics.fillRect(0, 0, size, size);
        graphics.setColor(color);
        graphics.setStroke(new BasicStroke(1.2f));
        graphics.drawLine(-1, size + 1, size + 1, -1);
        graphics.drawLine(-1, 1, 1, -1);
        graphics.drawLine(size - 1, size + 1, size + 1, size - 1);
        graphics.dispose();
        return new TexturePaint(tile, new Rectangle2D.Double(0, 0, size, size));
    }

    /** Edges between neighbours with different winners. */
    static List<Rectangle2D> borders(Panel panel) {
        List<Rectangle2D> lines = new ArrayList<>();
        for (Tile tile : panel.tiles()) {
            for (Tile other : panel.tiles()) {
                boolean change = tile.kind() == Kind.DECIDED
                        && other.kind() == Kind.DECIDED
                        && !tile.winner().equals(other.winner());
                if (change && other.column() == tile.column() + 1 && other.row() == tile.row()) {
                    double x = tile.column() + 0.5;
                    lines.add(new Rectangle2D.Double(x - THIN, tile.row() - 0.5, 2 * THIN, 1));
                }
                if (change && other.row() == tile.row() + 1 && other.column() == tile.column()) {
                    double y = tile.row() + 0.5;
                    lines.add(new Rectangle2D.Double(tile.column() - 0.5, y - THIN, 1, 2 * THIN));
                }
            }
        }
        return lines;
    }

    private LegendItemCollection legend(Panel panel, Styles styles, Theme theme) {
        LegendItemCollection items = new LegendItemCollection();
        String wins = winners.size() > 2 ? " is the best" : " is better";
        boolean leaning = has(panel, Kind.LEANING);
        for (String winner : winners) {
            Color color = styles.of(winner).color();
            items.add(
                    leaning
                            ? item(winner + " has the better mean", hatched(color, theme), theme)
                            : item(winner + wins, color, theme));
        }
        if (has(panel, Kind.UNDECIDED)) {
            items.add(item("not decided", hatched(HATCH, theme), theme));
        }
        if (has(panel, Kind.WITHIN_MARGIN)) {
            items.add(item("the same, or within the margin", theme.grid(), theme));
        }
        if (panel.tiles().stream().anyMatch(Tile::ringed)) {
            items.add(item(RING + " within the error of the model", theme.paper(), theme));
        }
        if (panel.tiles().stream().anyMatch(tile -> !tile.below().isEmpty())) {
            items.add(item("k/N: flips in k of N draws of costs", theme.paper(), theme));
        }
        return items;
    }

    private static boolean has(Panel panel, Kind kind) {
        return panel.tiles().stream().anyMatch(tile -> tile.kind() == kind);
    }

    private static LegendItem item(String name, Paint paint, Theme theme) {
        LegendItem item = new LegendItem(
                name, null, null, null, new Rectangle2D.Double(-8, -6, 16, 12), paint, new BasicStroke(1f), HATCH);
        item.setLabelFont(theme.text());
        return item;
    }
}
