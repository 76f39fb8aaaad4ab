package io.rseqlab.reports.chart;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jfree.chart.ChartRenderingInfo;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.entity.ChartEntity;
import org.jfree.chart.entity.XYItemEntity;

/**
 * A drawn chart. The same data give the same bytes.
 *
 * @param png the file
 * @param width width it was laid out for, px
 * @param height height it was laid out for, px
 * @param spots marks that have no name in the picture; empty where all have one
 */
public record Picture(byte[] png, int width, int height, List<Spot> spots) {
    /** Width of every chart, px. */
    static final int WIDTH = 1040;

    /**
     * A mark to point at.
     *
     * @param x from the left, as a share of the width
     * @param y from the top, as a share of the height
     * @param text what it is
     */
    public record Spot(double x, double y, String text) {}

    static Picture of(JFreeChart chart, int height, Theme theme) {
        return of(List.of(chart), 1, height, theme);
    }

    /** Several charts of one height, row by row, in columns of one width. */
    static Picture of(List<JFreeChart> charts, int columns, int chartHeight, Theme theme) {
        return titled(Heading.NONE, charts, columns, chartHeight, theme);
    }

    /** The same under a heading, so that the picture stands alone. */
    static Picture titled(Heading heading, List<JFreeChart> charts, int columns, int chartHeight, Theme theme) {
        return titled(heading, new LegendStrip(List.of(), null), charts, columns, chartHeight, theme);
    }

    /** The same with one legend for all charts. */
    static Picture titled(
            Heading heading, LegendStrip legend, List<JFreeChart> charts, int columns, int chartHeight, Theme theme) {
        int lines = (charts.size() + columns - 1) / columns;
        int begin = heading.height(WIDTH, theme) + legend.height(WIDTH, theme);
        int height = begin + lines * chartHeight;
        List<Spot> spots = new ArrayList<>();
        byte[] png = png(height, theme, graphics -> {
            heading.draw(graphics, WIDTH, theme);
            legend.draw(graphics, heading.height(WIDTH, theme), WIDTH, theme);
            double width = (double) WIDTH / columns;
            for (int i = 0; i < charts.size(); i++) {
                JFreeChart chart = charts.get(i);
                chart.setTextAntiAlias(true);
                chart.getRenderingHints().put(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
                double top = begin + (double) (i / columns) * chartHeight;
                ChartRenderingInfo marks = legend.crowded() ? new ChartRenderingInfo() : null;
                chart.draw(graphics, new Rectangle2D.Double(i % columns * width, top, width, chartHeight), marks);
                if (marks != null) {
                    addSpots(marks, height, spots);
                }
            }
        });
        return new Picture(png, WIDTH, height, List.copyOf(spots));
    }

    /** Where marks stand, and whose they are. */
    private static void addSpots(ChartRenderingInfo marks, int height, List<Spot> spots) {
        for (Object one : marks.getEntityCollection().getEntities()) {
            if (one instanceof XYItemEntity item) {
                Rectangle2D area = ((ChartEntity) item).getArea().getBounds2D();
                spots.add(new Spot(area.getCenterX() / WIDTH, area.getCenterY() / height, words(item)));
            }
        }
    }

    private static String words(XYItemEntity item) {
        int series = item.getSeriesIndex();
        return item.getDataset().getSeriesKey(series) + ": "
                + Scale.brief(item.getDataset().getYValue(series, item.getItem()));
    }

    /** A picture that somebody draws by hand. */
    static Picture drawn(int height, Theme theme, Consumer<Graphics2D> hand) {
        return new Picture(png(height, theme, hand), WIDTH, height, List.of());
    }

    private static byte[] png(int height, Theme theme, Consumer<Graphics2D> hand) {
        int pixelWidth = (int) Math.round(WIDTH * theme.scale());
        int pixelHeight = (int) Math.round(height * theme.scale());
        BufferedImage image = new BufferedImage(pixelWidth, pixelHeight, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.scale(theme.scale(), theme.scale());
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setPaint(theme.paper());
        graphics.fill(new Rectangle2D.Double(0, 0, WIDTH, height));
        hand.accept(graphics);
        graphics.dispose();
        return encoded(image);
    }

    /** At the best level but two: the best one takes four times as long for a tenth of the bytes. */
    private static final float QUALITY = 2f / 9;

    private static byte[] encoded(BufferedImage image) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ImageWriteParam small = writer.getDefaultWriteParam();
        small.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        small.setCompressionQuality(QUALITY);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(output);
            writer.write(null, new IIOImage(image, null, null), small);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
